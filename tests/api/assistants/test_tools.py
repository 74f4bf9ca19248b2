"""The tools as an assistant calls them, by the SDK's own client, over Streamable HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import validate
from mcp import Client, MCPError

from api.service import Service
from tests.api.assistants.clients import refused, talk, text_of, told

QUESTION = "Wanneer werd het verdrag over politiesamenwerking ondertekend?"
OFF_TOPIC = "Wie backt man einen guten Apfelkuchen?"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_either_generation_of_the_protocol_lists_and_asks(service: Service, mode: str) -> None:
    async def conversation(client: Client) -> None:
        listed = (await client.list_tools()).tools
        assert [tool.name for tool in listed] == ["search", "fetch", "ask"]
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in listed)
        result = await client.call_tool("ask", {"question": QUESTION})
        validate(result.structured_content, listed[2].output_schema)
        assert result.structured_content["answered"] is True

    talk(service, conversation, mode)


def test_search_gives_what_openais_connectors_want_and_where_it_stands(service: Service) -> None:
    first = told(service, "search", {"query": QUESTION, "limit": 2})["results"][0]
    assert first["id"].startswith("d-")
    assert first["title"] == "Signature du traité de coopération policière"
    assert first["url"] == f"http://127.0.0.1/documents/{first['id']}"
    assert first["language"] == "fr"
    assert first["published"] == "2018-07-23"
    assert first["answer"]["text"] in first["text"]
    assert first["end"] - first["start"] == len(first["text"])


def test_fetch_gives_a_passage_and_its_whole_document_word_for_word(service: Service) -> None:
    found = told(service, "search", {"query": QUESTION})["results"][0]
    passage = told(service, "fetch", {"id": found["id"]})
    assert {"id", "title", "text", "url", "metadata"} == set(passage)
    assert passage["text"] == found["text"]
    whole = told(service, "fetch", {"id": found["id"].partition("#")[0]})
    assert whole["text"][found["start"] : found["end"]] == found["text"]
    assert whole["metadata"]["characters"] == len(whole["text"])
    assert whole["metadata"]["next"] is None


def test_what_does_not_fit_is_named_and_read_on_from_there(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = told(service, "search", {"query": QUESTION})["results"][0]
    document = found["id"].partition("#")[0]
    whole = told(service, "fetch", {"id": document})["text"]
    monkeypatch.setattr("api.assistants.tools.MAX_CHARACTERS", 100)
    read, following = "", document
    while following:
        part = told(service, "fetch", {"id": following})
        assert len(part["text"]) <= 100
        read, following = read + part["text"], part["metadata"]["next"]
    assert read == whole


def test_ask_says_that_nothing_answers(service: Service) -> None:
    asked = told(service, "ask", {"question": OFF_TOPIC})
    assert asked["answered"] is False
    assert asked["outcome"] == "nothing"
    assert asked["passages"]


def test_ask_takes_the_questions_before(service: Service) -> None:
    earlier = ["Wie fährt nachts durch die Ardennen?"]
    asked = told(service, "ask", {"question": "Und wann kommt er an?", "conversation": earlier})
    assert "Ardennen" in asked["question"]["standalone"]


def test_a_filter_narrows(service: Service) -> None:
    narrowed = {"query": QUESTION, "languages": ["de", "LB"], "published_from": "2019-12-01"}
    results = told(service, "search", narrowed)["results"]
    assert {each["language"] for each in results} == {"de"}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"languages": ["xx"]}, "'xx'"),
        ({"languages": []}, "languages"),
        ({"languages": "fr"}, "languages"),
        ({"language": ["fr"]}, "There is no field with this name"),
        ({"collections": ["none"]}, "Choose from: 'odd', 'press'"),
        ({"collections": [""]}, "collections.0"),
        ({"published_from": "2018"}, "YYYY-MM-DD"),
        ({"published_to": ""}, "YYYY-MM-DD"),
        ({"published_from": "2020-01-02", "published_to": "2020-01-01"}, "ends before it begins"),
        ({"limit": 0}, "limit"),
        ({"limit": "5"}, "limit"),
    ],
)
@pytest.mark.parametrize("name", ["search", "ask"])
def test_a_filter_that_cannot_be_used_is_an_error(
    service: Service, name: str, wrong: dict[str, Any], why: str
) -> None:
    question = {"query" if name == "search" else "question": QUESTION}
    assert why in refused(service, name, {**question, **wrong})


@pytest.mark.parametrize(
    ("id_", "why"),
    [
        ("", "is no id"),
        ("d-0123456789abcdef", "no document with this id"),
        ("../../etc/passwd", "is no id"),
        ("d-0123456789abcdef#9-1", "no document with this id"),
        ("x" * 200, "id"),
    ],
)
def test_what_is_no_id_is_an_error(service: Service, id_: str, why: str) -> None:
    assert why in refused(service, "fetch", {"id": id_})


def test_a_range_that_the_document_does_not_have_is_an_error(service: Service) -> None:
    document = told(service, "search", {"query": QUESTION})["results"][0]["id"].partition("#")[0]
    for span in ("9-1", "0-0", "0-9999999", "9999999-9999999999"):
        assert "no range" in refused(service, "fetch", {"id": f"{document}#{span}"})


@pytest.mark.parametrize("question", ["", "?!", "x" * 2001], ids=["empty", "no word", "long"])
def test_what_is_no_question_is_an_error(service: Service, question: str) -> None:
    assert "question" in refused(service, "ask", {"question": question})


def test_an_unknown_tool_prompt_or_resource_is_an_error(service: Service) -> None:
    async def conversation(client: Client) -> None:
        for wrong in (
            client.call_tool("delete", {}),
            client.get_prompt("other", {"question": QUESTION}),
            client.get_prompt("cited_answer", {}),
            client.get_prompt("cited_answer", {"question": " "}),
            client.read_resource("file:///etc/passwd"),
            client.read_resource("passerelle://documents/d-0123456789abcdef"),
            client.list_resources(cursor="-1"),
        ):
            with pytest.raises(MCPError):
                await wrong

    talk(service, conversation)


def test_documents_are_resources(service: Service, ids: dict[str, str]) -> None:
    async def conversation(client: Client) -> None:
        listed = (await client.list_resources()).resources
        assert {each.uri.rpartition("/")[2] for each in listed} == set(ids.values())
        uri = next(each.uri for each in listed if each.name == "train.txt")
        (read,) = (await client.read_resource(uri)).contents
        assert "reaches Amsterdam at seven" in text_of(read)
        templates = (await client.list_resource_templates()).resource_templates
        assert [each.uri_template for each in templates] == ["passerelle://documents/{id}"]

    talk(service, conversation)


def test_the_list_of_documents_has_pages(
    service: Service, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.assistants.documents.PAGE", 4)

    async def conversation(client: Client) -> None:
        first = await client.list_resources()
        second = await client.list_resources(cursor=first.next_cursor)
        assert (len(first.resources), len(second.resources)) == (4, 2)
        assert second.next_cursor is None

    talk(service, conversation)


def test_a_long_resource_says_where_it_goes_on(
    service: Service, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.assistants.tools.MAX_CHARACTERS", 100)

    async def conversation(client: Client) -> None:
        uri = f"passerelle://documents/{ids['train.txt']}"
        part, hint = (await client.read_resource(uri)).contents
        assert len(text_of(part)) == 100
        assert hint.uri in text_of(hint)
        following = (await client.read_resource(hint.uri)).contents[0]
        assert text_of(following)

    talk(service, conversation)


def test_the_prompt_asks_for_quotations_and_an_admission(service: Service) -> None:
    async def conversation(client: Client) -> None:
        (prompt,) = (await client.list_prompts()).prompts
        filled = await client.get_prompt(prompt.name, {"question": QUESTION})
        text = text_of(filled.messages[0].content)
        assert QUESTION in text
        assert "`ask`" in text

    talk(service, conversation)


def test_hostile_text_stays_text(service: Service) -> None:
    hits = told(service, "search", {"query": "Who sells cinnamon rolls?"})["results"]
    hit = next(each for each in hits if each["collection"] == "odd")
    assert "<script>alert(" in hit["text"]
    assert hit["url"].startswith("http://127.0.0.1/documents/d-")
