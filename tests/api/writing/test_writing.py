"""A language model writes, and only what the passages carry is let through."""

from __future__ import annotations

import json
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from api.cli.main import main
from api.service import Service
from api.writing.budget import Budget
from api.writing.consent import Consent
from api.writing.model_server import ModelServer
from api.writing.opening import open_writer
from api.writing.writer import AT_ONCE, Writer
from qa.answering import Answerer
from qa.config import AbstentionConfig
from qa.types import Answer, Question
from qa.writing.checking import Checker
from qa.writing.types import Problem, Sentence, Stopped
from tests.api.clients import beside
from tests.api.writing.model_servers import (
    Reply,
    Scripted,
    begin,
    claim,
    event,
    goes_on,
    says,
    says_at_once,
    scripted,
    sends,
)
from tests.encoders import WordEncoder

QUESTION = "How many stolen bicycles were given back to their owners?"
QUOTATION = "In het eerste jaar werden 3.412 fietsen aan hun eigenaar teruggegeven."
SENTENCE = "In the first year 3,412 bicycles were given back to their owners."
RIGHT = claim(SENTENCE, 1, QUOTATION)


def ask(client: TestClient, question: str = QUESTION, **rest: Any) -> dict[str, Any]:
    response = client.post("/v1/ask", json={"question": question, "write": True, **rest})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_what_the_quotation_carries_is_written(writing_client: TestClient, llm: Scripted) -> None:
    llm.reply = says(RIGHT)
    body = ask(writing_client)
    (written,) = body["written"]
    assert written["text"] == SENTENCE
    assert written["rank"] == 1
    quote = written["quote"]
    assert quote["text"] == QUOTATION
    assert body["passages"][0]["text"][quote["start"] : quote["end"]] == QUOTATION
    assert body["writing"] == {
        "host": "127.0.0.1",
        "model": "scripted-1",
        "left_out": {},
        "problem": None,
    }


def test_what_is_sent_is_the_question_and_the_passages_that_may_leave(
    writing_client: TestClient, llm: Scripted
) -> None:
    body = ask(writing_client)
    (asked,) = llm.asked
    assert (asked["path"], asked["model"]) == ("/v1/chat/completions", "scripted-1")
    assert llm.headers[0]["authorization"] == "Bearer s3cret"
    assert "cookie" not in llm.headers[0]
    sent = llm.sent()
    assert sent["question"] == QUESTION
    allowed = [each for each in body["passages"] if each["source"]["collection"] == "press"]
    assert [each["text"] for each in sent["passages"]] == [each["text"] for each in allowed]
    assert "bakery" not in llm.asked[0]["messages"][-1]["content"]
    assert "English" in asked["messages"][0]["content"]


def test_nothing_is_sent_unless_it_is_asked_for(writing_client: TestClient, llm: Scripted) -> None:
    body = writing_client.post("/v1/ask", json={"question": QUESTION}).json()
    assert not body.keys() & {"written", "writing"}
    assert writing_client.get("/", params={"q": QUESTION}).status_code == 200
    assert not llm.asked


def test_nothing_is_sent_where_nothing_answers(writing_service: Service, llm: Scripted) -> None:
    answerer = Answerer(
        writing_service.search,
        writing_service.live.newest,
        abstention=AbstentionConfig(min_confidence=2),
    )
    client = beside(replace(writing_service, answerer=answerer))
    body = ask(client)
    assert body["writing"]["problem"] == "abstained"
    assert "/write" not in client.get("/", params={"q": QUESTION}).text
    assert 'class="written"' not in client.post("/write", params={"q": QUESTION}).text
    assert not llm.asked


def test_without_a_model_that_is_said_and_the_passages_are_there(client: TestClient) -> None:
    body = ask(client)
    assert body["writing"] == {"host": None, "model": None, "left_out": {}, "problem": "off"}
    assert body["passages"]
    assert "/write" not in client.get("/", params={"q": QUESTION}).text


def test_no_text_leaves_a_collection_that_is_not_named(
    writing_client: TestClient, llm: Scripted
) -> None:
    body = ask(writing_client, "What does the bakery in Ghent sell?", collections=["odd"])
    assert body["answered"]
    assert body["writing"]["problem"] == "consent"
    assert not llm.asked


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (claim(SENTENCE, 1, "In het eerste jaar werden 3.412 fietsen gevonden."), "quotation"),
        (claim(SENTENCE, 2, QUOTATION), "quotation"),
        (claim(SENTENCE, 77, QUOTATION), "quotation"),
        (claim(SENTENCE.replace("3,412", "3,142"), 1, QUOTATION), "number"),
        (claim(SENTENCE.replace("were", "were not"), 1, QUOTATION), "negation"),
        (claim(f"{SENTENCE[:-1]} in Ghent.", 1, QUOTATION), "name"),
        (claim("The police have a register.", 1, QUOTATION), "passage"),
        (claim(f"[Look]({'https://evil.example'}) {SENTENCE}", 1, QUOTATION), "markup"),
        (claim(f"{SENTENCE} ![](//evil.example/x.png)", 1, QUOTATION), "markup"),
        (claim(f"{SENTENCE} <img src=//evil.example/x>", 1, QUOTATION), "markup"),
        (claim("Im ersten Jahr wurden 3.412 Fahrräder zurückgegeben.", 1, QUOTATION), "language"),
        (RIGHT[:-30], "unreadable"),
        (claim(SENTENCE, "1", QUOTATION), "unreadable"),
        (claim("", 1, QUOTATION), "unreadable"),
        (claim("x" * 10_000, 1, QUOTATION), "unreadable"),
        (claim(f"{SENTENCE}\u202e", 1, QUOTATION), "unreadable"),
        ('{"sentence": ["a"], "passage": {}}', "unreadable"),
    ],
)
def test_what_it_does_not_carry_is_left_out_and_counted(
    writing_client: TestClient, llm: Scripted, line: str, fault: str
) -> None:
    llm.reply = says(line)
    body = ask(writing_client)
    assert body["written"] == []
    assert body["writing"]["left_out"] == {fault: 1}
    assert body["passages"]


def test_lists_fences_and_talk_around_sentences_do_no_harm(
    writing_client: TestClient, llm: Scripted
) -> None:
    llm.reply = says("Sure! Here you are:", "```json", f"[{RIGHT},", f"{RIGHT}]", "```", "Bye {")
    body = ask(writing_client)
    assert len(body["written"]) == 2
    assert body["writing"]["left_out"] == {"unreadable": 1}


def test_a_server_that_does_not_stream_is_understood(
    writing_client: TestClient, llm: Scripted
) -> None:
    llm.reply = says_at_once(RIGHT)
    assert len(ask(writing_client)["written"]) == 1


def test_three_sentences_are_enough(writing_client: TestClient, llm: Scripted) -> None:
    llm.reply = goes_on(f"{RIGHT}\n")
    body = ask(writing_client)
    assert len(body["written"]) == 3
    assert body["writing"]["problem"] is None


def drips(handler: BaseHTTPRequestHandler) -> None:
    begin(handler, 200, "text/event-stream")
    while True:
        event(handler, {"choices": []})


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (sends(500, {}, b"oops"), "refused"),
        (sends(302, {"Location": "http://127.0.0.1:9/"}), "refused"),
        (sends(307, {"Location": "https://evil.example/v1"}), "refused"),
        (sends(200, {"Content-Type": "application/json"}, b"[1,"), "unusable"),
        (sends(200, {"Content-Type": "application/json"}, b"[" * 100_000), "unusable"),
        (sends(200, {"Content-Type": "application/json"}, b'{"choices": 7}'), "unusable"),
        (sends(200, {"Content-Type": "text/event-stream"}, b"data: garbage\n\n"), "unusable"),
        (sends(200, {"Content-Type": "text/html"}, b"\x00\xff" * 1000), "nothing"),
        (sends(200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"), "unusable"),
        (goes_on("word " * 1000), "unusable"),
        (drips, "unusable"),
        (says("I do not know."), "nothing"),
    ],
)
def test_a_server_that_fails_costs_nothing_but_the_sentences(
    writing_client: TestClient, llm: Scripted, reply: Reply, problem: str
) -> None:
    llm.reply = reply
    body = ask(writing_client)
    assert body["written"] == []
    assert body["writing"]["problem"] == problem
    assert body["passages"]
    assert len(llm.asked) == 1


def test_a_sentence_that_came_before_a_failure_stands(
    writing_client: TestClient, llm: Scripted
) -> None:
    def breaks_off(handler: BaseHTTPRequestHandler) -> None:
        begin(handler, 200, "text/event-stream")
        event(handler, {"choices": [{"delta": {"content": RIGHT}}]})
        handler.wfile.write(b"data: {half\n\n")

    llm.reply = breaks_off
    body = ask(writing_client)
    assert len(body["written"]) == 1
    assert body["writing"]["problem"] == "unusable"


def _writer(service: Service, url: str, *, seconds: float = 20, per_day: int = 100) -> Writer:
    server = ModelServer(url, "", "m", seconds)
    return Writer(server, Checker(service.encoder), Consent(None), Budget(per_day))


def test_a_server_that_is_not_there_or_too_slow_is_said(service: Service, llm: Scripted) -> None:
    gone = beside(replace(service, writer=_writer(service, "http://127.0.0.1:9/v1")))
    assert ask(gone)["writing"]["problem"] == "unreachable"
    llm.reply = goes_on("")
    slow = beside(replace(service, writer=_writer(service, llm.url, seconds=1e-9)))
    assert ask(slow)["writing"]["problem"] == "slow"


def test_no_more_is_asked_in_a_day_than_may_be(service: Service) -> None:
    with scripted() as own:  # where no request of another test may still come
        client = beside(replace(service, writer=_writer(service, own.url, per_day=1)))
        problems = [ask(client)["writing"]["problem"] for _ in range(3)]
        assert problems == ["nothing", "budget", "budget"]
        assert len(own.asked) == 1


def test_only_so_many_answers_are_written_at_once(service: Service, llm: Scripted) -> None:
    llm.reply = goes_on(f"{RIGHT}\n")
    writer = _writer(service, llm.url)
    answer = service.answerer.answer(Question(QUESTION))
    assert isinstance(answer, Answer)
    begun = [writer.write(answer, "en") for _ in range(AT_ONCE)]
    assert all(isinstance(next(each), Sentence) for each in begun)
    assert list(writer.write(answer, "en")) == [Stopped(Problem.BUSY)]
    begun[0].close()
    assert isinstance(next(writer.write(answer, "en")), Sentence)


@pytest.mark.parametrize("accepts", ["application/json", "text/html", "text/event-stream"])
@pytest.mark.parametrize("path", ["/v1/ask", "/write"])
def test_nobody_waits_for_a_place_that_somebody_else_holds_while_a_model_writes(
    writing_client: TestClient, llm: Scripted, path: str, accepts: str
) -> None:
    held: list[int] = []
    app: Any = writing_client.app

    def notes_places(handler: BaseHTTPRequestHandler) -> None:
        held.append(app.state.gates.questions.inside)
        says(RIGHT)(handler)

    llm.reply = notes_places
    accept = {"Accept": accepts}
    if path == "/write":
        response = writing_client.post(path, headers=accept, params={"q": QUESTION})
    else:
        body = {"question": QUESTION, "write": True}
        response = writing_client.post(path, headers=accept, json=body)
    assert SENTENCE in response.text
    assert held == [0]


def test_nothing_is_sent_for_a_language_that_cannot_be_checked(
    service: Service, llm: Scripted
) -> None:
    answer = service.answerer.answer(Question(QUESTION))
    assert isinstance(answer, Answer)
    writer = _writer(service, llm.url)
    assert list(writer.write(answer, "ja")) == [Stopped(Problem.LANGUAGE)]
    assert not llm.asked


def test_the_events_of_a_stream_are_the_answer_its_sentences_and_the_end(
    writing_client: TestClient, llm: Scripted
) -> None:
    llm.reply = says(RIGHT, claim(SENTENCE, 3, QUOTATION))
    response = writing_client.post(
        "/v1/ask",
        json={"question": QUESTION, "write": True},
        headers={"accept": "text/event-stream"},
    )
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [block.split("\n") for block in response.text.strip().split("\n\n")]
    assert [name for name, _ in events] == ["event: answer", "event: sentence", "event: end"]
    answer, sentence, end = (json.loads(data.removeprefix("data: ")) for _, data in events)
    assert answer["passages"]
    assert sentence["text"] == SENTENCE
    assert end["left_out"] == {"quotation": 1}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PASSERELLE_LLM_URL", "ftp://x", "PASSERELLE_LLM_URL cannot be"),
        ("PASSERELLE_LLM_URL", "http://a:b@x/v1", "without a password"),
        ("PASSERELLE_LLM_URL", "http://x/v1?k=1", "without ? and #"),
        ("PASSERELLE_LLM_URL", "http://x/v1", "PASSERELLE_LLM_MODEL cannot be"),
    ],
)
def test_a_setting_that_cannot_be_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    done = CliRunner().invoke(main, ["serve", "--data", str(tmp_path)])
    assert done.exit_code == 2
    assert said in done.output


def test_the_key_is_shown_nowhere(writing_service: Service) -> None:
    assert "s3cret" not in repr(writing_service.settings)
    assert "s3cret" not in str(writing_service.settings.model_dump())


def test_collections_are_named_with_commas_and_a_star_stands_for_all() -> None:
    assert Consent.of(" press, Annual reports ,").collections == frozenset(
        ("press", "Annual reports")
    )
    assert Consent.of("").collections == frozenset()
    assert Consent.of("*").collections is None


def test_a_budget_begins_anew_each_day() -> None:
    from datetime import date

    today = [date(2026, 1, 1)]
    budget = Budget(1, lambda: today[0])
    assert [budget.take(), budget.take()] == [True, False]
    today[0] = date(2026, 1, 2)
    assert budget.take()


def test_after_a_model_that_cannot_check_one_that_can_has_answers_written_again(
    writing_service: Service, llm: Scripted
) -> None:
    able = writing_service.switcher.answering
    without = writing_service.with_model(able._replace(encoder=WordEncoder()))
    assert without.writer is None
    llm.reply = says(RIGHT)
    assert len(ask(beside(without.with_model(able)))["written"]) == 1


def test_the_writer_is_opened_and_closed_with_the_service(writing_service: Service) -> None:
    with open_writer(writing_service.settings, writing_service.encoder) as writer:
        assert (writer.host, writer.model) == ("127.0.0.1", "scripted-1")
