"""A source is visited, and visited again."""

from __future__ import annotations

import threading

import pytest

from corpus.store.view import View
from corpus.types import Outcome
from corpus.web.crawling import Pace, Stopped
from corpus.web.sources import Kind
from index.writer import encode_waiting
from tests.corpus.web.conftest import Visitor
from tests.corpus.web.site import Answer, Site
from tests.documents import pdf
from tests.encoders import WordEncoder

NOTE = "Le 14 décembre 2020, les deux polices ont commencé à patrouiller ensemble à Remich."
GERMAN = "Am 14. Dezember 2020 haben die beiden Polizeien ihre erste gemeinsame Streife begonnen."


def test_a_page_is_read_by_the_ordinary_door_with_its_address(visitor: Visitor, site: Site) -> None:
    address = site.page("/notes/2020", NOTE)
    report = visitor.page(address)
    assert report.outcome is Outcome.ADDED
    encode_waiting(visitor.catalogue, WordEncoder())
    with View.open(visitor.catalogue.folder) as view:
        document = view.document(report.document or "")
    assert document
    assert document.url == address
    assert document.file == f"site.example:{site.port}/notes/2020.html"
    assert NOTE in document.text


def test_a_pdf_is_read_as_one(visitor: Visitor, site: Site) -> None:
    site.paths["/report"] = Answer(pdf([NOTE]), type="application/pdf")
    assert visitor.page(site.url("/report")).outcome is Outcome.ADDED
    assert visitor.files() == [f"site.example:{site.port}/report.pdf"]


def test_the_rows_of_a_table_follow_it(visitor: Visitor, site: Site) -> None:
    table = f"title,text\nEins,{NOTE}\nZwei,{GERMAN}\n"
    site.paths["/news.csv"] = Answer(table.encode(), type="text/csv")
    address = site.sitemap(site.url("/news.csv"))
    assert list(visitor.sitemap(address).values()) == [Outcome.ADDED] * 2
    site.paths["/news.csv"] = Answer(table.rpartition("Zwei")[0].encode(), type="text/csv")
    assert sorted(visitor.sitemap(address).values()) == [Outcome.REMOVED, Outcome.UNCHANGED]
    assert len(visitor.files()) == 1


def test_what_has_not_changed_is_not_sent_again(visitor: Visitor, site: Site) -> None:
    by_tag = site.page("/tag", NOTE, ETag='"7"')
    by_date = site.page("/date", GERMAN, Last_Modified="Mon, 14 Dec 2020 10:00:00 GMT")
    address = site.sitemap(by_tag, by_date)
    assert set(visitor.sitemap(address).values()) == {Outcome.ADDED}
    assert set(visitor.sitemap(address).values()) == {Outcome.UNCHANGED}
    assert site.requests("/tag")[-1].headers["if-none-match"] == '"7"'
    assert "if-modified-since" in site.requests("/date")[-1].headers
    site.page("/tag", NOTE + " Es war kalt.", ETag='"8"')
    assert visitor.sitemap(address)["/tag"] is Outcome.UPDATED


def test_a_page_is_followed_to_the_collection_that_its_document_was_moved_to(
    visitor: Visitor, site: Site
) -> None:
    address = site.page("/tag", NOTE, ETag='"7"')
    document = visitor.page(address).document
    assert document
    encode_waiting(visitor.catalogue, WordEncoder())
    visitor.catalogue.move(document, "archive")
    assert visitor.page(address).outcome is Outcome.UNCHANGED
    site.page("/tag", GERMAN, ETag='"8"')
    report = visitor.page(address)
    assert (report.outcome, report.document) == (Outcome.UPDATED, document)
    assert visitor.catalogue.place_of(document) == ("archive", f"site.example:{site.port}/tag.html")
    site.paths["/tag"] = Answer(status=404)
    assert visitor.page(address).outcome is Outcome.REMOVED
    assert visitor.files() == []


def test_what_is_not_there_is_asked_for_whole(visitor: Visitor, site: Site) -> None:
    """As after somebody has removed the document."""
    address = site.page("/tag", NOTE, ETag='"7"')
    report = visitor.page(address)
    visitor.catalogue.remove(report.document or "")
    assert visitor.page(address).outcome is Outcome.ADDED
    assert "if-none-match" not in site.requests("/tag")[-1].headers


def test_a_page_that_is_gone_is_removed(visitor: Visitor, site: Site) -> None:
    pages = [site.page(f"/{name}", f"{NOTE} {name}") for name in ("one", "two", "three")]
    address = site.sitemap(*pages)
    visitor.sitemap(address)
    site.paths["/one"] = Answer(status=404)
    site.paths["/two"] = Answer(status=410)
    assert visitor.sitemap(address) == {
        "/one": Outcome.REMOVED,
        "/two": Outcome.REMOVED,
        "/three": Outcome.UNCHANGED,
    }
    site.sitemap(pages[0])
    assert visitor.sitemap(address) == {"/one": Outcome.REFUSED, "/three": Outcome.REMOVED}
    assert visitor.files() == []


def test_a_page_that_fails_for_now_keeps_its_document(visitor: Visitor, site: Site) -> None:
    address = site.sitemap(site.page("/one", NOTE))
    visitor.sitemap(address)
    site.paths["/one"] = Answer(status=500)
    assert visitor.sitemap(address) == {"/one": Outcome.REFUSED}
    site.paths["/one"] = Answer(b"\x7fELF and so on")
    assert visitor.sitemap(address) == {"/one": Outcome.REFUSED}
    assert len(visitor.files()) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=500),
        Answer(status=404),
        Answer(b"<html><body>Wartung</body></html>"),
        Answer(b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>'),
    ],
    ids=["error", "missing", "maintenance", "empty"],
)
def test_a_sitemap_that_fails_removes_nothing(visitor: Visitor, site: Site, answer: Answer) -> None:
    address = site.sitemap(site.page("/one", NOTE))
    visitor.sitemap(address)
    site.paths["/sitemap.xml"] = answer
    assert visitor.sitemap(address) == {"/sitemap.xml": Outcome.REFUSED}
    assert len(visitor.files()) == 1


def test_a_page_of_two_sources_stays_while_one_has_it(visitor: Visitor, site: Site) -> None:
    page, other = site.page("/one", NOTE), site.page("/two", GERMAN)
    address = site.sitemap(page, other)
    visitor.sitemap(address)
    visitor.page(page)
    site.sitemap(other)
    assert visitor.sitemap(address) == {"/two": Outcome.UNCHANGED}
    assert len(visitor.files()) == 2


def test_redirects_and_canonical_addresses_make_one_document(visitor: Visitor, site: Site) -> None:
    own = site.url("/own")
    site.page("/own", NOTE, head=f'<link rel="canonical" href="{own}">')
    printed = site.page("/own?print=1", f"{NOTE} 1/1", head='<link rel="canonical" href="/own">')
    moved = site.moved("/old", "/older")
    site.moved("/older", own, 302)
    address = site.sitemap(printed, moved, own)
    assert visitor.sitemap(address) == {"/own": Outcome.ADDED, "/old": Outcome.UNCHANGED}
    assert visitor.files() == [f"site.example:{site.port}/own.html"]
    assert set(visitor.sitemap(address).values()) == {Outcome.UNCHANGED}
    site.sitemap(moved)
    assert visitor.sitemap(address) == {"/own": Outcome.UNCHANGED}
    assert len(visitor.files()) == 1


def test_what_leads_to_a_refused_page_is_refused_for_the_same_reason(
    visitor: Visitor, site: Site
) -> None:
    site.paths["/bad"] = Answer(b"\x7fELF and so on")
    address = site.sitemap(site.url("/bad"), site.moved("/old", "/bad"))
    first, second = visitor.reports(Kind.SITEMAP, address)
    assert first.outcome is second.outcome is Outcome.REFUSED
    assert first.reason == second.reason


def test_an_address_that_is_none_does_not_keep_what_is_gone(visitor: Visitor, site: Site) -> None:
    pages = [site.page(f"/{name}", f"{NOTE} {name}") for name in ("one", "two")]
    address = site.sitemap(*pages)
    visitor.sitemap(address)
    site.sitemap(pages[0], "javascript:alert(1)")
    assert visitor.sitemap(address) == {
        "/one": Outcome.UNCHANGED,
        "/two": Outcome.REMOVED,
        "/sitemap.xml": Outcome.REFUSED,
    }


def test_a_canonical_address_that_leads_nowhere_is_not_believed(
    visitor: Visitor, site: Site
) -> None:
    for number, canonical in enumerate(("/missing", "http://other.example/", "ftp://a", "/b")):
        site.moved("/b", "/b")
        page = site.page(f"/{number}", f"{NOTE} {number}", f"<link rel=canonical href={canonical}>")
        assert visitor.page(page).outcome is Outcome.ADDED, canonical
    assert len(visitor.files()) == 4


def test_two_addresses_of_one_name_are_two_documents(visitor: Visitor, site: Site) -> None:
    address = site.sitemap(site.page("/a", NOTE), site.page("/a.html", GERMAN))
    assert list(visitor.sitemap(address).values()) == [Outcome.ADDED] * 2
    assert len(visitor.files()) == 2
    assert list(visitor.sitemap(address).values()) == [Outcome.UNCHANGED] * 2


def test_what_asks_not_to_be_indexed_is_not(visitor: Visitor, site: Site) -> None:
    address = site.sitemap(site.page("/one", NOTE), site.page("/two", GERMAN))
    visitor.sitemap(address)
    site.page("/one", NOTE, head='<meta name="robots" content="noindex, follow">')
    site.page("/two", GERMAN, X_Robots_Tag="noindex")
    assert set(visitor.sitemap(address).values()) == {Outcome.REMOVED}
    assert set(visitor.sitemap(address).values()) == {Outcome.REFUSED}


def test_translations_are_linked_if_both_say_so(visitor: Visitor, site: Site) -> None:
    def head(*languages: str) -> str:
        return "".join(
            f'<link rel="alternate" hreflang="{code}" href="/{code}">' for code in languages
        )

    french = site.page("/fr", NOTE, head("fr", "de"))
    german = site.page("/de", GERMAN, head("de", "fr"))
    pretender = site.page("/lb", f"{GERMAN} Moien.", head("lb", "fr", "de"))
    visitor.sitemap(site.sitemap(french, german, pretender))
    assert linked(visitor) == {("fr.html", "de.html"), ("de.html", "fr.html")}


def test_translations_are_linked_by_the_sitemap_and_across_sources(
    visitor: Visitor, site: Site
) -> None:
    french, german = site.page("/fr", NOTE), site.page("/de", GERMAN)
    for page, path in ((french, "/fr.xml"), (german, "/de.xml")):
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang="{each[-2:]}" href="{each}"/>'
            for each in (french, german)
        )
        address = site.sitemap(path=path, more=f"<url><loc>{page}</loc>{links}</url>")
        visitor.sitemap(address)
    assert linked(visitor) == {("fr.html", "de.html"), ("de.html", "fr.html")}


def linked(visitor: Visitor) -> set[tuple[str, str]]:
    encode_waiting(visitor.catalogue, WordEncoder())
    with View.open(visitor.catalogue.folder) as view:
        ids = [document for document, _ in visitor.catalogue.files("default", "https:")]
        names = {id_: summary.file for id_ in ids if (summary := view.summary(id_))}
        return {
            (names[one].partition("/")[2], other.file.partition("/")[2])
            for one, others in view.translations(ids).items()
            for other in others
        }


def test_a_feed_is_followed_and_what_it_no_longer_lists_stays(visitor: Visitor, site: Site) -> None:
    def feed(*pages: str) -> Answer:
        items = "".join(f"<item><link>{page}</link></item>" for page in pages)
        return Answer(f"<rss><channel><link>/</link>{items}</channel></rss>".encode())

    first, second = site.page("/1", NOTE), site.page("/2", GERMAN)
    site.paths["/feed"] = feed(first)
    assert visitor.feed(site.url("/feed")) == {"/1": Outcome.ADDED}
    site.paths["/feed"] = feed(second)
    assert visitor.feed(site.url("/feed")) == {"/2": Outcome.ADDED, "/1": Outcome.UNCHANGED}
    site.paths["/1"] = Answer(status=410)
    assert visitor.feed(site.url("/feed")) == {"/2": Outcome.UNCHANGED, "/1": Outcome.REMOVED}


def test_a_visit_that_was_cut_off_is_taken_up_where_it_stopped(
    visitor: Visitor, site: Site
) -> None:
    pages = [site.page(f"/{number}", f"{NOTE} {number}") for number in range(4)]
    address = site.sitemap(*pages)
    stop = threading.Event()
    visitor.pace = Pace(stop)
    shown = site.paths["/1"]
    assert isinstance(shown, Answer)

    def stopping(handler: object) -> Answer:
        stop.set()
        return shown

    site.paths["/1"] = stopping
    with pytest.raises(Stopped):
        visitor.sitemap(address)
    assert len(visitor.files()) == 2
    (state,) = visitor.catalogue.web.states()
    assert state.ended is None

    site.asked.clear()
    visitor.pace = Pace()
    assert visitor.reports(Kind.SITEMAP, address)
    assert [each.path for each in site.asked] == ["/robots.txt", "/sitemap.xml", "/2", "/3"]
    assert len(visitor.files()) == 4
    (state,) = visitor.catalogue.web.states()
    assert state.ended


def test_a_page_may_be_left_out_by_the_operator(visitor: Visitor, site: Site) -> None:
    address = site.sitemap(site.page("/in", NOTE), site.page("/private/out", GERMAN))
    visitor.sitemap(address)
    assert visitor.sitemap(address, exclude=("*/private/*",)) == {
        "/in": Outcome.UNCHANGED,
        "/private/out": Outcome.REMOVED,
    }
