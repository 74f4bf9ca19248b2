"""What a reader sees when something goes wrong, and when documents are hostile."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from api.web.i18n import texts
from tests.browser.conftest import Reader, Site
from tests.browser.hostile import ARABIC, LONG_WORD
from tests.browser.test_asking import FIRST, SECOND, ask

ENGLISH = texts("en")
PHONE = {"width": 320, "height": 640}
FITS = "document.documentElement.scrollWidth <= innerWidth"


def test_a_server_that_is_down_is_said_and_the_question_kept(reader: Reader) -> None:
    page = reader.opens()
    page.goto("/")
    ask(page, FIRST)
    page.route("**/?q=*", lambda route: route.abort("connectionrefused"))
    page.locator("#q").fill(SECOND)
    page.locator("#q").press("Enter")
    expect(page.get_by_role("alert")).to_have_text(ENGLISH["down"])
    assert page.locator("#q").input_value() == SECOND
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator(".asked")).to_have_text(FIRST)
    page.unroute("**/?q=*")
    ask(page, SECOND)
    expect(page.get_by_role("alert")).to_have_text("")


def test_a_server_that_is_slow_is_said_and_still_answers(reader: Reader) -> None:
    waiting: list[Route] = []
    page = reader.opens()
    page.clock.install()
    page.goto("/")
    page.route("**/?q=*", lambda route: waiting.append(route))
    page.locator("#q").fill(FIRST)
    page.locator("#q").press("Enter")
    page.clock.fast_forward(1_000)
    expect(page.get_by_role("status")).to_have_text(ENGLISH["searching"])
    page.clock.fast_forward(5_000)
    expect(page.get_by_role("status")).to_have_text(ENGLISH["slow"])
    assert page.locator("#q").input_value() == FIRST
    waiting[0].continue_()
    expect(page.locator(".asked")).to_have_text(FIRST)


def test_a_server_that_never_answers_is_given_up_on(reader: Reader) -> None:
    page = reader.opens()
    page.clock.install()
    page.goto("/")
    page.route("**/?q=*", lambda route: None)
    page.locator("#q").fill(FIRST)
    page.locator("#q").press("Enter")
    page.clock.fast_forward(61_000)
    expect(page.get_by_role("alert")).to_have_text(ENGLISH["down"])
    assert page.locator("#q").input_value() == FIRST


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (413, "Too large", "problem_500"),
        (429, "Too many", "problem_503"),
        (502, "<h1>Bad gateway</h1>", "problem_503"),
        (503, "", "problem_503"),
        (500, "", "problem_500"),
        (200, "<p>A portal that wants a password</p>", "problem_500"),
    ],
)
def test_what_stands_between_may_refuse(reader: Reader, status: int, body: str, said: str) -> None:
    page = reader.opens()
    page.goto("/")
    page.route(
        "**/?q=*", lambda route: route.fulfill(status=status, body=body, content_type="text/html")
    )
    page.locator("#q").fill(FIRST)
    page.locator("#q").press("Enter")
    expect(page.get_by_role("alert")).to_have_text(ENGLISH[said])
    assert page.locator("#q").input_value() == FIRST


@pytest.mark.parametrize("script", [True, False])
def test_a_question_without_words_is_explained_and_kept(reader: Reader, script: bool) -> None:
    page = reader.opens(script=script)
    page.goto("/")
    page.locator("#q").fill("???")
    page.get_by_role("button", name=ENGLISH["ask_now"], exact=True).click()
    expect(page.get_by_role("alert")).to_have_text(ENGLISH["usable"])
    assert page.locator("#q").input_value() == "???"


def test_a_question_of_ten_thousand_characters_is_explained(reader: Reader, site: Site) -> None:
    page = reader.opens()
    page.goto(site.asking("漢" * 10_000))
    expect(page.get_by_role("alert")).to_have_text(ENGLISH["usable"])


def test_a_removed_document_is_said_to_be_gone(reader: Reader) -> None:
    page = reader.opens()
    response = page.goto("/documents/d-0000000000000000#1-2")
    assert response is not None
    assert response.status == 404
    expect(page.locator("h1")).to_have_text(ENGLISH["unknown"])
    page.get_by_role("link", name=ENGLISH["look_around"]).click()
    expect(page.locator("h1")).to_have_text(ENGLISH["documents"])


def test_markup_in_a_passage_is_text(reader: Reader, site: Site) -> None:
    page = reader.opens()
    page.goto("/")
    ask(page, "How many walnuts does the walnut bread of the mill at Useldange need?")
    passage = page.locator(".passage", has_text="Useldange").first
    for text in ('<script>alert("text")</script>', '"><img src=x onerror=alert(1)>', "<style>"):
        expect(passage.locator("blockquote")).to_contain_text(text)
    page.goto(site.document("script.txt"))
    expect(page.locator(".text")).to_contain_text('<script>alert("text")</script>')
    expect(page.locator("h1")).to_contain_text("<script>")
    assert page.title().startswith("Recipe <script>")
    assert page.locator(".text :is(script, img, svg, style, a)").count() == 0


@pytest.mark.parametrize("file", ["long.txt", "rtl.txt", "invisible.txt", "script.txt"])
def test_no_text_breaks_the_page(reader: Reader, site: Site, file: str) -> None:
    page = reader.opens(viewport=PHONE)
    page.goto(site.document(file))
    assert page.evaluate(FITS)
    left = page.locator(".text p").first.bounding_box()
    assert left is not None
    assert left["x"] >= 0
    page.goto("/documents?collection=hostile")
    assert page.evaluate(FITS)


def test_a_word_of_five_thousand_letters_is_shown_whole(reader: Reader, site: Site) -> None:
    page = reader.opens(viewport=PHONE)
    page.goto("/")
    ask(page, "Welches Wort schrieb der Müller von Beckerich an das Mühlrad?")
    page.locator(".further > summary").click()
    shown = "".join(page.locator(".turn blockquote", has_text="WortWort").all_inner_texts())
    assert shown.count("Wort" * 100) > 0
    assert page.evaluate(FITS)
    page.goto(site.document("long.txt"))
    assert LONG_WORD in "".join(page.locator(".text").inner_text().split())


def test_text_that_runs_the_other_way_turns_nothing_around_it(reader: Reader, site: Site) -> None:
    page = reader.opens()
    page.goto("/")
    ask(page, "When was the clock tower of Vianden repaired?")
    passage = page.locator(".passage", has_text="Vianden").first
    expect(passage.locator("blockquote")).to_contain_text(ARABIC)
    opened = passage.locator(".open").bounding_box()
    card = passage.bounding_box()
    assert opened is not None
    assert card is not None
    assert opened["x"] - card["x"] < 60, "its actions begin where every passage's do"
