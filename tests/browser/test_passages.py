"""What can be done with a passage."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from api.feedback import kept
from api.web.i18n import texts
from tests.browser.conftest import Reader, Site
from tests.browser.test_asking import FIRST, ask

ENGLISH = texts("en")

TRANSLATOR = """
self.Translator = {
  availability: async (pair) => (pair.sourceLanguage === "de" ? "available" : "unavailable"),
  create: async () => ({ translate: async (text) => text.toUpperCase() }),
};
"""


def test_a_document_opens_at_the_passage_with_the_sentence_marked(
    reader: Reader, site: Site
) -> None:
    passage = site.ask(FIRST)["passages"][0]
    page = reader.opens()
    page.goto(site.asking(FIRST))
    page.locator(".open").first.click()
    page.wait_for_url(re.compile(r"/documents/"))
    assert page.url.endswith(passage["source"]["link"].split("#")[1])
    expect(page.locator(":target mark")).to_have_text(passage["answer"]["text"])
    expect(page.locator(":target mark")).to_be_in_viewport()
    expect(page.locator("h1")).to_have_attribute("lang", passage["language"])
    plain = page.evaluate(
        "getComputedStyle(document.querySelector('section:not(:target)')).background"
    )
    shown = page.evaluate("getComputedStyle(document.querySelector(':target')).background")
    assert shown != plain


def test_a_citation_is_copied_in_three_notations(reader: Reader, site: Site) -> None:
    page = reader.opens(permissions=["clipboard-read", "clipboard-write"])
    page.goto(site.asking(FIRST))
    page.locator(".cite summary").first.click()
    for number, begins in enumerate(["“", "> ", "@misc{d-"]):
        button = page.locator(".cite").first.locator(".copy").nth(number)
        expect(button).to_have_text(ENGLISH["copy"])
        expect(button).to_have_accessible_name(re.compile(rf"^{ENGLISH['copy']}: \w+$"))
        button.click()
        expect(page.get_by_role("status")).to_have_text(ENGLISH["copied"])
        assert page.evaluate("navigator.clipboard.readText()").startswith(begins)


def test_a_link_asks_the_question_again_somewhere_else(reader: Reader, site: Site) -> None:
    page = reader.opens(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/?lang=de")
    ask(page, FIRST)
    first = page.locator(".turn mark").first.inner_text()
    page.locator(".share a").click()
    expect(page.get_by_role("status")).to_have_text(texts("de")["link_copied"])
    link = page.evaluate("navigator.clipboard.readText()")
    other = reader.opens("fr")
    other.goto(link)
    assert other.locator(".turn mark").first.inner_text() == first
    assert other.locator("html").get_attribute("lang") == "fr", "in the other reader's language"


@pytest.mark.parametrize("script", [True, False])
def test_a_verdict_is_kept(reader: Reader, site: Site, script: bool) -> None:
    passage = site.ask(FIRST)["passages"][0]["source"]
    before = len(kept(site.data))
    page = reader.opens(script=script)
    page.goto(site.asking(FIRST))
    page.get_by_role("button", name=ENGLISH["helpful"], exact=True).first.click()
    expect(page.get_by_text(ENGLISH["thanks"], exact=True).last).to_be_visible()
    _, verdict = kept(site.data)[-1]
    assert len(kept(site.data)) == before + 1
    assert (verdict.question, verdict.helpful) == (FIRST, True)
    assert (verdict.document, *verdict.span) == (
        passage["document"], passage["start"], passage["end"],
    )  # fmt: skip
    if not script:
        page.get_by_text(ENGLISH["back"]).click()
        expect(page.locator(".asked")).to_have_text(FIRST)


def test_the_browsers_translator_is_offered_where_it_knows_the_pair(
    reader: Reader, site: Site
) -> None:
    page = reader.opens()
    page.add_init_script(TRANSLATOR)
    page.goto(site.asking(FIRST))
    quote = page.locator("blockquote").first
    assert quote.get_attribute("lang") == "de"
    original = quote.inner_text()
    page.get_by_role("button", name=ENGLISH["translate"]).first.click()
    translation = page.locator(".translation").first
    expect(translation).to_contain_text("BELGISCHEN")
    assert translation.get_attribute("lang") == "en"
    expect(translation).to_contain_text(ENGLISH["translated"])
    assert quote.inner_text() == original
    page.locator(".further > summary").click()
    for passage in page.locator(".passage").all():
        known = passage.locator("blockquote").get_attribute("lang") == "de"
        offered = passage.locator(".translate, .translation").count() == 1
        assert offered == known


def test_a_translator_that_fails_says_so(reader: Reader, site: Site) -> None:
    page = reader.opens()
    page.add_init_script(TRANSLATOR.replace("text.toUpperCase()", "Promise.reject(new Error())"))
    page.goto(site.asking(FIRST))
    page.get_by_role("button", name=ENGLISH["translate"]).first.click()
    expect(page.get_by_role("status")).to_have_text(ENGLISH["untranslatable"])


def test_a_translation_that_takes_a_while_shows_what_goes_on(reader: Reader, site: Site) -> None:
    page = reader.opens()
    never = "create: ({ monitor }) => new Promise(() => monitor(self.fetching = new EventTarget()))"
    page.add_init_script(TRANSLATOR.replace(TRANSLATOR[TRANSLATOR.index("create") : -4], never))
    page.goto(site.asking(FIRST))
    button = page.get_by_role("button", name=ENGLISH["translate"]).first
    button.click()
    expect(page.locator(".translate").first).to_have_text(ENGLISH["translating"])
    expect(page.locator(".translate").first).to_be_focused()
    expect(page.locator(".translation")).to_have_text(ENGLISH["translating"])
    page.evaluate(
        "self.fetching.dispatchEvent(Object.assign(new Event('downloadprogress'), {loaded: 0.4}))"
    )
    expect(page.locator(".translation")).to_contain_text("40%")
    page.locator(".translate").first.click(force=True)  # it says that it is disabled
    expect(page.locator(".translation")).to_have_count(1)


def test_a_translator_that_says_nothing_is_given_up_and_can_be_tried_again(
    reader: Reader, site: Site
) -> None:
    page = reader.opens()
    page.add_init_script(TRANSLATOR.replace("text.toUpperCase()", "new Promise(() => {})"))
    page.clock.install()
    page.goto(site.asking(FIRST))
    button = page.locator(".translate").first
    button.click()
    expect(page.locator(".translation")).to_have_text(ENGLISH["translating"])
    page.clock.fast_forward(60_000)
    expect(page.get_by_role("status")).to_have_text(ENGLISH["not_translated_slow"])
    expect(page.locator(".translation")).to_have_count(0)
    expect(button).to_have_text(ENGLISH["not_translated_slow"])
    expect(button).not_to_have_attribute("aria-disabled", "true")


def test_no_translation_is_offered_where_the_browser_has_none(reader: Reader, site: Site) -> None:
    page = reader.opens()
    page.add_init_script("delete self.Translator;")
    page.goto(site.asking(FIRST))
    expect(page.locator(".cite").first).to_be_visible()
    expect(page.locator(".translate")).to_have_count(0)


FORM = """(blockquote) => blockquote.insertAdjacentHTML(
  "afterend",
  '<form class="translate-by" method="post" action="/translate?a"><button>Do it</button></form>')"""


def test_a_servers_translation_is_shown_there_and_a_failure_can_be_tried_again(
    reader: Reader, site: Site
) -> None:
    page = reader.opens()
    page.add_init_script("delete self.Translator;")
    page.goto(site.asking(FIRST))
    page.locator("blockquote").first.evaluate(FORM)
    coming = iter([("translation failed", "Later."), ("translation", "Yes.")])

    def answer(route: Route) -> None:
        kind, said = next(coming)
        html = f'<main><div class="{kind}"><p>{said}</p></div></main>'
        route.fulfill(content_type="text/html", body=html)

    page.route("**/translate?a", answer)
    for said in ("Later.", "Yes."):
        page.get_by_role("button", name="Do it").click()
        expect(page.locator(".translation")).to_have_text(said)
        expect(page.locator(".translation")).to_be_focused()
        expect(page.locator(".asked")).to_have_text(FIRST)
    expect(page.get_by_role("button", name="Do it")).to_have_count(0)


def test_questions_are_remembered_in_this_browser_until_they_are_forgotten(
    reader: Reader, site: Site
) -> None:
    page = reader.opens()
    page.goto("/")
    expect(page.locator(".history")).to_be_hidden()
    ask(page, FIRST)
    page.goto("/")
    expect(page.locator(".history a")).to_have_text(FIRST)
    page.locator(".history a").click()
    expect(page.locator(".asked")).to_have_text(FIRST)
    page.goto("/")
    page.get_by_role("button", name=ENGLISH["forget"]).click()
    expect(page.locator(".history")).to_be_hidden()
    assert page.evaluate("localStorage.length") == 0
    page.reload()
    expect(page.locator(".history")).to_be_hidden()


@pytest.mark.parametrize(
    "stored",
    [
        "{",
        "7",
        "null",
        '[{"question": 1}]',
        '[{"question": "a", "address": "javascript:alert(1)"}]',
    ],
)
def test_a_history_that_is_not_ours_is_no_history(reader: Reader, site: Site, stored: str) -> None:
    page = reader.opens()
    page.goto("/")
    page.evaluate("stored => localStorage.setItem('passerelle.history', stored)", stored)
    page.reload()
    expect(page.locator(".history")).to_be_hidden()
    expect(page.locator("#q")).to_be_visible()


def test_everything_works_with_storage_blocked(reader: Reader) -> None:
    page = reader.opens()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', "
        "{ get() { throw new DOMException('blocked', 'SecurityError'); } });"
    )
    page.goto("/")
    ask(page, FIRST)
    ask(page, "And who took part?")
    expect(page.locator(".asked")).to_have_count(2)
    page.goto("/")
    expect(page.locator(".history")).to_be_hidden()
