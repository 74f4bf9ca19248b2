"""How a passage is cited elsewhere: as text, Markdown and BibTeX, and by a link to its source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote

from api.web.i18n import Texts, date_in_words, texts
from api.web.place_in_text import place_in
from corpus.store.view.listings import DocumentSummary
from corpus.types import Document
from qa.types import CitedPassage

FRAGMENT_WORDS = 5
"""Words at either end by which a browser finds a sentence; between them it may be broken."""

_MARKDOWN = re.compile(r"([\\`*_{}\]<>#+\-!|~&$@]|:(?=//)|(?<=www)\.)", re.IGNORECASE)
"""What begins markup, or an address that many clients make a link of. Not brackets that open: what
stands between \\( and \\) or \\[ and \\], many set as mathematics."""
_ITEM = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
"""What begins a list."""
_BIBTEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "$": r"\$",
    "#": r"\#", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip


class Citations(NamedTuple):
    """The same citation in three notations."""

    text: str
    markdown: str
    bibtex: str


def citations(cited: CitedPassage, quoted: str, viewer: str, language: str) -> Citations:
    """Return how to cite ``quoted`` out of a passage, as a reader of ``language`` writes.

    Args:
        cited: The passage.
        quoted: What of it is quoted.
        viewer: Absolute address of the passage in the viewer, for a document that has none
            of its own on the web.
        language: Of the interface: its quotation marks, dates and abbreviations.
    """
    document, t = cited.citation.document, texts(language)
    words = " ".join(quoted.split())
    address = web_address(document.url) or viewer
    exactly = [
        *_numbers(cited, quoted, t),
        *([t["recognised"]] if cited.citation.recognised else []),
    ]
    page = _page(cited, language)
    details = [*facts(cited, language), *exactly]
    link = markdown_link(document.title, address)
    source = ", ".join([document.title, *details])
    return Citations(
        text=f"{t['quoted'].format(text=words)} – {source}. {address}",
        markdown=f"> {in_markdown(words)}\n>\n> — {', '.join([link, *map(in_markdown, details)])}",
        bibtex=bibtex(cited, viewer, place=", ".join([*([page] if page else []), *exactly])),
    )


def _numbers(cited: CitedPassage, quoted: str, t: Texts) -> Iterator[str]:
    """Yield the section, article and paragraph that the quoted stands in, as far as they are
    numbered."""
    at = cited.text.find(quoted)
    place = place_in(cited.text, at if at >= 0 else cited.answer.start)
    if place.section:
        yield t["section_short"].format(section=place.section)
    if place.article:
        yield place.article  # a word and a number, so nothing in it is markup
    if place.paragraph:
        yield t["paragraph_short"].format(paragraph=place.paragraph)


def facts(cited: CitedPassage, language: str) -> list[str]:
    """Return what is known of a passage's source beside its title: by whom, when, which page."""
    document = cited.citation.document
    day = date_in_words(document.published, language) if document.published else None
    return [each for each in (document.publisher, day, _page(cited, language)) if each]


def _page(cited: CitedPassage, language: str) -> str | None:
    page = cited.citation.page
    return texts(language)["page_short"].format(page=page) if page else None


def bibtex(cited: CitedPassage, viewer: str, *, place: str = "") -> str:
    """Return a passage's source for BibTeX; ``viewer`` is its address if it has none of its own.

    The key names the passage, so that two of one document are two entries.
    """
    document, citation = cited.citation.document, cited.citation
    address = web_address(document.url) or viewer
    fields = {
        "title": f"{{{_escaped(document.title)}}}",
        "publisher": document.publisher and _escaped(document.publisher),
        "date": document.published and document.published.isoformat(),
        "note": place or (citation.page and f"p. {citation.page}"),
        "langid": cited.language,
        "url": re.sub(r"[{}\\\s]", lambda found: quote(found[0]), address),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{document.id}-{citation.span.start},", *lines, "}"])


def web_address(url: str | None) -> str | None:
    """Return a document's stated address if it is one on the web, not a script or a file."""
    return url if url and url.lower().startswith(("http://", "https://")) else None


def source_link(
    document: Document | DocumentSummary, page: int | None, sentence: str
) -> str | None:
    """Return the address on the web that opens a document's source at a sentence.

    A PDF opens at its page, anything else is searched by the browser
    (https://wicg.github.io/scroll-to-text-fragment/). None where it is not on the web.
    """
    address = web_address(document.url)
    if address is None:
        return None
    base, _, fragment = address.partition("#")
    if document.media_type == "application/pdf":
        return f"{base}#page={page}" if page else address
    return f"{base}#{fragment}:~:text={_text_directive(sentence)}"


def _text_directive(sentence: str) -> str:
    words = sentence.split()
    ends = [words]
    if len(words) > 2 * FRAGMENT_WORDS:
        ends = [words[:FRAGMENT_WORDS], words[-FRAGMENT_WORDS:]]
    # A bare hyphen would make a part the text before or after.
    return ",".join(quote(" ".join(end), safe="").replace("-", "%2D") for end in ends)


def markdown_link(text: str, address: str) -> str:
    """Return a link in Markdown, of one line."""
    shown = in_markdown(" ".join(text.split())).replace("[", "&#91;")
    return f"[{shown}](<{link_target(address)}>)"


def link_target(address: str) -> str:
    """Return an address as a Markdown link holds it between angle brackets, which it cannot end."""
    return re.sub(r"[<>\\\s]", lambda found: quote(found[0]), address)


def in_markdown(text: str) -> str:
    """Return a text as Markdown shows it, none of it taken for markup."""
    return _ITEM.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", text))


def _escaped(text: str) -> str:
    return "".join(_BIBTEX.get(character, character) for character in " ".join(text.split()))
