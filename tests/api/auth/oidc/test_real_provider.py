"""Signing in with the certified provider of npm, through its own pages."""

from __future__ import annotations

import re

from api.audit.chain import Deed
from api.auth.keys import Keys
from api.auth.oidc.provider import Provider
from api.auth.oidc.provider_file import ProviderFile
from api.service import Service
from api.web.i18n import texts
from tests.api.auth.oidc.conftest import Browser

ENGLISH = texts("en")


def test_whoever_is_in_a_group_reads_its_collections_and_is_named_by_an_id(
    browser: Browser, service: Service, keys: Keys
) -> None:
    before = len(list(service.audit.records()))
    address = browser.at_the_provider(browser.begin("/documents?q=a"), "anna")
    response = browser.come_back(address)
    assert (response.status_code, response.headers["location"]) == (303, "/documents?q=a")
    listed = browser.ours.get("/v1/documents").json()["documents"]
    assert {each["collection"] for each in listed} == {"press"}
    assert browser.ours.delete(f"/v1/documents/{listed[0]['id']}").status_code == 403
    assert browser.ours.get("/metrics").status_code == 403

    (person,) = keys.people.all()
    assert re.fullmatch(r"p-[0-9a-f]{12}", person.id)
    deeds = list(service.audit.records())[before:]
    assert [(each.key, each.name, each.deed) for each in deeds] == [(person.id, "", Deed.SIGNED_IN)]

    again = browser.come_back(address)  # the code was used, and the attempt is over
    assert again.status_code == 400
    assert browser.ours.get("/v1/documents").status_code == 200
    assert browser.ours.post("/sign-out").status_code == 303
    assert browser.ours.get("/v1/documents").status_code == 401


def test_the_same_person_has_the_same_id_and_one_session_in_a_browser(
    browser: Browser, keys: Keys
) -> None:
    assert browser.signs_in("ben").status_code == 303
    before = dict(browser.ours.cookies)
    assert browser.ours.get("/metrics").status_code == 200
    assert browser.signs_in("ben").status_code == 303
    assert [each.sessions for each in keys.people.all()] == [1]
    assert dict(browser.ours.cookies) != before

    (person,) = keys.people.all()
    keys.people.sign_out(person.id)
    assert browser.ours.get("/v1/documents").status_code == 401


def test_who_is_in_no_group_of_the_file_and_who_breaks_off_there_are_told_so(
    browser: Browser, service: Service
) -> None:
    response = browser.signs_in("carla")
    assert response.status_code == 403
    assert ENGLISH["sign_in_no_group"] in response.text
    assert "set-cookie" in response.headers
    assert browser.ours.get("/v1/documents").status_code == 401

    browser.theirs.cookies.clear()
    page = browser.theirs.get(browser.begin("/documents"), follow_redirects=True)
    abort = re.search(r'href="([^"]*/abort)"', page.text)
    assert abort, page.text
    address = browser.at_the_provider(str(page.url.join(abort[1])), "nobody")
    response = browser.come_back(address)
    assert response.status_code == 403
    assert ENGLISH["sign_in_declined"] in response.text
    assert "back=%2Fdocuments" in response.text


def test_nobody_is_signed_in_with_what_another_browser_was_sent(
    browser: Browser, service: Service, keys: Keys, said: ProviderFile
) -> None:
    """Or whoever has a link opened would have its reader's questions asked under their account."""
    address = browser.at_the_provider(browser.begin(), "anna")
    victim = Browser.of(service, keys, Provider(said))
    with victim.theirs:
        assert victim.come_back(address).status_code == 400
        victim.begin()
        assert victim.come_back(address).status_code == 400
    assert keys.people.all() == []
    assert browser.come_back(address).status_code == 303
