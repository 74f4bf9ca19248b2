"""A site's wishes are honoured: what its robots.txt forbids, and the pauses that it asks for."""

from __future__ import annotations

import threading
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.types import Outcome
from corpus.web.crawling import Pace
from corpus.web.sources import Kind
from tests.corpus.web.conftest import Visitor
from tests.corpus.web.site import Answer, Site, served

NOTE = "Le 14 décembre 2020, les deux polices ont commencé à patrouiller ensemble à Remich."


def robots(site: Site, text: str, status: int = 200) -> None:
    site.paths["/robots.txt"] = Answer(text.encode(), status, type="text/plain")


def test_what_robots_txt_forbids_is_not_asked_for(visitor: Visitor, site: Site) -> None:
    robots(site, "User-agent: *\nDisallow: /private\nAllow: /private/but\nDisallow: /*.php$\n")
    pages = [site.page(path, f"{NOTE} {path}") for path in ("/a", "/private/b", "/private/but/c")]
    pages.append(site.page("/d.php", NOTE))
    assert visitor.sitemap(site.sitemap(*pages)) == {
        "/a": Outcome.ADDED,
        "/private/b": Outcome.REFUSED,
        "/private/but/c": Outcome.ADDED,
        "/d.php": Outcome.REFUSED,
    }
    assert not site.requests("/private/b") + site.requests("/d.php")


def test_the_rules_for_us_by_name_go_first(visitor: Visitor, site: Site) -> None:
    robots(site, "User-agent: *\nAllow: /\n\nUser-agent: passerelle\nDisallow: /\n")
    report = visitor.page(site.page("/a", NOTE))
    assert report.refusal == "Disallowed"
    assert [each.path for each in site.asked] == ["/robots.txt"]
    assert site.asked[0].headers["user-agent"].startswith("Passerelle/")


def test_a_redirect_leads_to_nothing_that_is_forbidden(visitor: Visitor, site: Site) -> None:
    robots(site, "User-agent: *\nDisallow: /private\n")
    site.page("/private", NOTE)
    assert visitor.page(site.moved("/a", "/private")).refusal == "Disallowed"
    assert not site.requests("/private")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(status=404), Outcome.ADDED),
        (Answer(status=403), Outcome.ADDED),
        (Answer(b"\xff\xfe\x00nonsense"), Outcome.ADDED),
        (Answer(status=500), Outcome.REFUSED),
        (Answer(b"User-agent: *\n" + b"Disallow: /x\n" * 60_000), Outcome.REFUSED),
        (Answer(status=301, headers={"Location": "/other.txt"}), Outcome.REFUSED),
        (Answer(status=301, headers={"Location": "/robots.txt"}), Outcome.ADDED),
    ],
    ids=["none", "not ours to see", "nonsense", "failing", "too large", "moved", "in a circle"],
)
def test_what_is_done_about_a_robots_txt(
    visitor: Visitor, site: Site, answer: Answer, outcome: Outcome
) -> None:
    """RFC 9309, 2.3.1."""
    site.paths["/robots.txt"] = answer
    site.paths["/other.txt"] = Answer(b"User-agent: *\nDisallow: /")
    assert visitor.page(site.page("/a", NOTE)).outcome is outcome


@pytest.mark.parametrize("asked", ["Crawl-delay: 0.25", "Request-rate: 4/1"])
def test_the_pause_that_a_site_asks_for_is_made(visitor: Visitor, site: Site, asked: str) -> None:
    robots(site, f"User-agent: *\n{asked}\n")
    pages = [site.page(f"/{number}", f"{NOTE} {number}") for number in range(2)]
    visitor.sitemap(site.sitemap(*pages))
    times = [each.time for each in site.asked if each.path != "/robots.txt"]
    assert len(times) == 3
    assert all(after - before >= 0.25 for before, after in pairwise(times))


def test_a_pause_of_days_is_refused(visitor: Visitor, site: Site) -> None:
    robots(site, "User-agent: *\nCrawl-delay: 86400\n")
    report = visitor.page(site.page("/a", NOTE))
    assert "86,400 s" in (report.reason or "")


def test_one_host_is_asked_once_at_a_time_and_others_are_not_held_up() -> None:
    pace = Pace()
    began, other = threading.Event(), threading.Event()

    def elsewhere() -> None:
        with pace.turn("b.example", 0):
            other.set()
        with pace.turn("a.example", 0):
            began.set()

    with pace.turn("a.example", 0):
        thread = threading.Thread(target=elsewhere)
        thread.start()
        assert other.wait(10)
        assert not began.is_set()
    thread.join()
    assert began.is_set()


@pytest.mark.parametrize("status", [429, 503])
def test_a_site_that_is_busy_is_left_alone(visitor: Visitor, site: Site, status: int) -> None:
    pages = [site.page(f"/{number}", f"{NOTE} {number}") for number in range(3)]
    address = site.sitemap(*pages)
    shown = site.paths["/1"]
    site.paths["/1"] = Answer(status=status, headers={"Retry-After": "3600"})
    visitor.sitemap(address)
    assert not site.requests("/2")
    (state,) = visitor.catalogue.web.states()
    assert state.ended is None
    assert 3500 < state.not_before - state.begun < 3700
    site.paths["/1"] = shown
    assert visitor.sitemap(address) == {"/1": Outcome.ADDED, "/2": Outcome.ADDED}


def test_a_source_takes_pages_of_its_own_hosts_only(visitor: Visitor, site: Site) -> None:
    with served("127.0.0.3", site.port) as other:
        visitor.names.point("other.example", ["127.0.0.3"])
        visitor.names.point("evil.example", ["127.0.0.3"])
        for path in ("/a", "/b"):
            other.page(path, f"{NOTE} {path}")
        site.page("/c", NOTE)
        address = site.sitemap(
            site.url("/c", "www.site.example"),
            other.url("/a", "other.example"),
            site.moved("/moved", other.url("/b", "evil.example")),
        )
        port = str(site.port)
        reports = visitor.reports(Kind.SITEMAP, address, hosts=frozenset({f"other.example:{port}"}))
        assert [report.outcome for report in reports] == [
            Outcome.ADDED,
            Outcome.ADDED,
            Outcome.REFUSED,
        ]
        assert reports[-1].refusal == "OutsideSource"
        assert "--host evil.example" in (reports[-1].reason or "")
        assert [each.path for each in other.asked] == ["/robots.txt", "/a"]


@given(st.binary(max_size=300))
def test_any_robots_txt_is_survived(text: bytes) -> None:
    from protego import Protego

    from corpus.web.robots import Rules

    rules = Rules(Protego.parse(text.decode("utf-8-sig", "replace")))
    assert rules.allow("http://a.example/b?c") in (True, False)
    assert rules.delay_seconds >= 0
