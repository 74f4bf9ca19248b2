"""What makes the pages usable by everyone, everywhere."""

from __future__ import annotations

from typing import Any, Literal

import httpx2
import pytest
from playwright.sync_api import Page, expect

from api.web.i18n import texts
from tests.browser.conftest import Reader, Site
from tests.browser.test_asking import FIRST, NOWHERE, QUESTIONS

ENGLISH = texts("en")
WINDOWS = ((320, 640), (1280, 800))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
AXE = {
    "rules": {"target-size": {"enabled": True}},  # of WCAG 2.2, which axe-core leaves off
    "resultTypes": ["violations"],
    "preload": False,
}
MAX_FIRST_LOAD_BYTES = 60_000
SEND_A_VERDICT = """() => {
  const form = document.querySelector(".verdict");
  const verdict = { type: "hidden", name: "verdict", value: "helpful" };
  form.append(Object.assign(document.createElement("input"), verdict));
  form.submit(); // as it is without the script
}"""
PAGES = [
    "start", "answer", "conversation", "abstention", "unusable", "documents", "document",
    "printed page", "unknown document", "problem", "reference", "thanks", "job", "jobs", "selected",
    "moving", "collections", "renaming", "keys", "questions", "model",
    "sources", "slide", "message", "keyword",
]  # fmt: skip


def open_page(page: Page, name: str, site: Site) -> None:
    """Open one of PAGES with all of it unfolded."""
    addresses = {
        "start": "/",
        "answer": site.asking(FIRST),
        "conversation": site.asking(QUESTIONS["nl"], "&earlier=a&languages=de&prefer=1"),
        "abstention": site.asking(NOWHERE),
        "unusable": "/?q=???",
        "documents": "/documents",
        "document": site.document("gemischte-streifen-mosel.pdf") + "?mark=0-40",
        "printed page": site.document("gemischte-streifen-mosel.pdf") + "/pages?mark=100-140",
        "slide": site.document("talk.pptx") + "/pages/1?mark=10-22",
        "message": site.document("letter.eml"),
        "keyword": site.asking("Moselle"),
        "unknown document": "/documents/d-0000000000000000",
        "problem": "/nowhere",
        "reference": "/docs",
        "jobs": "/jobs",
        "selected": "/selected?all=",
        "moving": "/selected?all=&to=archive",
        "collections": "/collections",
        "keys": "/keys",
        "questions": "/questions",
        "model": "/model",
        "sources": "/sources",
        "renaming": "/collections/rename?collection=sample&to=archive",
    }
    if name == "thanks":
        page.goto(addresses["answer"])
        page.evaluate(SEND_A_VERDICT)
        page.wait_for_url("**/feedback")
    elif name == "job":
        files = {"files": ("heron.txt", b"The heron of Vianden eats nineteen trout a day.")}
        job = httpx2.post(f"{site.base}/v1/documents", files=files).json()["id"]
        page.goto(f"/jobs/{job}")
        expect(page.locator("h1")).to_have_text(ENGLISH["job_done"])
    else:
        page.goto(addresses[name])
    # A menu that is open lies over what is below it, as menus do.
    page.evaluate(
        "document.querySelectorAll('details:not(.menu)').forEach(one => (one.open = true))"
    )


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(reader: Reader, site: Site, axe: str, name: str) -> None:
    page = reader.opens()
    open_page(page, name, site)
    page.evaluate(axe)
    found: list[tuple[Any, ...]] = []
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            result = page.evaluate("options => axe.run(options)", AXE)
            found += [
                (width, scheme, violation["id"], node["html"], node["failureSummary"])
                for violation in result["violations"]
                for node in violation["nodes"]
            ]
    assert found == []


def test_axe_finds_what_is_wrong(reader: Reader, axe: str) -> None:
    page = reader.opens()
    page.goto("/")
    page.evaluate("document.querySelector('.composer > label').remove()")
    page.evaluate(axe)
    violations = page.evaluate("options => axe.run(options)", AXE)["violations"]
    assert [violation["id"] for violation in violations] == ["label"]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_fits_320_pixels_and_can_be_zoomed(
    reader: Reader, site: Site, name: str
) -> None:
    page = reader.opens(viewport={"width": 320, "height": 640})
    open_page(page, name, site)
    for side in ("ltr", "rtl"):
        page.evaluate("side => (document.documentElement.dir = side)", side)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), side
    viewport = str(page.locator("meta[name=viewport]").get_attribute("content"))
    assert "maximum-scale" not in viewport
    assert "user-scalable" not in viewport


def test_at_200_percent_text_nothing_is_lost(reader: Reader, site: Site) -> None:
    page = reader.opens(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    page.goto(site.asking(FIRST))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#q").scroll_into_view_if_needed()
    expect(page.locator("#q")).to_be_in_viewport()
    page.locator(".turn .open").first.focus()
    expect(page.locator(".turn .open").first).to_be_in_viewport()


def test_marks_are_seen_in_forced_colours(reader: Reader, site: Site) -> None:
    page = reader.opens(forced_colors="active")
    page.goto(site.asking(FIRST))
    style = page.locator("mark").first.evaluate(
        "one => [getComputedStyle(one).outlineStyle, getComputedStyle(one).textDecorationLine]"
    )
    assert style == ["solid", "underline"]


def test_a_slide_stands_on_its_paper_with_its_marks_in_forced_colours(
    reader: Reader, site: Site
) -> None:
    page = reader.opens(forced_colors="active")
    page.goto(site.document("talk.pptx") + "/pages/1?mark=10-22")
    expect(page.locator(".laid-out mark")).to_have_text("Erster Punkt")
    box = page.locator(".laid-out svg").bounding_box()
    inside = page.locator(".laid-out mark").bounding_box()
    assert box
    assert inside
    assert box["x"] < inside["x"] < box["x"] + box["width"]
    assert box["y"] < inside["y"] < box["y"] + box["height"]
    style = page.locator(".laid-out mark").evaluate("one => getComputedStyle(one).outlineStyle")
    assert style == "solid"


def test_nothing_moves_for_those_who_want_it_so(reader: Reader) -> None:
    page = reader.opens(reduced_motion="reduce")
    page.goto("/")
    page.locator(".composer").evaluate("one => one.setAttribute('aria-busy', 'true')")
    row = page.locator(".composer .row")
    assert row.evaluate("one => getComputedStyle(one).animationName") == "none"


def test_print_holds_the_passage_and_its_source_and_no_controls(reader: Reader, site: Site) -> None:
    page = reader.opens(color_scheme="dark")
    page.goto(site.asking(FIRST))
    page.emulate_media(media="print")
    expect(page.locator(".passage blockquote").first).to_be_visible()
    expect(page.locator(".asked")).to_be_visible()
    expect(page.locator(".composer")).to_be_hidden()
    expect(page.locator(".verdict").first).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    printed = page.locator(".open").first.evaluate(
        "one => getComputedStyle(one, '::after').content"
    )
    assert f"{site.base}/documents/d-" in printed, "paper has no host of its own"


def test_themes_follow_the_reader(reader: Reader) -> None:
    page = reader.opens(color_scheme="light")
    page.goto("/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_no_page_asks_another_host_and_all_of_it_arrives(reader: Reader, site: Site) -> None:
    page = reader.opens()
    failed: list[tuple[str, str | None]] = []
    page.on("requestfailed", lambda request: failed.append((request.url, request.failure)))
    for name in PAGES:
        open_page(page, name, site)
        page.wait_for_load_state("networkidle")
    assert len(reader.requested) > len(PAGES)
    assert reader.foreign_hosts() == set()
    # What Chromium still fetches when the next page is opened it gives up: its tab's icon, mostly.
    given_up = {url for url, why in failed if why == "net::ERR_ABORTED"}
    assert [url for url, _ in failed if url not in given_up] == []
    assert all(page.request.get(url).ok for url in given_up)


def test_the_first_load_is_light(reader: Reader) -> None:
    page = reader.opens()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    loaded: list[float] = []
    session.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert len(loaded) >= 3
    assert sum(loaded) <= MAX_FIRST_LOAD_BYTES
