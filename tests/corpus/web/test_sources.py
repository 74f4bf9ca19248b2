"""The operator's file of sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.store.web import AT_ONCE, SourceKey, SourceState
from corpus.web.addresses import normalized
from corpus.web.errors import BadAddress, SourcesFileError
from corpus.web.sources import Kind, WebSource, next_visit, read_sources


def test_a_file_of_sources_is_read(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(
        """
        [[source]]
        sitemap = "HTTPS://Site.Example:443/sitemap.xml#top"
        collection = "press"
        hosts = ["Media.site.example"]
        exclude = ["*/jobs/*"]
        every_hours = 6

        [[source]]
        feed = "http://intranet.example:8080/feed"
        allow_private = ["intranet.example"]
        max_pages = 50
        delay_seconds = 0
        """
    )
    assert read_sources(file) == [
        WebSource(
            Kind.SITEMAP,
            "https://site.example/sitemap.xml",
            "press",
            hosts=frozenset({"media.site.example"}),
            exclude=("*/jobs/*",),
            seconds_between_visits=6 * 3600,
        ),
        WebSource(
            Kind.FEED,
            "http://intranet.example:8080/feed",
            allow_private=frozenset({"intranet.example"}),
            max_pages=50,
            delay_seconds=0,
        ),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[source]", "no TOML"),
        ("[[source]]\n", "one of page, sitemap and feed"),
        ("[[source]]\npage = 'http://a/'\nfeed = 'http://a/'\n", "one of page, sitemap and feed"),
        ("[[source]]\npage = 'file:///etc/passwd'\n", "no address of the web"),
        ("[[source]]\npage = 'http://a/'\nallow_privat = ['a']\n", "allow_privat"),
        ("[[source]]\npage = 'http://a/'\nmax_pages = 0\n", "max_pages"),
        ("[[source]]\npage = 'http://a/'\nevery_hours = nan\n", "every_hours"),
        ("[[source]]\npage = 'http://a/'\n[[source]]\npage = 'http://A:80'\n", "there twice"),
        ("[source]\n", "source"),
    ],
)
def test_a_mistake_in_it_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(text)
    with pytest.raises(SourcesFileError, match=said):
        read_sources(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourcesFileError, match="No such file"):
        read_sources(tmp_path / "sources.toml")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("http://Site.Example", "http://site.example/"),
        ("http://site.example:80/a#b", "http://site.example/a"),
        ("https://exämple.org/é?ü", "https://xn--exmple-cua.org/%C3%A9?%C3%BC"),
        ("http://site.example/a%2Fb", "http://site.example/a%2Fb"),
        (" /b/../c ", "http://base.example/c"),
    ],
)
def test_an_address_has_one_spelling(written: str, address: str) -> None:
    assert normalized(written, "http://base.example/a/") == address
    assert normalized(address) == address


@pytest.mark.parametrize(
    "written",
    [
        "ftp://site.example/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://",
        "http://user:password@site.example/",
        "http://0177.0.0.1/",
        "http://[::",
        "http://site.example:99999/",
        "http://site.example/" + "a" * 2_000,
        "site.example",
    ],
)
def test_what_is_no_address_of_the_web(written: str) -> None:
    with pytest.raises(BadAddress):
        normalized(written)


def test_when_a_source_is_visited_next() -> None:
    source = WebSource(Kind.FEED, "http://a/", seconds_between_visits=100)
    key = SourceKey("feed", "http://a/", "default")
    state = SourceState(key, begun=1000, ended=1010, not_before=0, note="", pages=0, refused=0)
    assert next_visit(source, None) == 0
    assert next_visit(source, state) == 1100
    assert next_visit(source, state._replace(ended=None)) == 0
    assert next_visit(source, state._replace(not_before=AT_ONCE)) == 0
    assert next_visit(source, state._replace(ended=None, not_before=1050)) == 1050
