"""Every use of the page, from plain forms and links."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from api.web.i18n import texts
from tests.browser.conftest import Reader, Site
from tests.browser.test_asking import FIRST, NOWHERE, QUESTIONS, SECOND

ENGLISH = texts("en")


def test_ask_follow_up_filter_and_read(reader: Reader, site: Site) -> None:
    passage = site.ask(FIRST)["passages"][0]
    page = reader.opens(script=False)
    page.goto("/")
    page.locator("#q").fill(FIRST)
    page.get_by_role("button", name=ENGLISH["ask_now"], exact=True).click()
    expect(page.locator(".turn mark").first).to_have_text(passage["answer"]["text"])
    expect(page.locator(".outcome")).to_be_focused()
    expect(page.get_by_role("status")).to_contain_text("5 passages found")

    page.locator("#q").fill(SECOND)
    page.locator(".filters summary").click()
    page.get_by_label("Dutch").check()
    page.get_by_role("button", name=ENGLISH["ask_now"], exact=True).click()
    expect(page.locator(".earlier a")).to_have_text(FIRST)
    expect(page.locator(".narrowed")).to_contain_text("Dutch")
    expect(page.locator(".turn > .passage blockquote")).to_have_attribute("lang", "nl")

    page.locator(".turn > .passage .cite summary").click()
    expect(page.locator(".turn > .passage pre").first).to_be_visible()
    page.locator(".open").first.click()
    expect(page.locator(":target mark")).to_be_in_viewport()
    page.go_back()
    page.locator(".earlier a").click()
    expect(page.locator(".asked")).to_have_text(FIRST)


@pytest.mark.parametrize("language", QUESTIONS)
def test_on_a_narrow_phone_in_each_language(reader: Reader, site: Site, language: str) -> None:
    page = reader.opens(language, script=False, viewport={"width": 320, "height": 640})
    page.goto("/")
    page.locator("#q").fill(QUESTIONS[language])
    page.get_by_role("button", name=texts(language)["ask_now"], exact=True).click()
    sentence = page.locator(".turn mark").first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".turn .open").first.click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert sentence.split()[0] in page.locator("main mark").first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_abstention_and_its_nearest_passages(reader: Reader, site: Site) -> None:
    page = reader.opens("nl", script=False)
    page.goto(site.asking(NOWHERE))
    expect(page.locator(".notice")).to_contain_text(texts("nl")["abstained"])
    page.locator(".further > summary").click()
    expect(page.locator(".turn .passage")).to_have_count(5)


def test_the_corpus_page_is_searched_and_narrowed(reader: Reader) -> None:
    page = reader.opens(script=False)
    page.goto("/")
    page.get_by_role("link", name=ENGLISH["documents"], exact=True).click()
    page.locator("input[type=search]").fill("nacht")
    page.get_by_role("button", name=ENGLISH["search"], exact=True).click()
    expect(page.locator(".listing li")).to_have_count(1)
    page.get_by_role("link", name=ENGLISH["all_documents"]).click()
    page.locator(".facets").get_by_role("link", name="Luxembourgish").click()
    expect(page.locator(".listing li")).to_have_count(7)
    languages = page.locator(".listing h3").evaluate_all("all => all.map(one => one.lang)")
    assert set(languages) == {"lb"}
    page.get_by_role("link", name="Luxembourgish ×").or_(
        page.locator(".facets [aria-current]")
    ).first.click()
    expect(page.get_by_role("navigation", name=ENGLISH["result_pages"])).to_be_visible()
    page.get_by_role("link", name=ENGLISH["next"]).click()
    expect(page.locator(".listing li").first).to_be_visible()
