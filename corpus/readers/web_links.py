"""The addresses that a page, a sitemap or a feed names; nothing of what they say."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from corpus.errors import DamagedFile
from corpus.readers.formats.html import decoded, parsed

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_LINKS: Final = 100_000
"""Of one file: a full sitemap has 50,000 pages (https://www.sitemaps.org/protocol.html)."""

MAX_ALTERNATES: Final = 100
"""Of one page: there are 24 official languages in the European Union, and sites have regions."""


class LinkKind(StrEnum):
    """What an address is to the file that names it."""

    PAGE = "page"
    SITEMAP = "sitemap"
    CANONICAL = "canonical"
    """The page says that this is its own address."""
    ALTERNATE = "alternate"
    """The same page in another language; in a sitemap, that of the page named before."""
    NO_INDEX = "no index"
    """No address: the page asks search engines to leave it out."""
    MORE = "more"
    """No address: there are more than are read."""


class Link(NamedTuple):
    """An address as it is written."""

    kind: LinkKind
    address: str = ""


def links_in_page(content: bytes) -> tuple[Link, ...]:
    """Return what an HTML page says of its own address and of its translations.

    Raises:
        DamagedFile: its elements lie too deep inside one another to be read.
    """
    page = parsed(decoded(content))
    if page is None:
        return ()
    return tuple(_of_page(page))


def links_in_list(content: bytes) -> tuple[Link, ...]:
    """Return the pages that a sitemap, an index of sitemaps, or an RSS or Atom feed lists.

    A text that is no XML is a sitemap of one address a line.

    Raises:
        DamagedFile: it is none of these.
    """
    found = _in_xml(content) if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" else None
    lines = _in_lines(content) if found is None else found
    links = tuple(islice(lines, MAX_LINKS + 1))
    if len(links) > MAX_LINKS:
        return (*links[:MAX_LINKS], Link(LinkKind.MORE))
    return links


def _of_page(page: _Element) -> Iterator[Link]:
    # A <base> changes what the addresses after it are relative to; theirs is joined by the caller.
    from urllib.parse import urljoin

    base = next(iter(page.xpath("//base/@href")), "")
    alternates = 0
    for link in page.iter("link"):
        words, address = _words(link.get("rel")), (link.get("href") or "").strip()
        if not address:
            continue
        if "canonical" in words:
            yield Link(LinkKind.CANONICAL, urljoin(base, address))
        elif "alternate" in words and link.get("hreflang") and alternates < MAX_ALTERNATES:
            alternates += 1
            yield Link(LinkKind.ALTERNATE, urljoin(base, address))
    for meta in page.iter("meta"):
        if (meta.get("name") or "").strip().lower() in {"robots", "passerelle"} and not _words(
            (meta.get("content") or "").replace(",", " ")
        ).isdisjoint({"noindex", "none"}):
            yield Link(LinkKind.NO_INDEX)


def _words(attribute: str | None) -> set[str]:
    return set((attribute or "").lower().split())


def _in_lines(content: bytes) -> Iterator[Link]:
    lines = content.decode("utf-8-sig", "replace").split()
    if not lines or not all(line.startswith(("http://", "https://")) for line in lines):
        raise DamagedFile(
            "This is no sitemap and no feed: neither XML nor a list of addresses. Check the "
            "address."
        )
    for line in lines:
        yield Link(LinkKind.PAGE, line)


def _in_xml(content: bytes) -> Iterator[Link]:
    """Yield what is listed, entry by entry, so that no more of it is read than is wanted."""
    from lxml import etree

    entries = etree.iterparse(
        io.BytesIO(content),
        tag=[f"{{*}}{name}" for name in _ENTRIES],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for _, entry in entries:
            _refuse_other_root(entry.getroottree().getroot())
            yield from _ENTRIES[_local(entry)](entry)
            _forget(entry)
    except etree.XMLSyntaxError as error:
        raise DamagedFile(f"The list of pages is no valid XML ({error.msg}).") from error
    _refuse_other_root(entries.root)


def _refuse_other_root(root: _Element | None) -> None:
    if root is None or _local(root) not in _LISTS:
        raise DamagedFile("This is no sitemap and no RSS or Atom feed. Check the address.")


def _of_url(entry: _Element) -> Iterator[Link]:
    yield from _of_location(entry, LinkKind.PAGE)
    alternates = (each for each in entry if _local(each) == "link" and each.get("hreflang"))
    for each in islice(alternates, MAX_ALTERNATES):
        if address := (each.get("href") or "").strip():
            yield Link(LinkKind.ALTERNATE, address)


def _of_sitemap(entry: _Element) -> Iterator[Link]:
    yield from _of_location(entry, LinkKind.SITEMAP)


def _of_location(entry: _Element, kind: LinkKind) -> Iterator[Link]:
    # Not the <image:loc> of a picture, which lies deeper.
    if address := next((_text(each) for each in entry if _local(each) == "loc"), ""):
        yield Link(kind, address)


def _of_item(item: _Element) -> Iterator[Link]:
    """Yield an RSS item's address: its link, or the guid that stands for one."""
    named = {_local(each): each for each in reversed(item)}
    address = _text(named["link"]) if "link" in named else ""
    guid = named.get("guid")
    if not address and guid is not None and guid.get("isPermaLink", "true") == "true":
        address = _text(guid)
    if address:
        yield Link(LinkKind.PAGE, address)


def _of_entry(entry: _Element) -> Iterator[Link]:
    """Yield an Atom entry's address (RFC 4287, 4.2.7.2: a link without a relation is one)."""
    for each in entry:
        if _local(each) == "link" and each.get("rel", "alternate") == "alternate":
            if address := (each.get("href") or "").strip():
                yield Link(LinkKind.PAGE, address)
            return


_LISTS: Final = frozenset({"urlset", "sitemapindex", "rss", "RDF", "feed"})
"""Names of the outermost elements of sitemaps and feeds."""

_ENTRIES: Final[Mapping[str, Callable[[_Element], Iterator[Link]]]] = MappingProxyType(
    {"url": _of_url, "sitemap": _of_sitemap, "item": _of_item, "entry": _of_entry}
)
"""By the name of what holds an entry, how that is read."""


def _local(element: _Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _text(element: _Element) -> str:
    return (element.text or "").strip()


def _forget(element: _Element) -> None:
    """Let go of an entry that was read, and of those before it."""
    element.clear()
    while (before := element.getprevious()) is not None:
        before.getparent().remove(before)
