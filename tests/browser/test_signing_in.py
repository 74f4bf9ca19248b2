"""Signing in with a key, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from api.auth.keys import Keys, Scope
from api.web.i18n import texts
from tests.browser.conftest import Reader, Site, reading, serving
from tests.browser.test_changes import HERON, upload

ENGLISH = texts("en")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    """An empty collection that takes a key, and one that may write."""
    data = tmp_path_factory.mktemp("guarded")
    with Keys(data) as keys:
        _, key = keys.add("reader", [Scope.READ, Scope.WRITE])
    with serving(data) as site:
        yield site, key


@pytest.fixture
def principal(browser: Browser, guarded: tuple[Site, str]) -> Iterator[Reader]:
    """A reader of that one."""
    with reading(browser, guarded[0]) as reader:
        yield reader


@pytest.mark.parametrize("script", [True, False])
def test_a_reader_signs_in_adds_a_document_and_signs_out(
    principal: Reader, guarded: tuple[Site, str], script: bool, axe: str
) -> None:
    _, key = guarded
    page = principal.opens(script=script)
    page.goto("/documents?q=heron")
    expect(page.get_by_role("alert")).to_have_text(ENGLISH["sign_in_why"])
    if script:
        page.evaluate(axe)
        assert page.evaluate("axe.run().then(found => found.violations.map(each => each.id))") == []
    page.get_by_label(ENGLISH["key"]).fill("passerelle_wrong")
    page.get_by_role("button", name=ENGLISH["sign_in"]).click()
    expect(page.get_by_role("alert")).to_have_text(ENGLISH["sign_in_wrong"])
    page.get_by_label(ENGLISH["key"]).fill(key)
    page.get_by_role("button", name=ENGLISH["sign_in"]).click()
    page.wait_for_url("**/documents?q=heron")
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")

    upload(page, f"heron-{script}.txt", HERON)
    page.wait_for_url("**/jobs/j-*")

    page.get_by_role("button", name=ENGLISH["sign_out"]).click()
    expect(page.get_by_role("alert")).to_have_text(ENGLISH["sign_in_why"])
    page.go_back()
    expect(page.get_by_role("alert")).to_have_text(ENGLISH["sign_in_why"])


def test_a_new_key_stands_below_the_line_that_says_so_and_opens_the_door(
    principal: Reader, guarded: tuple[Site, str], axe: str
) -> None:
    site, _ = guarded
    with Keys(site.data) as keys:
        _, admin = keys.add("operator", list(Scope))
    page = principal.opens(viewport={"width": 1100, "height": 1600})  # room to stretch into
    page.goto("/keys")
    page.get_by_label(ENGLISH["key"]).fill(admin)
    page.get_by_role("button", name=ENGLISH["sign_in"]).click()
    page.wait_for_url("**/keys")

    page.locator("summary", has_text=ENGLISH["make_key"]).click()
    page.get_by_label(ENGLISH["key_name"]).fill("Archive")
    page.get_by_label(ENGLISH["allows_read"]).check()
    page.get_by_label(ENGLISH["key_everywhere"]).check()
    page.get_by_role("button", name=ENGLISH["make_key_now"]).click()
    expect(page.locator(".done")).to_have_text(ENGLISH["key_made"].format(name="Archive"))
    made = page.get_by_label(ENGLISH["key_shown_once"])
    text = made.input_value()
    said, shown = page.locator(".done").bounding_box(), made.bounding_box()
    assert said
    assert shown
    assert shown["y"] - (said["y"] + said["height"]) < 60
    assert shown["height"] < 90
    page.evaluate(axe)
    assert page.evaluate("axe.run().then(found => found.violations.map(each => each.id))") == []

    assert httpx2.get(f"{site.base}/v1/documents", headers=bearer(text)).status_code == 200
    page.goto("/keys")
    item = page.locator(".listing li", has_text="Archive")
    assert text not in page.content()
    item.locator("summary").click()
    item.get_by_role("button", name=ENGLISH["revoke_now"]).click()
    expect(page.locator(".done")).to_have_text(ENGLISH["key_revoked"])
    assert httpx2.get(f"{site.base}/v1/documents", headers=bearer(text)).status_code == 401


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
