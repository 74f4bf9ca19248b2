"""Signing in with a key, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

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
