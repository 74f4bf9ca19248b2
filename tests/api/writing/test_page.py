"""The page has an answer written by a form, with a script and without, and says by whom."""

from __future__ import annotations

import json
import re

import pytest
from starlette.testclient import TestClient

from api.service import Service
from api.web.i18n import counted, texts
from qa.writing.types import Problem
from tests.api.clients import afar
from tests.api.writing.model_servers import Scripted, claim, goes_on, says, sends
from tests.api.writing.test_writing import QUESTION, QUOTATION, RIGHT, SENTENCE
from tests.languages import SHOWN


def page(client: TestClient, **parameters: str) -> str:
    response = client.get("/", params={"q": QUESTION, **parameters})
    assert response.status_code == 200
    return response.text


def action(html: str) -> str:
    found = re.search(r'<form class="write" method="post" action="([^"]+)"', html)
    assert found
    return found[1].replace("&amp;", "&")


@pytest.mark.parametrize("language", SHOWN)
def test_the_form_says_where_the_question_goes_and_brings_sentences_back(
    writing_client: TestClient, llm: Scripted, language: str
) -> None:
    asked = page(writing_client, lang=language)
    assert texts(language).write_sends.format(host="127.0.0.1") in asked
    assert not llm.asked
    llm.reply = says(RIGHT, claim(SENTENCE, 2, QUOTATION))
    response = writing_client.post(action(asked))
    assert response.status_code == 200
    html = response.text
    assert SENTENCE in html
    assert f'<blockquote lang="nl" dir="ltr">{QUOTATION}</blockquote>' in html
    assert counted("sentence_left_out", 1, language) in html
    assert "scripted-1" in html
    assert html.count('<article class="passage') > 1
    assert '<form class="write"' not in html


def test_the_quotation_is_one_click_away_in_its_document(
    writing_client: TestClient, llm: Scripted
) -> None:
    llm.reply = says(RIGHT)
    html = writing_client.post(action(page(writing_client))).text
    found = re.search(r'href="/documents/(d-\w+)#(\d+)-(\d+)"><span lang="nl"', html)
    assert found
    text = writing_client.get(f"/v1/documents/{found[1]}/text").text
    assert text[int(found[2]) : int(found[3])] == QUOTATION


def test_with_a_script_each_sentence_comes_as_markup_of_ours(
    writing_client: TestClient, llm: Scripted
) -> None:
    llm.reply = says(RIGHT)
    address = action(page(writing_client))
    response = writing_client.post(address, headers={"accept": "text/event-stream"})
    blocks = [block.split("\n") for block in response.text.strip().split("\n\n")]
    assert [name for name, _ in blocks] == ["event: sentence", "event: end"]
    sentence, end = (json.loads(data.removeprefix("data: "))["html"] for _, data in blocks)
    assert sentence.strip().startswith("<li>")
    assert SENTENCE in sentence
    assert end.strip().startswith('<div class="written-end">')


def test_no_markup_of_a_models_is_rendered(writing_client: TestClient, llm: Scripted) -> None:
    """Of what is let through, too: "<" may stand in a sentence that the passage bears out."""
    quotation = "Eigenaars laten hun framenummer gratis graveren bij het gemeentehuis."
    sentence = 'Owners have their frame number engraved at the town hall "free" & < fast.'
    llm.reply = says(claim(sentence, 1, quotation))
    html = writing_client.post(action(page(writing_client))).text
    assert '"free" &' not in html
    written = re.findall(r'<p lang="en" dir="ltr">(Owners[^<]*)</p>', html)
    assert written == ["Owners have their frame number engraved at the town hall "
                       "&#34;free&#34; &amp; &lt; fast."]  # fmt: skip


@pytest.mark.parametrize("language", SHOWN)
def test_what_goes_wrong_is_said_in_the_readers_language_and_the_passages_stay(
    writing_client: TestClient, llm: Scripted, language: str
) -> None:
    llm.reply = sends(500, {})
    html = writing_client.post(action(page(writing_client, lang=language))).text
    assert texts(language).not_written_failed in html
    assert QUOTATION in html
    llm.reply = says(goes := "nothing")
    html = writing_client.post(action(page(writing_client, lang=language))).text
    assert goes
    assert texts(language).not_written_nothing in html


def test_every_problem_has_its_words() -> None:
    shown = {"consent", "off", "abstained"}  # there is no form then
    failed = {"unreachable", "refused", "slow", "unusable"}
    said = {name.removeprefix("not_written_") for name in texts("en") if "not_written_" in name}
    assert {each.value for each in Problem} == shown | failed | (said - {"failed"})


def test_who_reloads_the_page_or_changes_its_language_asks_again(
    writing_client: TestClient, llm: Scripted
) -> None:
    response = writing_client.get("/write", params={"q": QUESTION}, follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"].startswith("/?q=How+many")
    empty = writing_client.post("/write", params={"q": " "}, follow_redirects=False)
    assert empty.headers["location"] == "/?q=%20" or empty.headers["location"] == "/?q=+"
    large = writing_client.post("/write", params={"q": QUESTION}, content=b"x" * 100_001)
    assert large.status_code == 413
    assert not llm.asked


def test_a_page_of_another_site_has_nothing_written(
    writing_client: TestClient, writing_service: Service, llm: Scripted
) -> None:
    llm.reply = goes_on(RIGHT)
    headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    response = writing_client.post("/write", params={"q": QUESTION}, headers=headers)
    assert response.status_code == 403
    assert afar(writing_service).post("/write", params={"q": QUESTION}).status_code in (401, 403)
    assert not llm.asked
