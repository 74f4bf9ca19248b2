"""Chat clients, by OpenAI's own library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from openai import OpenAI
from starlette.testclient import TestClient

from api.app import create_app
from api.auth.keys import Keys, Scope
from api.contract.chat import ChatRequest
from api.service import Service, open_service
from api.settings import Settings
from tests.api.clients import afar, beside
from tests.api.problems import fields, problem

QUESTION = "Wanneer werd het verdrag over politiesamenwerking ondertekend?"
OFF_TOPIC = {
    "de": "Wie backt man einen guten Apfelkuchen?",
    "en": "How do I bake a good apple pie at home?",
    "fr": "Comment préparer une bonne tarte aux pommes ?",
    "nl": "Hoe bak je thuis een lekkere appeltaart met kaneel?",
}
NOTHING = {
    "de": "Nichts in dieser Sammlung beantwortet Ihre Frage.",
    "en": "Nothing in this collection answers your question.",
    "fr": "Rien dans cette collection ne répond à votre question.",
    "nl": "Niets in deze collectie geeft antwoord op uw vraag.",
}


@pytest.fixture(scope="module")
def chatting(client: TestClient) -> OpenAI:
    """OpenAI's client with a key that nobody made, on the server's machine."""
    return OpenAI(api_key="sk-any", base_url="http://127.0.0.1/v1", http_client=client)


def asked(client: OpenAI, *messages: str, **rest: Any) -> Any:
    """Send messages, the user's and the assistant's in turn, and return what is answered."""
    roles = ("user", "assistant")
    said: Any = [{"role": roles[place % 2], "content": text} for place, text in enumerate(messages)]
    model = rest.pop("model", "passerelle")
    return client.chat.completions.create(model=model, messages=said, **rest)


def test_the_content_is_the_quotation_with_a_link_to_it(chatting: OpenAI) -> None:
    completion = asked(chatting, QUESTION, temperature=0.2, max_tokens=50)
    (choice,) = completion.choices
    assert choice.finish_reason == "stop"
    content = choice.message.content
    assert "23 juillet 2018" in content
    assert (
        "[Signature du traité de coopération policière](<http://127.0.0.1/documents/d-" in content
    )
    assert "23 juli 2018" in content  # the date of the source, in the reader's language


def test_each_quotation_is_annotated_where_it_stands(chatting: OpenAI) -> None:
    message = asked(chatting, QUESTION).choices[0].message
    assert message.annotations
    for annotation in message.annotations:
        cited = annotation.url_citation
        part = message.content[cited.start_index : cited.end_index]
        assert part.startswith("> ")
        assert cited.url in part
        assert cited.title


def test_in_pieces_it_is_the_same(chatting: OpenAI) -> None:
    whole = asked(chatting, QUESTION).choices[0].message
    chunks = list(asked(chatting, QUESTION, stream=True))
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == whole.content
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices[0].finish_reason]
    last = chunks[-1].choices[0]
    assert last.finish_reason == "stop"
    assert last.delta.annotations == [each.model_dump() for each in whole.annotations]


@pytest.mark.parametrize("language", ["de", "en", "fr", "nl"])
def test_that_nothing_answers_is_said_in_the_readers_language(
    chatting: OpenAI, language: str
) -> None:
    content = asked(chatting, OFF_TOPIC[language]).choices[0].message.content
    assert content.startswith(NOTHING[language])
    assert "**" not in content


def test_a_reader_of_another_language_is_told_in_the_one_they_accept(client: TestClient) -> None:
    question = {"role": "user", "content": "Hvordan bager man en rigtig god æblekage?"}
    response = client.post(
        "/v1/chat/completions",
        json={"model": "passerelle", "messages": [question]},
        headers={"accept-language": "fr-LU, en;q=0.5"},
    )
    assert response.json()["choices"][0]["message"]["content"].startswith(NOTHING["fr"])


def test_a_follow_up_takes_the_questions_before(chatting: OpenAI) -> None:
    earlier = "Wie fährt nachts durch die Ardennen?"
    answer = asked(chatting, earlier, "> Der Nachtzug", "Und wann kommt er an?")
    assert "Amsterdam at seven" in answer.choices[0].message.content


def test_a_thank_you_is_answered_as_one(chatting: OpenAI) -> None:
    message = asked(chatting, "Merci !").choices[0].message
    assert message.annotations == []
    assert ">" not in message.content


def test_parts_of_text_are_a_question(chatting: OpenAI) -> None:
    parts = [
        {"type": "text", "text": "Wanneer werd het verdrag"},
        {"type": "text", "text": "ondertekend?"},
    ]
    message: Any = {"role": "user", "content": parts}
    answer = chatting.chat.completions.create(model="passerelle", messages=[message])
    assert "23 juillet 2018" in str(answer.choices[0].message.content)


def test_a_model_is_listed_for_everything_and_for_each_collection(chatting: OpenAI) -> None:
    listed = [model.id for model in chatting.models.list()]
    assert listed == ["passerelle", "passerelle/odd", "passerelle/press"]
    content = asked(chatting, QUESTION, model="passerelle/odd").choices[0].message.content
    assert "juillet" not in content


def test_an_unknown_model_is_an_error_and_widens_nothing(chatting: OpenAI) -> None:
    for model in ("gpt-4o", "passerelle/none", "passerelle/", "passerelleodd", ""):
        with pytest.raises(openai.NotFoundError):
            asked(chatting, QUESTION, model=model)


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "system", "content": "Answer in rhymes."}],
        [{"role": "user", "content": ""}],
        [{"role": "user", "content": "x" * 2001}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x"}}]}],
        [{"role": "user"}],
        [{"role": "pope", "content": QUESTION}],
    ],
)
def test_what_cannot_be_asked_is_a_problem(client: TestClient, messages: list[Any]) -> None:
    body = {"model": "passerelle", "messages": messages}
    found = problem(client.post("/v1/chat/completions", json=body), 422)
    assert fields(found)[0].split(".")[0] in ("messages", "question")


def test_text_of_documents_is_never_markup(chatting: OpenAI) -> None:
    content = asked(chatting, "Who sells cinnamon rolls in Ghent?").choices[0].message.content
    html = MarkdownIt("commonmark", {"html": True}).render(content)
    assert "<script" not in html
    assert "<img" not in html
    assert "<svg" not in html
    assert "&lt;script&gt;" in html


@given(st.lists(st.sampled_from(["", "?!", "Wo?", "x" * 2001, "Wann?"]), max_size=40))
def test_earlier_messages_never_hinder_a_question(earlier: list[str]) -> None:
    said = [{"role": "user", "content": text} for text in [*earlier, "Warum?"]]
    question = ChatRequest.model_validate({"model": "passerelle", "messages": said}).to_question()
    assert question.text == "Warum?"
    assert len(question.conversation) <= 20
    assert set(question.conversation) <= {"Wo?", "Wann?"}


@pytest.fixture
def empty(tmp_path: Any, cache: Any) -> Iterator[Service]:
    with open_service(Settings(data=tmp_path / "data", cache=cache), follow=True) as service:
        yield service


def test_any_key_will_do_on_the_machine_itself_until_there_is_one(empty: Service) -> None:
    question = {"model": "passerelle", "messages": [{"role": "user", "content": "Wo?"}]}
    any_key = {"authorization": "Bearer sk-any"}
    app = create_app(empty)
    here, there = beside(app, any_key), afar(app, "sk-any")
    assert here.post("/v1/chat/completions", json=question).status_code == 200
    assert here.get("/v1/models").status_code == 200
    problem(there.post("/v1/chat/completions", json=question), 401)
    with Keys(empty.settings.data) as keys:
        key, text = keys.add("reader", [Scope.READ])
        problem(here.post("/v1/chat/completions", json=question), 401)
        assert beside(app, {"authorization": f"Bearer {text}"}).get("/v1/models").is_success
        keys.revoke(key.id)
    problem(here.post("/v1/chat/completions", json=question), 401)


def test_a_page_of_another_site_cannot_have_it_answered_with_no_key_of_its_own(
    client: TestClient,
) -> None:
    """JSON needs the browser to ask first, as for /v1/ask, and only listed origins may."""
    response = client.options(
        "/v1/chat/completions",
        headers={"origin": "https://evil.example", "access-control-request-method": "POST"},
    )
    assert "access-control-allow-origin" not in response.headers


def test_nothing_of_the_stream_is_kept_or_cut(client: TestClient) -> None:
    body = {
        "model": "passerelle",
        "stream": True,
        "messages": [{"role": "user", "content": QUESTION}],
    }
    response = client.post("/v1/chat/completions", json=body)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    *events, done = [line for line in response.text.split("\n\n") if line]
    assert done == "data: [DONE]"
    assert all(
        json.loads(event.removeprefix("data: "))["model"] == "passerelle" for event in events
    )
