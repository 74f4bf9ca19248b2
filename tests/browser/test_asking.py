from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from api.web.i18n import texts
from tests.browser.conftest import Reader, Site

ENGLISH = texts("en")
FIRST = "Why could the Belgian stretchers not be hoisted by the German helicopters?"
SECOND = "Who decides whether an alert goes out when a child has disappeared?"
NOWHERE = "Who won the football world cup in 1998?"
QUESTIONS = {
    "en": FIRST,
    "fr": "Qui paie l'interprète quand une personne est entendue au commissariat par téléphone ?",
    "nl": "Wat kost een vergunning voor uitzonderlijk vervoer en hoe lang blijft ze geldig?",
    "de": "Weshalb ging bei der Cyberübung die erste Warnung an einen Rentner?",
    "lb": "Wéini kënnen d'Elteren de Camp vun de jonke Pompjeeë besichen?",
}


def ask(page: Page, question: str) -> None:
    """Type a question and press Enter, and wait until its answer is there."""
    page.locator("#q").fill(question)
    page.locator("#q").press("Enter")
    expect(page.locator(".turn").last.locator(".asked")).to_have_text(question)


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_question_is_answered_in_each_language(reader: Reader, site: Site, language: str) -> None:
    answer = site.ask(QUESTIONS[language])
    first = answer["passages"][0]
    page = reader.opens(language)
    page.goto("/")
    ask(page, QUESTIONS[language])
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator(".turn mark").first.inner_text() == first["answer"]["text"]
    assert page.locator(".turn blockquote").first.get_attribute("lang") == first["language"]
    expect(page.locator(".outcome")).to_be_focused()
    expect(page.locator(".outcome")).to_have_text(texts(language)["answered"])
    expect(page.locator(".outcome")).to_be_in_viewport()
    own = first["language"] in (language, answer["question"]["language"])
    badge = page.locator(".turn .badge").first
    assert texts(language)["own" if own else "other"] in badge.inner_text()
    assert page.title().startswith(QUESTIONS[language])


def test_one_status_announces_and_nothing_alarms(reader: Reader) -> None:
    page = reader.opens()
    page.goto("/")
    ask(page, FIRST)
    expect(page.get_by_role("status")).to_have_count(1)
    expect(page.get_by_role("status")).to_contain_text("5 passages found")
    expect(page.get_by_role("alert")).to_have_text("")


def test_it_is_said_that_nothing_answers(reader: Reader, site: Site) -> None:
    assert not site.ask(NOWHERE)["answered"]
    page = reader.opens()
    page.goto("/")
    ask(page, NOWHERE)
    expect(page.get_by_role("status")).to_have_text(ENGLISH["abstained"])
    expect(page.locator(".notice")).to_contain_text(ENGLISH["nearest"])
    expect(page.locator("mark")).to_have_count(0)
    expect(page.locator(".turn > .passage")).to_have_count(1)


def test_a_follow_up_stands_below_the_first_question_and_knows_of_it(reader: Reader) -> None:
    page = reader.opens()
    page.goto("/")
    ask(page, FIRST)
    ask(page, "And who took part?")
    assert page.locator(".asked").all_inner_texts() == [FIRST, "And who took part?"]
    assert "earlier=Why" in page.url
    assert page.locator("#q").input_value() == ""
    page.reload()
    expect(page.locator(".earlier a")).to_have_text(FIRST)
    expect(page.locator(".asked")).to_have_text("And who took part?")


def test_the_back_button_goes_back_in_the_conversation(reader: Reader) -> None:
    page = reader.opens()
    page.goto("/")
    ask(page, FIRST)
    ask(page, SECOND)
    page.go_back()
    expect(page.locator(".asked")).to_have_text([FIRST])
    page.go_forward()
    expect(page.locator(".asked")).to_have_text([FIRST, SECOND])
    page.go_back()
    page.go_back()
    expect(page.locator("h1")).to_have_text(ENGLISH["headline"])


def test_the_back_button_leads_from_the_document_to_the_answer(reader: Reader) -> None:
    page = reader.opens()
    page.goto("/")
    ask(page, FIRST)
    page.locator(".open").first.click()
    page.wait_for_url("**/documents/**")
    page.go_back()
    expect(page.locator(".asked")).to_have_text(FIRST)


def test_a_filter_narrows_the_search_and_can_be_taken_off(reader: Reader) -> None:
    page = reader.opens()
    page.goto("/")
    page.get_by_text(ENGLISH["filters"]).click()
    page.get_by_label("Dutch").check()
    page.get_by_label(ENGLISH["from"], exact=True).fill("2015-01-01")
    ask(page, SECOND)
    languages = page.locator(".turn blockquote").evaluate_all("all => all.map(one => one.lang)")
    assert set(languages) == {"nl"}
    expect(page.locator(".narrowed")).to_contain_text("Dutch")
    expect(page.locator(".narrowed")).to_contain_text("1 January 2015")
    assert "published_to" not in page.url, "what is left empty has no place in an address"
    page.get_by_text(ENGLISH["anywhere"]).click()
    expect(page.locator(".narrowed")).to_have_count(0)
    assert "languages" not in page.url


def test_passages_are_folded_and_told_apart_by_language(reader: Reader) -> None:
    page = reader.opens()
    page.goto("/")
    ask(page, FIRST)
    expect(page.locator(".further .passage").first).to_be_hidden()
    page.locator(".further > summary").click()
    expect(page.locator(".further .passage")).to_have_count(4)
    for badge in page.locator(".turn .badge").all():
        kind = "own" if ENGLISH["own"] in badge.inner_text() else "other"
        assert kind in str(badge.get_attribute("class"))
        assert ENGLISH[kind] in badge.inner_text()


def test_a_suggested_question_is_one_click(reader: Reader) -> None:
    page = reader.opens("nl")
    page.goto("/")
    suggested = page.locator(".suggested a").first
    question = suggested.inner_text()
    suggested.click()
    expect(page.locator(".asked")).to_have_text(question)


def test_the_whole_way_can_be_gone_by_keyboard(reader: Reader) -> None:
    page = reader.opens()
    page.goto("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(FIRST)
    page.keyboard.press("Enter")
    expect(page.locator(".outcome")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".open").first).to_be_focused()
    outline = page.locator(".open").first.evaluate("one => getComputedStyle(one).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/documents/d-.*#\d+-\d+$"))


def test_the_first_stop_skips_to_the_content(reader: Reader) -> None:
    page = reader.opens()
    page.goto("/documents")
    page.keyboard.press("Tab")
    expect(page.get_by_text(ENGLISH["skip"])).to_be_focused()
    expect(page.get_by_text(ENGLISH["skip"])).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_menu_closes_with_escape(reader: Reader) -> None:
    page = reader.opens()
    page.goto("/documents")
    page.locator(".languages summary").press("Enter")
    expect(page.locator(".languages ul")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".languages ul")).to_be_hidden()
    expect(page.locator(".languages summary")).to_be_focused()


def test_a_line_break_is_typed_with_shift(reader: Reader) -> None:
    page = reader.opens()
    page.goto("/")
    page.locator("#q").press_sequentially("two")
    page.locator("#q").press("Shift+Enter")
    page.locator("#q").press_sequentially("lines")
    assert page.locator("#q").input_value() == "two\nlines"


def test_the_language_is_the_browsers_can_be_changed_and_is_kept(reader: Reader) -> None:
    page = reader.opens("de-LU")
    page.goto("/")
    expect(page.locator("h1")).to_have_text(texts("de")["headline"])
    page.locator(".languages summary").click()
    page.get_by_role("link", name="Lëtzebuergesch").click()
    expect(page.locator("html")).to_have_attribute("lang", "lb")
    page.goto("/documents")
    expect(page.locator("h1")).to_have_text(texts("lb")["documents"])


def test_the_language_is_kept_without_cookies(reader: Reader) -> None:
    page = reader.opens("de-LU")
    page.route(
        "**/*", lambda route: route.continue_(headers=_without_cookie(route.request.headers))
    )
    page.goto("/?lang=lb")
    ask(page, QUESTIONS["lb"])
    expect(page.locator("html")).to_have_attribute("lang", "lb")
    expect(page.locator(".outcome")).to_have_text(texts("lb")["answered"])
    page.locator(".open").first.click()
    page.wait_for_url("**/documents/**")
    expect(page.locator("html")).to_have_attribute("lang", "lb")


def _without_cookie(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "cookie"}
