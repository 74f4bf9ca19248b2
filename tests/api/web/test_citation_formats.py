from __future__ import annotations

from dataclasses import replace
from datetime import date
from html import unescape
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from api.web.citation_formats import (
    citations,
    in_markdown,
    markdown_link,
    source_link,
    web_address,
)
from corpus.store.view.listings import DocumentSummary
from corpus.types import RecognisedPage, Span
from qa.types import Citation, CitedPassage

DOCUMENT = DocumentSummary(
    id="d-3f9c5e0a71b2d846",
    collection="press",
    file="a.html",
    media_type="text/html",
    sha256="",
    language="fr",
    title="50 % de police & co_opération",
    publisher="Benelux",
    published=date(2018, 7, 23),
    url="https://example.org/a?b=1#top",
    passages=1,
)


def cited(document: DocumentSummary = DOCUMENT) -> CitedPassage:
    citation = Citation(document, Span(412, 476), 2)
    return CitedPassage(1, 5.0, "fr", "Un. Deux.", Span(4, 9), citation, ())


def test_a_citation_says_what_where_and_when() -> None:
    found = citations(cited(), "Deux\n points.", "http://here/documents/d#1-2", "en")
    assert found.text == (
        "“Deux points.” – 50 % de police & co_opération, Benelux, 23 July 2018, p.\u00a02. "
        "https://example.org/a?b=1#top"
    )
    assert found.bibtex.splitlines() == [
        "@misc{d-3f9c5e0a71b2d846-412,",
        r"  title = {{50 \% de police \& co\_opération}},",
        "  publisher = {Benelux},",
        "  date = {2018-07-23},",
        "  note = {p.\u00a02},",
        "  langid = {fr},",
        "  url = {https://example.org/a?b=1#top},",
        "}",
    ]


def test_a_citation_names_the_article_and_its_paragraph() -> None:
    law = replace(cited(), text="Article 12\n\n(3) Un train.", answer=Span(16, 25))
    found = citations(law, "Un train.", "http://here/documents/d#1-2", "fr")
    assert "p.\u00a02, Article 12, par.\u00a03. https" in found.text
    assert "note = {p.\u00a02, Article 12, par.\u00a03}" in found.bibtex


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "p.\u00a02, recognised by OCR"),
        ("fr", "p.\u00a02, reconnu par OCR"),
        ("nl", "p.\u00a02, herkend met OCR"),
        ("de", "S.\u00a02, durch OCR erkannt"),
        ("lb", "S.\u00a02, mat OCR erkannt"),
    ],
)
def test_a_citation_says_that_words_were_recognised_in_a_picture(language: str, said: str) -> None:
    scanned = replace(cited().citation, recognised=RecognisedPage(2, 0.9, 12, 1))
    passage = replace(cited(), citation=scanned)
    found = citations(passage, "Deux.", "http://here/d", language)
    assert f", {said}. https" in found.text
    assert f"note = {{{said}}}" in found.bibtex
    assert found.markdown.endswith(said.rpartition(", ")[2])


def test_a_document_that_is_not_on_the_web_is_cited_by_the_viewer() -> None:
    local = replace(DOCUMENT, url=None, publisher=None, published=None)
    found = citations(cited(local), "Deux.", "http://here/documents/d#1-2", "en")
    assert found.text.endswith("co_opération, p.\u00a02. http://here/documents/d#1-2")
    assert "url = {http://here/documents/d#1-2}" in found.bibtex


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "“Deux.” – A, Benelux, 1 January 2025, p.\u00a02."),
        ("fr", "«\u00a0Deux.\u00a0» – A, Benelux, 1er janvier 2025, p.\u00a02."),
        ("nl", "“Deux.” – A, Benelux, 1 januari 2025, p.\u00a02."),
        ("de", "„Deux.“ – A, Benelux, 1. Januar 2025, S.\u00a02."),
        ("lb", "„Deux.“ – A, Benelux, 1. Januar 2025, S.\u00a02."),
    ],
)
def test_a_citation_is_written_as_its_reader_writes(language: str, written: str) -> None:
    document = replace(DOCUMENT, title="A", published=date(2025, 1, 1))
    found = citations(cited(document), "Deux.", "http://here/d", language)
    assert found.text.startswith(written)
    details = written.partition("A, ")[2].removesuffix(".")
    assert found.markdown.replace("\\", "").endswith(details)
    assert f"note = {{{details.rpartition(', ')[2]}}}" in found.bibtex
    assert "date = {2025-01-01}" in found.bibtex, "a programme reads it"


@pytest.mark.parametrize("hostile", ["](javascript:x) <b>", "**a** [b](c)", "# a", "`a` \\ ~b~"])
def test_a_title_is_no_markup_in_markdown(hostile: str) -> None:
    document = replace(DOCUMENT, title=hostile, publisher=hostile)
    html = MarkdownIt().render(citations(cited(document), hostile, "http://here/", "fr").markdown)
    assert html.count("<a ") == 1
    assert 'href="https://example.org/a?b=1#top"' in html
    assert not any(tag in html for tag in ("<b>", "<strong>", "<code>", "<h1>"))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("The Office (OPM) counted.", "The Office (OPM) counted."),
        ("[sic] and (so)", "[sic\\] and (so)"),
        ("5 $ or 6 $ more", "5 \\$ or 6 \\$ more"),
        ("https://evil.example/a-b", "https\\://evil.example/a\\-b"),
        ("at WWW.evil.example", "at WWW\\.evil.example"),
        ("press@example.org", "press\\@example.org"),
        ("1986. A year.", "1986\\. A year."),
        ("2) It rains.", "2\\) It rains."),
    ],
)
def test_what_clients_take_for_mathematics_or_an_address_is_neither(
    text: str, written: str
) -> None:
    """Open WebUI sets what stands between \\( and \\), and links addresses as GitHub does."""
    assert in_markdown(text) == written
    assert MarkdownIt().render(in_markdown(text)) == f"<p>{text}</p>\n"


def test_a_title_with_a_bracket_is_one_link() -> None:
    html = MarkdownIt().render(markdown_link("a [b c] [d", "http://here/"))
    assert html == '<p><a href="http://here/">a [b c] [d</a></p>\n'
    assert "\\[" not in markdown_link("a [b]", "http://here/")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1))
def test_any_text_is_shown_as_it_is(text: str) -> None:
    shown = MarkdownIt().render(f"x {in_markdown(text)}").strip()
    assert unescape(shown) == f"<p>x {text}</p>"


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_braces_in_bibtex_are_balanced_whatever_a_title_holds(title: str) -> None:
    bibtex = citations(cited(replace(DOCUMENT, title=title)), "a", "http://here/", "de").bibtex
    bare = bibtex.replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/> <img src=x onerror=alert(1)>",
        "https://example.org/a>)[x](javascript:alert(1))",
        "https://example.org/a\\>b",
    ],
)
def test_an_address_does_not_end_its_link_in_markdown(url: str) -> None:
    found = citations(cited(replace(DOCUMENT, url=url)), "Deux.", "http://here/d", "en")
    tokens = [
        child
        for token in MarkdownIt().parse(found.markdown)
        for child in token.children or []
        if child.type in ("link_open", "image", "html_inline")
    ]
    (link,) = tokens
    assert unquote(str(link.attrs["href"])) == url


def test_only_addresses_on_the_web_become_links() -> None:
    assert web_address("HTTPS://example.org/") == "HTTPS://example.org/"
    assert web_address("javascript:alert(1)") is None
    assert web_address("file:///etc/passwd") is None
    assert web_address(None) is None
    assert source_link(replace(DOCUMENT, url="javascript:alert(1)"), 1, "a") is None


def test_a_web_page_opens_at_the_sentence() -> None:
    link = str(source_link(DOCUMENT, None, "Sous-traité, signé."))
    assert link == "https://example.org/a?b=1#top:~:text=Sous%2Dtrait%C3%A9%2C%20sign%C3%A9."


def test_a_long_sentence_is_found_by_its_ends() -> None:
    sentence = " ".join(f"word{number}" for number in range(20))
    link = str(source_link(DOCUMENT, None, sentence))
    start, end = unquote(link).split(":~:text=")[1].split(",")
    assert sentence.startswith(start)
    assert sentence.endswith(end)


def test_a_pdf_opens_at_its_page() -> None:
    pdf = replace(DOCUMENT, media_type="application/pdf", url="https://example.org/a.pdf")
    assert source_link(pdf, 7, "a") == "https://example.org/a.pdf#page=7"
    assert source_link(pdf, None, "a") == "https://example.org/a.pdf"
