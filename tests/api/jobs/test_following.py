"""A server follows the sites in its operator's file."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from api.cli import following
from api.jobs.followed import followed_sources
from api.jobs.following import Follower
from api.settings import Settings
from corpus.store.catalogue import Catalogue
from corpus.store.store import SqliteStore
from corpus.store.web import PageState, SourceKey
from tests.corpus.web.site import Answer, Site, served

NOTE = "Le 14 décembre 2020, les deux polices ont commencé à patrouiller ensemble à Remich."


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def sources_file(folder: Path, *addresses: str) -> Path:
    file = folder / "sources.toml"
    file.write_text(
        "".join(
            f'[[source]]\nsitemap = "{address}"\nallow_private = ["127.0.0.2"]\ndelay_seconds = 0\n'
            for address in addresses
        )
    )
    return file


def with_pages(site: Site) -> str:
    pages = [site.page("/a", NOTE), site.page("/b", f"{NOTE} Encore.")]
    here = [page.replace("site.example", site.address) for page in pages]
    return site.sitemap(*here).replace("site.example", site.address)


def visited_again(follower: Follower, catalogue: Catalogue) -> bool:
    follower.wake()
    return catalogue.web.states()[0].not_before == 0


def test_a_source_of_the_file_is_visited_and_the_server_told_of_it(tmp_path: Path) -> None:
    with served() as site, Catalogue(tmp_path / "data") as catalogue:
        woken: list[int] = []
        file = sources_file(tmp_path, with_pages(site))
        follower = Follower(SqliteStore(tmp_path / "data"), file, 2**20, lambda: woken.append(1))
        follower.start()
        try:
            until(lambda: any(state.ended for state in catalogue.web.states()))
            (state,) = catalogue.web.states()
            catalogue.web.hurry(state.key)
            until(lambda: visited_again(follower, catalogue))
        finally:
            follower.close()
        assert len(site.requests("/sitemap.xml")) == 2, "the second visit was hurried"
        assert len(catalogue.files("default", "https:")) == 2
        assert woken == [1, 1]
        (shown,) = followed_sources(Settings(data=tmp_path / "data", sources=file))
        assert (shown.pages, shown.refused, shown.is_open) == (2, [], False)
        assert shown.last_visit
        assert shown.next_visit
        assert (shown.next_visit - shown.last_visit).total_seconds() == 24 * 3600
        assert "last visit" in following.table([shown])


def test_a_site_that_fails_does_not_hold_up_another(tmp_path: Path) -> None:
    with served() as site, served() as other, Catalogue(tmp_path / "data") as catalogue:
        bad = site.url("/sitemap.xml", site.address)
        site.paths["/sitemap.xml"] = Answer(status=500)
        file = sources_file(tmp_path, bad, with_pages(other))
        follower = Follower(SqliteStore(tmp_path / "data"), file, 2**20, lambda: None)
        follower.start()
        try:
            until(lambda: any(state.ended for state in catalogue.web.states()))
            until(lambda: any(state.not_before for state in catalogue.web.states()))
        finally:
            follower.close()
        first, second = followed_sources(Settings(data=tmp_path / "data", sources=file))
        assert first.is_open
        assert "500" in first.note
        assert second.pages == 2


def test_a_source_that_is_configured_otherwise_is_tried_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.jobs.following.LOOK_SECONDS", 0.05)
    with served() as site, Catalogue(tmp_path / "data") as catalogue:
        file = sources_file(tmp_path, with_pages(site))
        allowed = file.read_text()
        file.write_text(allowed.replace('allow_private = ["127.0.0.2"]', ""))
        follower = Follower(SqliteStore(tmp_path / "data"), file, 2**20, lambda: None)
        follower.start()
        try:
            until(lambda: any(state.not_before for state in catalogue.web.states()))
            file.write_text(allowed)
            until(lambda: any(state.ended for state in catalogue.web.states()))
        finally:
            follower.close()
        assert len(catalogue.files("default", "https:")) == 2


def test_a_site_that_asks_to_be_left_alone_is_whatever_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.jobs.following.LOOK_SECONDS", 0.05)
    with served() as site, served() as other, Catalogue(tmp_path / "data") as catalogue:
        busy = site.url("/sitemap.xml", site.address)
        site.paths["/sitemap.xml"] = Answer(status=429, headers={"Retry-After": "3600"})
        file = sources_file(tmp_path, busy)
        follower = Follower(SqliteStore(tmp_path / "data"), file, 2**20, lambda: None)
        follower.start()
        try:
            until(lambda: any(state.not_before for state in catalogue.web.states()))
            asked = len(site.asked)
            sources_file(tmp_path, busy, with_pages(other))
            file.write_text(
                file.read_text().replace("delay_seconds", "max_pages = 7\ndelay_seconds")
            )
            until(lambda: any(state.ended for state in catalogue.web.states()))
        finally:
            follower.close()
        assert len(site.asked) == asked


def test_of_what_was_refused_the_first_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    key = SourceKey("sitemap", "https://press.example/sitemap.xml", "press")
    with Catalogue(tmp_path) as catalogue:
        visit = catalogue.web.begin(key, 1)
        for number in range(22):
            page = PageState(f"https://press.example/{number:02}", visit.number, reason="empty")
            catalogue.web.note_page(visit, page, [])
    settings = Settings(data=tmp_path)
    (shown,) = followed_sources(settings)
    assert (len(shown.refused), shown.refusals) == (20, 22)
    assert [each.address[-2:] for each in shown.refused[:2]] == ["00", "01"]
    assert "22 of them refused" in following.table([shown])
    assert "and 2 more" in following.table([shown])
    (all_,) = followed_sources(settings, most=100)
    assert len(all_.refused) == all_.refusals == 22


def test_what_was_never_visited_is_listed_without_a_collection(tmp_path: Path) -> None:
    file = sources_file(tmp_path, "http://127.0.0.2/sitemap.xml")
    (shown,) = followed_sources(Settings(data=tmp_path / "data", sources=file))
    assert "never visited, next now" in following.table([shown])
    assert not (tmp_path / "data").exists()
