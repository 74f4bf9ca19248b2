"""A site may do as it likes: what it sends is read, refused or given up, and the rest goes on."""

from __future__ import annotations

import gc
import gzip
import os
import signal
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import psutil
import pytest

from corpus.errors import FileTooLarge
from corpus.store.catalogue import Catalogue
from corpus.store.view import View
from corpus.types import Outcome
from corpus.web.errors import NotFetched
from corpus.web.fetching import unpacked
from corpus.web.sources import Kind
from index.writer import encode_waiting
from tests.corpus.web.conftest import Visitor
from tests.corpus.web.site import Answer, Site
from tests.encoders import WordEncoder

NOTE = "Le 14 décembre 2020, les deux polices ont commencé à patrouiller ensemble à Remich."
MIB = 2**20


def head(handler: BaseHTTPRequestHandler, *lines: str) -> None:
    handler.wfile.write("\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode())


def endless_feed(handler: BaseHTTPRequestHandler) -> None:
    head(handler, "Content-Type: application/rss+xml", "Connection: close")
    item = b"<item><link>http://site.example/%d</link></item>" * 1_000
    with suppress(OSError):
        handler.wfile.write(b"<rss><channel>")
        while True:
            handler.wfile.write(item)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    head(handler, "Content-Type: text/html", "Connection: close")
    with suppress(OSError):
        while True:
            handler.wfile.write(b"<p>x")
            time.sleep(0.05)


def dripping_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    with suppress(OSError):
        while True:
            handler.wfile.write(b"X: y\r\n")
            time.sleep(0.05)


def silent(handler: BaseHTTPRequestHandler) -> None:
    with suppress(OSError):
        handler.connection.recv(1)


def promising_more(handler: BaseHTTPRequestHandler) -> None:
    head(handler, "Content-Type: text/html", "Content-Length: 100000")
    handler.wfile.write(NOTE.encode())


def sending_more(handler: BaseHTTPRequestHandler) -> None:
    page = f"<html><body><p>{NOTE}</p></body></html>".encode()
    head(handler, "Content-Type: text/html", f"Content-Length: {len(page)}")
    handler.wfile.write(page + b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nBAD" * 100)


def no_http(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")


def endless_header(handler: BaseHTTPRequestHandler) -> None:
    with suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 10 * MIB)


def broken_chunks(handler: BaseHTTPRequestHandler) -> None:
    head(handler, "Content-Type: text/html", "Transfer-Encoding: chunked")
    handler.wfile.write(b"5\r\n<p>Mo\r\nZZ\r\nien\r\n")


BAD: dict[str, tuple[Answer | Callable[[BaseHTTPRequestHandler], None], str]] = {
    "dripping": (dripping, "too slow"),
    "dripping headers": (dripping_headers, "too slow"),
    "silent": (silent, "too slow"),
    "promising more": (promising_more, "does not answer as it should"),
    "no HTTP": (no_http, "does not answer as it should"),
    "endless header": (endless_header, "does not answer as it should"),
    "broken chunks": (broken_chunks, "does not answer as it should"),
    "endless": (endless_feed, "more than 1 MiB"),
    "said to be large": (Answer(b"x" * (MIB + 1)), "more than 1 MiB"),
    "gzip bomb": (
        Answer(gzip.compress(bytes(200 * MIB), 1), headers={"Content-Encoding": "gzip"}),
        "more than 1 MiB",
    ),
    "no gzip": (
        Answer(NOTE.encode(), headers={"Content-Encoding": "gzip"}),
        "cannot be unpacked",
    ),
    "cut gzip": (
        Answer(gzip.compress(NOTE.encode())[:-9], headers={"Content-Encoding": "gzip"}),
        "cut short",
    ),
    "packed otherwise": (Answer(NOTE.encode(), headers={"Content-Encoding": "br"}), "unasked"),
    "a program as a page": (Answer(b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 9), "a program"),
    "a program as a program": (
        Answer(b"MZ" + bytes(range(256)) * 9, type="application/x-msdownload"),
        "application/x-msdownload",
    ),
    "a page as a PDF": (Answer(b"<html><p>Moien", type="application/pdf"), "an HTML page"),
    "nothing": (Answer(b""), "empty"),
    "no words": (Answer(b"<html><body></body></html>"), "no text"),
    "deep": (Answer(b"<html><body>" + b"<div>" * 20_000 + b"x"), "nested too deeply"),
    "a strange status": (Answer(status=418), "418"),
    "a redirect to a file": (Answer(status=302, headers={"Location": "file:///etc/passwd"}), "web"),
    "a redirect with a password": (
        Answer(status=302, headers={"Location": "http://a:b@site.example/"}),
        "password",
    ),
    "a redirect to nowhere": (Answer(status=302), "302"),
    "a redirect to itself": (Answer(status=302, headers={"Location": "/bad"}), "circle"),
    "a redirect to nonsense": (Answer(status=302, headers={"Location": "http://[::"}), "web"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_page_is_refused_with_its_reason_and_the_next_is_read(
    visitor: Visitor, site: Site, name: str
) -> None:
    visitor.seconds = 1.0 if "too slow" in BAD[name][1] else 20.0
    site.paths["/bad"], reason = BAD[name]
    address = site.sitemap(site.url("/bad"), site.page("/good", NOTE))
    bad, good = visitor.reports(Kind.SITEMAP, address)
    assert bad.outcome is Outcome.REFUSED
    assert reason in (bad.reason or "")
    assert good.outcome is Outcome.ADDED


def test_what_comes_after_the_length_that_was_said_is_not_read(
    visitor: Visitor, site: Site
) -> None:
    site.paths["/long"] = sending_more
    address = site.sitemap(site.url("/long"), site.page("/good", NOTE + " Bis."))
    assert set(visitor.sitemap(address).values()) == {Outcome.ADDED}
    encode_waiting(visitor.catalogue, WordEncoder())
    with View.open(visitor.catalogue.folder) as view:
        texts = [view.document(id_) for id_, _ in visitor.catalogue.files("default", "https:")]
    assert not any("BAD" in each.text for each in texts if each)


def test_an_encoding_that_changes_in_mid_page_loses_no_word_in_ascii(
    visitor: Visitor, site: Site
) -> None:
    page = f"<html><meta charset=utf-8><body><p>{NOTE}</p>".encode()
    page += "<p>Die Grünen kamen später dazu, mit Rädern.</p>".encode("latin-1")
    page += "<p>Ende der Notiz.</p>".encode("utf-16-le")
    site.paths["/a"] = Answer(page)
    report = visitor.page(site.url("/a"))
    assert report.outcome is Outcome.ADDED
    encode_waiting(visitor.catalogue, WordEncoder())
    with View.open(visitor.catalogue.folder) as view:
        document = view.document(report.document or "")
    assert document
    assert "patrouiller ensemble" in document.text
    assert "kamen" in document.text


def test_redirects_are_followed_five_times(visitor: Visitor, site: Site) -> None:
    site.page("/0", NOTE)
    for number in range(1, 7):
        site.moved(f"/{number}", f"/{number - 1}")
    assert "more than 5 times" in (visitor.page(site.url("/6")).reason or "")
    assert visitor.page(site.url("/5")).outcome is Outcome.ADDED


def test_a_feed_that_never_ends_is_given_up(visitor: Visitor, site: Site) -> None:
    site.paths["/feed"] = endless_feed
    gc.collect()  # what other tests left is no part of the difference
    before = psutil.Process().memory_info().rss
    (report,) = visitor.reports(Kind.FEED, site.url("/feed"))
    assert "more than 50 MiB" in (report.reason or "")
    assert psutil.Process().memory_info().rss - before < 200 * MIB


def test_a_sitemap_of_nearly_a_million_pages_is_bounded_and_that_is_said(
    visitor: Visitor, site: Site
) -> None:
    site.page("/0", NOTE)
    start = f"<url><loc>{site.url('/')}".encode()
    body = b"".join(start + b"%d</loc></url>" % number for number in range(900_000))
    site.paths["/sitemap.xml"] = Answer(
        zlib.compress(b"<urlset>" + body + b"</urlset>", 1, zlib.MAX_WBITS | 16),
        type="application/gzip",
    )
    reports = visitor.reports(Kind.SITEMAP, site.url("/sitemap.xml"), max_pages=3)
    assert [report.outcome for report in reports[:3]] == [
        Outcome.ADDED,
        Outcome.REFUSED,
        Outcome.REFUSED,
    ]
    said = " ".join(report.reason or "" for report in reports[3:])
    assert "lists more than can be read" in said
    assert "more than 3 pages" in said
    assert len(site.asked) == 5


def test_an_index_of_sitemaps_that_names_itself_comes_to_an_end(
    visitor: Visitor, site: Site
) -> None:
    def index(*addresses: str) -> Answer:
        entries = "".join(f"<sitemap><loc>{each}</loc></sitemap>" for each in addresses)
        return Answer(f"<sitemapindex>{entries}</sitemapindex>".encode())

    pages = site.sitemap(site.page("/a", NOTE), path="/pages.xml")
    site.paths["/b.xml"] = index(site.url("/a.xml"), site.url("/b.xml"), pages)
    site.paths["/a.xml"] = index(site.url("/b.xml"), site.url("/a.xml"), "http://127.0.0.1/x")
    (page, note) = visitor.reports(Kind.SITEMAP, site.url("/a.xml"))
    assert page.outcome is Outcome.ADDED
    assert "127.0.0.1" in (note.reason or "")
    assert [len(site.requests(path)) for path in ("/a.xml", "/b.xml", "/pages.xml")] == [1, 1, 1]


def test_an_index_of_ever_new_sitemaps_is_bounded(visitor: Visitor, site: Site) -> None:
    number = 0

    def more(handler: BaseHTTPRequestHandler) -> Answer:
        nonlocal number
        number += 1
        site.paths[f"/{number}.xml"] = more
        next_one = site.url(f"/{number}.xml")
        return Answer(
            f"<sitemapindex><sitemap><loc>{next_one}</loc></sitemap></sitemapindex>".encode()
        )

    site.paths["/0.xml"] = more
    reports = visitor.reports(Kind.SITEMAP, site.url("/0.xml"))
    assert "more than 100 sitemaps" in " ".join(report.reason or "" for report in reports)
    assert number == 100


def test_entities_of_a_list_are_not_put_in(visitor: Visitor, site: Site, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("/etc/secret")
    levels = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "http://site.example/"}">' for n in range(12)
    )
    site.paths["/sitemap.xml"] = Answer(
        f'<!DOCTYPE urlset [<!ENTITY s SYSTEM "{secret.as_uri()}">{levels}]><urlset>'
        f"<url><loc>{site.url('/')}&s;</loc></url><url><loc>&l11;</loc></url></urlset>".encode()
    )
    visitor.reports(Kind.SITEMAP, site.url("/sitemap.xml"))
    assert not any("secret" in each.path for each in site.asked)


def test_addresses_become_no_names_that_lead_out(visitor: Visitor, site: Site) -> None:
    paths = [
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/a%00b",
        "/a%0Ab",
        "/%ff%fe",
        "/" + "x" * 900,
        "/?a=/../../b",
        "/%E2%80%AEgnp.exe",
        "/.hidden",
        "/C:%5Cwindows",
    ]
    for path in paths:
        site.page(path, f"{NOTE} {path[:40]}")
    outcomes = [visitor.page(site.url(path)).outcome for path in paths]
    assert outcomes == [Outcome.ADDED] * len(paths)
    for file in visitor.files():
        assert file.startswith(f"site.example:{site.port}/")
        assert ".." not in Path(file).parts
        assert file.isprintable()
        assert len(file) <= 500


@pytest.mark.parametrize("size", [0, 1, 100, 2 * MIB])
def test_what_is_packed_is_unpacked_up_to_the_limit(size: int) -> None:
    packed = gzip.compress(bytes(size)) + gzip.compress(b"end")
    chunks = [packed[at : at + 1000] for at in range(0, len(packed), 1000)]
    if size > MIB:
        with pytest.raises(FileTooLarge):
            unpacked(chunks, MIB)
    else:
        assert unpacked(chunks, MIB) == bytes(size) + b"end"
    with pytest.raises(NotFetched):
        unpacked([*chunks[:-1], chunks[-1][:-1]], 4 * MIB)


SCRIPT = """
import sys
from pathlib import Path
from corpus.store.catalogue import Catalogue
from corpus.web.crawling import Pace
from corpus.web.sources import Kind, WebSource
from corpus.web.visiting import Network, visit
source = WebSource(Kind.SITEMAP, sys.argv[2], delay_seconds=0)
network = Network(lambda host, port: ["127.0.0.2"], lambda address: True)
with Catalogue(Path(sys.argv[1])) as catalogue:
    for report in visit(catalogue, source, Pace(), network=network):
        print(report.outcome, flush=True)
"""


def test_a_visit_that_was_killed_is_taken_up_and_loses_nothing(
    visitor: Visitor, site: Site, tmp_path: Path
) -> None:
    address = site.sitemap(*(site.page(f"/{n}", f"{NOTE} {n}", ETag=f'"{n}"') for n in range(6)))
    shown = site.paths["/3"]
    running: list[subprocess.Popen[str]] = []

    def killing(handler: BaseHTTPRequestHandler) -> None:
        os.kill(running[0].pid, signal.SIGKILL)
        handler.connection.shutdown(socket.SHUT_RDWR)

    site.paths["/3"] = killing
    command = [sys.executable, "-c", SCRIPT, str(visitor.catalogue.folder), address]
    running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    said, _ = running[0].communicate(timeout=120)
    assert running[0].returncode == -signal.SIGKILL
    assert said.split() == ["added"] * 3

    site.paths["/3"] = shown
    site.asked.clear()
    assert visitor.sitemap(address) == dict.fromkeys(("/3", "/4", "/5"), Outcome.ADDED)
    assert not site.requests("/0")
    assert len(visitor.files()) == 6
    assert set(visitor.sitemap(address).values()) == {Outcome.UNCHANGED}
    with Catalogue(visitor.catalogue.folder) as catalogue, View.open(catalogue.folder) as view:
        assert view.problems() == []
