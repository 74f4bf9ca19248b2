from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from api.contract.answers import AskResponse
from corpus.types import Span
from tests.api.problems import fields, problem

DUTCH_QUESTION = "Wanneer werd het verdrag over politiesamenwerking ondertekend?"


def ask(client: TestClient, question: str = DUTCH_QUESTION, **rest: Any) -> dict[str, Any]:
    response = client.post("/v1/ask", json={"question": question, **rest})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    AskResponse.model_validate(response.json())
    body: dict[str, Any] = response.json()
    return body


def test_a_question_finds_the_passage_in_another_language(client: TestClient) -> None:
    body = ask(client)
    first = body["passages"][0]
    assert body["question"]["text"] == DUTCH_QUESTION
    assert body["question"]["language"] == "nl"
    assert first["language"] == "fr"
    assert "23 juillet 2018" in first["text"]
    assert first["also_in"] == []
    assert first["source"]["file"] == "traite.txt"
    assert first["source"]["collection"] == "press"
    assert first["source"]["published"] == "2018-07-23"


def test_the_answer_is_a_slice_of_the_passage_and_that_of_the_text(client: TestClient) -> None:
    for passage in ask(client)["passages"]:
        source, answer = passage["source"], passage["answer"]
        text = client.get(f"/v1/documents/{source['document']}/text").text
        assert text[source["start"] : source["end"]] == passage["text"]
        assert passage["text"][answer["start"] : answer["end"]] == answer["text"]
        span = Span(source["start"], source["end"])
        assert source["link"] == f"/documents/{source['document']}#{span.start}-{span.end}"


def test_passages_are_ranked_and_limited(client: TestClient) -> None:
    passages = ask(client, limit=3)["passages"]
    assert [passage["rank"] for passage in passages] == [1, 2, 3]
    scores = [passage["score"] for passage in passages]
    assert scores == sorted(scores, reverse=True)


def test_numbers_are_rounded(client: TestClient) -> None:
    body = ask(client)
    assert body["confidence"] == round(body["confidence"], 4)
    assert all(each["score"] == round(each["score"], 4) for each in body["passages"])
    assert all(value == round(value, 2) for value in body["took_ms"].values())
    assert list(body["took_ms"]) == ["total", "encode", "search", "rank", "read"]


def test_a_language_filter_keeps_the_passages_in_it(client: TestClient) -> None:
    body = ask(client, languages=["de", "LB"])
    assert {passage["language"] for passage in body["passages"]} == {"de", "lb"}


def test_a_date_filter_keeps_the_documents_published_then(client: TestClient) -> None:
    body = ask(client, published_from="2019-11-14", published_to="2020-02-05")
    published = {passage["source"]["published"] for passage in body["passages"]}
    assert published == {"2019-11-14", "2020-02-05"}


def test_a_collection_filter_keeps_the_documents_in_it(client: TestClient) -> None:
    passages = ask(client, collections=["odd"])["passages"]
    assert {passage["source"]["collection"] for passage in passages} == {"odd"}


@pytest.mark.parametrize(
    "scope", [{"languages": ["xx"]}, {"collections": ["none"]}, {"published_to": "1900-01-01"}]
)
def test_nothing_in_scope_is_no_error(client: TestClient, scope: dict[str, Any]) -> None:
    body = ask(client, **scope)
    assert body["answered"] is False
    assert body["passages"] == []
    assert body["confidence"] == 0


def test_quick_reads_nothing_and_thorough_is_the_default(client: TestClient) -> None:
    assert ask(client, effort="quick")["took_ms"]["read"] == 0
    assert ask(client, effort="thorough")["took_ms"]["read"] > 0
    assert ask(client)["took_ms"]["read"] > 0
    response = client.post("/v1/ask", json={"question": DUTCH_QUESTION, "effort": "slow"})
    assert response.status_code == 422
    assert fields(response.json()) == ["effort"]


@pytest.mark.parametrize("effort", ["quick", "thorough"])
def test_it_is_answered_unless_nothing_is_the_outcome(client: TestClient, effort: str) -> None:
    for question in (DUTCH_QUESTION, "Wie backt man einen guten Apfelkuchen?", "Qui ?"):
        body = ask(client, question, effort=effort)
        assert body["outcome"] in ("answers", "may_answer", "nothing")
        assert body["answered"] is (body["outcome"] != "nothing")


def test_every_field_of_the_contract_is_taken(client: TestClient) -> None:
    ask(
        client,
        limit=50,
        languages=["fr", "nl"],
        published_from="2017-01-01",
        published_to="2022-12-31",
        collections=["press"],
        prefer=0.5,
        translations="separate",
        effort="quick",
        conversation=[{"question": "Welke landen hebben het verdrag gesloten?"}],
    )


def test_nulls_stand_for_what_is_left_out(client: TestClient) -> None:
    ask(client, published_from=None, published_to=None, prefer=None)


def test_the_longest_question_is_taken_after_trimming(client: TestClient) -> None:
    body = ask(client, " \n" + "a" * 2000 + "  ")
    assert body["question"]["text"] == "a" * 2000


def test_a_question_may_hold_any_character_of_unicode(client: TestClient) -> None:
    question = "Où est 🚲 ? \u202e عربى \U0001f9d1\u200d\U0001f680 \ufffe"
    assert ask(client, question)["question"]["text"] == question.strip()


def test_a_hostile_passage_is_given_as_it_stands(client: TestClient) -> None:
    passage = ask(client, "Who sells cinnamon rolls in Ghent?")["passages"][0]
    assert '<script>alert("text")</script>' in passage["text"]


@pytest.mark.parametrize(
    "question",
    ["", "   \n\t", "a" * 2001, "🙂🙂", "?!", "a\0b"],
    ids=["empty", "spaces", "2,001 characters", "emoji", "punctuation", "NUL"],
)
def test_an_unusable_question_is_a_problem_with_that_field(
    client: TestClient, question: str
) -> None:
    body = problem(client.post("/v1/ask", json={"question": question}), 422)
    assert body["type"] == "/problems/invalid-request"
    assert fields(body) == ["question"]


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (rb'{"question": "\ud800 where?"}', "question"),
        (rb'{"question": "where?", "conversation": [{"question": "\udfff"}]}',
         "conversation.0.question"),
        (rb'{"question": "where?", "languages": ["\ud800"]}', "languages.0"),
        (rb'{"question": "where?", "collections": ["\ud800"]}', "collections.0"),
        (rb'{"question": "where?", "translations": "\ud800"}', "translations"),
        (rb'{"question": "where?", "published_from": "\ud800"}', "published_from"),
        (rb'{"question": "where?", "\ud800": 1}', "body"),
    ],
)  # fmt: skip
def test_half_a_surrogate_pair_is_refused_wherever_it_stands(
    client: TestClient, raw: bytes, field: str
) -> None:
    response = client.post("/v1/ask", content=raw, headers={"content-type": "application/json"})
    assert fields(problem(response, 422)) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("question", 5),
        ("question", None),
        ("question", ["where?"]),
        ("limit", 0),
        ("limit", 51),
        ("limit", "5"),
        ("limit", 2.5),
        ("limit", True),
        ("limit", 10**30),
        ("languages", "fr"),
        ("languages", ["fr"] * 201),
        ("published_from", "20170101"),
        ("published_from", "2017-02-30"),
        ("published_from", "2017-01-01T00:00:00"),
        ("published_from", 0),
        ("collections", {"a": 1}),
        ("prefer", -0.1),
        ("prefer", 10.1),
        ("prefer", 10**400),
        ("prefer", "0.5"),
        ("translations", "both"),
        ("conversation", [{"question": "where?"}] * 21),
        ("conversation", "where?"),
        ("answer", True),
    ],
)
def test_a_bad_value_is_a_problem_with_that_field(
    client: TestClient, field: str, value: object
) -> None:
    body = problem(client.post("/v1/ask", json={"question": "Where?", field: value}), 422)
    assert [name.split(".")[0] for name in fields(body)] == [field]


@pytest.mark.parametrize(
    ("earlier", "field"),
    [
        ({"question": " "}, "conversation.0.question"),
        ({"text": "where?"}, "conversation.0.question"),
        ({"question": "where?", "answer": "there"}, "conversation.0.answer"),
        ("where?", "conversation.0"),
    ],
)
def test_a_bad_earlier_question_is_a_problem_with_its_place(
    client: TestClient, earlier: object, field: str
) -> None:
    response = client.post("/v1/ask", json={"question": "Where?", "conversation": [earlier]})
    assert fields(problem(response, 422))[0] == field


def test_a_range_that_ends_before_it_begins_is_a_problem(client: TestClient) -> None:
    asked = {"question": "Where?", "published_from": "2020-01-02", "published_to": "2020-01-01"}
    assert fields(problem(client.post("/v1/ask", json=asked), 422)) == ["published_to"]


def test_a_missing_question_is_a_problem(client: TestClient) -> None:
    assert fields(problem(client.post("/v1/ask", json={}), 422)) == ["question"]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999"])
def test_a_preference_that_is_no_number_is_a_problem(client: TestClient, value: str) -> None:
    raw = f'{{"question": "where?", "prefer": {value}}}'
    response = client.post("/v1/ask", content=raw, headers={"content-type": "application/json"})
    assert fields(problem(response, 422)) == ["prefer"]


NOT_ASKED: dict[str, list[Any]] = {
    "unknown_collections": [], "unknown_languages": [], "dates": [], "corrected": [],
    "containing": [],
}  # fmt: skip


def test_a_question_that_is_answered_needs_no_advice(client: TestClient) -> None:
    body = ask(client, "Quand le traité de coopération policière a-t-il été signé ?")
    assert body["answered"]
    assert body["advice"] == NOT_ASKED


@pytest.mark.parametrize(
    ("asked", "advice"),
    [
        ({"collections": ["pres"]}, {"unknown_collections": ["pres"]}),
        ({"languages": ["it", "es"]}, {"unknown_languages": ["es", "it"]}),
        ({"published_from": "2030-01-01"}, {"dates": ["2018-07-23", "2021-03-12"]}),
        ({"collections": ["odd"], "languages": ["fr"]}, {}),
    ],
)
def test_what_was_asked_for_and_is_not_there_is_named(
    client: TestClient, asked: dict[str, Any], advice: dict[str, Any]
) -> None:
    body = ask(client, "Quand le traité de coopération policière a-t-il été signé ?", **asked)
    assert (body["answered"], body["passages"]) == (False, [])
    assert body["advice"] == NOT_ASKED | advice


def test_a_mistyped_keyword_is_corrected(doubting: TestClient) -> None:
    assert ask(doubting, "Pegell")["advice"]["corrected"] == ["Pegel"]


def test_the_passages_with_a_keyword_are_listed(doubting: TestClient) -> None:
    body = ask(doubting, "Alkohol")
    (passage,) = body["advice"]["containing"]
    assert passage["source"]["file"] == "patrullen.txt"
    assert "Alkohol" in passage["answer"]["text"]
