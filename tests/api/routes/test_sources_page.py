"""The page of the sites that are followed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.audit.chain import Deed
from api.auth.keys import Keys, Scope
from api.service import Service
from api.settings import Settings
from api.web.i18n import texts
from corpus.store.catalogue import Catalogue
from corpus.store.web import PageState, SourceKey
from tests.api.clients import afar

BROWSER = {"accept": "text/html"}
ADMIN = [Scope.READ, Scope.ADMIN]
PRESS = SourceKey("sitemap", "https://press.example/sitemap.xml", "press")
SECRET = SourceKey("feed", "https://odd.example/feed.xml", "odd")
FILE = "".join(
    f'[[source]]\n{key.kind} = "{key.address}"\ncollection = "{key.collection}"\n'
    for key in (PRESS, SECRET)
)


@pytest.fixture(scope="module")
def own(
    service: Service, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service that says of one site that it was visited; nothing of it is fetched."""
    folder = tmp_path_factory.mktemp("sources")
    data, file = folder / "data", folder / "sources.toml"
    shutil.copytree(settings.data, data)
    file.write_text(FILE, "utf-8")
    with Catalogue(data) as catalogue:
        visit = catalogue.web.begin(PRESS, int(time.time()))
        catalogue.web.note_page(visit, PageState("https://press.example/a", visit.number), ["d-1"])
        for number in range(22):
            page = f"https://press.example/<b>{number:02}"
            catalogue.web.note_page(visit, PageState(page, visit.number, reason="<i>empty"), [])
        catalogue.web.end(visit, int(time.time()), "<u>stopped early")
    with Keys(folder) as keys:
        named = service.settings.model_copy(update={"data": data, "sources": file})
        yield replace(service, keys=keys, settings=named)


def client(own: Service, collections: list[str] | None = None) -> TestClient:
    key = own.keys.add(f"admin {collections}", ADMIN, collections)[1]
    return afar(create_app(own), key, headers=BROWSER)


def test_each_source_is_shown_with_its_visits_and_what_was_refused(own: Service) -> None:
    admin = client(own)
    page = admin.get("/sources").text
    shown = unescape(page)
    for part in (PRESS.address, "a site, by its sitemap", "23 pages", "<u>stopped early"):
        assert part in shown
    assert shown.count("last visit: ") == 1
    assert shown.count("next visit: ") == 2
    assert "next visit: as soon as possible" in shown.partition(SECRET.address)[2]
    assert "22 pages gave no document" in shown
    assert shown.count("<i>empty") == 20
    assert "and 2 more" in shown
    assert not [markup for markup in ("<i>", "<u>", "<b>") if markup in page]
    assert 'href="/sources"' in admin.get("/documents").text


def test_a_source_of_a_collection_that_one_may_not_read_is_not_told_of(own: Service) -> None:
    page = client(own, ["press"]).get("/sources").text
    assert PRESS.address in page
    assert SECRET.address not in page
    reader = afar(create_app(own), own.keys.add("reader", [Scope.READ])[1], headers=BROWSER)
    refused = reader.get("/sources")
    assert (refused.status_code, PRESS.address in refused.text) == (403, False)
    assert 'href="/sources"' not in reader.get("/documents").text


def test_an_admin_has_a_source_visited_now_and_the_log_says_who(own: Service) -> None:
    admin, form = client(own), dict(zip(SourceKey._fields, PRESS, strict=True))
    button = texts("en")["visit_now"]
    assert admin.get("/sources").text.count(button) == 1, "the other one is due already"
    answer = admin.post("/sources/visit", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sources?hurried")
    page = admin.get("/sources?hurried").text
    assert texts("en")["visit_hurried"] in page
    assert page.count(texts("en")["visit_due"]) == 2
    assert button not in page
    (noted,) = [each for each in own.audit.records() if each.deed is Deed.HURRIED_VISIT]
    assert noted.on == {"address": PRESS.address, "collection": PRESS.collection}


def test_only_a_source_of_the_file_and_of_a_collection_that_one_reads_is_visited_now(
    own: Service,
) -> None:
    def sent(key: SourceKey, collections: list[str] | None = None) -> int:
        form = dict(zip(SourceKey._fields, key, strict=True))
        return client(own, collections).post("/sources/visit", data=form).status_code

    assert sent(PRESS._replace(address="http://127.0.0.1:8080/")) == 404
    assert sent(SECRET, ["press"]) == 404


def test_a_page_of_another_site_has_no_source_visited(own: Service) -> None:
    signed_in = afar(create_app(own), headers=BROWSER)
    signed_in.post("/sign-in", data={"key": own.keys.add("admin", ADMIN)[1]})
    form = dict(zip(SourceKey._fields, PRESS, strict=True))
    foreign = {"origin": "https://elsewhere.example"}
    assert signed_in.post("/sources/visit", data=form, headers=foreign).status_code == 403
    assert signed_in.get("/sources").status_code == 200


def test_what_is_wrong_with_a_source_of_another_collection_is_not_told(
    own: Service, tmp_path: Path
) -> None:
    file = tmp_path / "sources.toml"
    file.write_text('[[source]]\npage = "https://intérn..example/"\n', "utf-8")
    broken = replace(own, settings=own.settings.model_copy(update={"sources": file}))
    host = "intérn..example"
    assert host in client(broken).get("/sources").text
    page = client(broken, ["press"]).get("/sources", headers={"accept-language": "en"}).text
    assert texts("en")["sources_broken"] in unescape(page)
    assert host not in page


def test_a_file_of_sources_that_is_broken_is_said_in_the_readers_language(
    own: Service, tmp_path: Path
) -> None:
    file = tmp_path / "sources.toml"
    file.write_text('[[source]]\nsitemap = "https://a.example/<s>', "utf-8")
    broken = replace(own, settings=own.settings.model_copy(update={"sources": file}))
    page = client(broken).get("/sources", headers={"accept-language": "pl"}).text
    assert texts("pl")["sources_broken"] in page
    assert "sources.toml" in page
    none = replace(
        own, settings=own.settings.model_copy(update={"sources": None, "data": tmp_path})
    )
    assert texts("en")["sources_none"] in client(none).get("/sources").text
