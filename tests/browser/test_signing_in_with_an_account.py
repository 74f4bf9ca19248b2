"""Signing in with an account of the certified provider of npm, in a real browser."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from api.web.i18n import texts
from tests.api.auth.oidc.conftest import running_provider, write_file
from tests.browser.conftest import Reader, Site, serving

ENGLISH = texts("en")


def free_port() -> int:
    """Return a port that the provider can be told of, and that no connection is given meanwhile."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


@pytest.fixture(scope="module")
def with_accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An empty collection that takes accounts."""
    folder, port = tmp_path_factory.mktemp("accounts"), free_port()
    url = f"http://127.0.0.1:{port}"
    with running_provider(url) as issuer:
        file = write_file(folder, issuer, url=url)
        with serving(folder / "data", port, PASSERELLE_OIDC=str(file)) as site:
            yield site


@pytest.mark.parametrize("script", [True, False])
def test_a_reader_signs_in_there_and_is_back_where_they_wanted_to_be(
    browser: Browser, with_accounts: Site, script: bool, axe: str
) -> None:
    reader = Reader(browser, with_accounts)
    page = reader.opens(script=script)
    page.goto("/documents?q=heron")
    expect(page.get_by_role("alert")).to_have_text(ENGLISH["sign_in_account_why"])
    if script:
        page.evaluate(axe)
        assert page.evaluate("axe.run().then(found => found.violations.map(each => each.id))") == []
    page.get_by_role("link", name="the staff account").click()
    page.locator("[name=login]").fill("anna")
    page.locator("[name=password]").fill("any")
    page.locator("[type=submit]").click()
    page.get_by_role("button", name="Continue").click()

    page.wait_for_url("**/documents?q=heron")
    expect(page.get_by_role("button", name=ENGLISH["sign_out"])).to_be_visible()
    ours = {each["name"]: each["sameSite"] for each in page.context.cookies()}
    assert ours["passerelle"] == "Strict"
    assert "passerelle-sign-in" not in ours
    page.context.close()
    assert reader.errors == []
