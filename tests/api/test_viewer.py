from __future__ import annotations

from api.viewer import Quoted, pieces, quoted, web_address
from corpus.types import Document, Span
from corpus.view import StoredPassage

TEXT = "Title\n\nOne. Two.\n\nThree."


def document(text: str = TEXT) -> Document:
    return Document(
        id="d-0000000000000000", collection="c", file="f", root="/", media_type="text/plain",
        sha256="", language="en", title="Title", publisher=None, published=None, url=None,
        text=text,
    )  # fmt: skip


def passage(start: int, end: int, page: int | None = None, language: str = "en") -> StoredPassage:
    return StoredPassage(start, 1, Span(start, end), page, language, TEXT[start:end], ())


def test_a_piece_is_a_passage_with_its_paragraphs() -> None:
    (piece,) = pieces(document(), [passage(0, len(TEXT))])
    assert piece.anchor == f"0-{len(TEXT)}"
    assert piece.paragraphs == ("Title", "One. Two.", "Three.")


def test_a_passage_that_begins_inside_a_paragraph_goes_on() -> None:
    found = list(pieces(document(), [passage(0, 11), passage(12, 16), passage(18, len(TEXT))]))
    assert [piece.goes_on for piece in found] == [False, True, False]


def test_a_page_is_told_where_it_changes() -> None:
    found = pieces(document(), [passage(0, 5, 1), passage(7, 11, 1), passage(12, 16, 2)])
    assert [piece.page for piece in found] == [1, None, 2]


def test_an_unknown_language_is_written_as_html_does() -> None:
    (piece,) = pieces(document(), [passage(0, 5, language="und")])
    assert piece.language == ""


def test_only_addresses_on_the_web_become_links() -> None:
    assert web_address("HTTPS://example.org/") == "HTTPS://example.org/"
    assert web_address("javascript:alert(1)") is None
    assert web_address("file:///etc/passwd") is None
    assert web_address(None) is None


def test_a_quote_is_its_paragraphs_with_the_sentence_marked() -> None:
    assert list(quoted(TEXT, Span(12, 16))) == [
        Quoted("Title", "", ""),
        Quoted("One. ", "Two.", ""),
        Quoted("", "", "Three."),
    ]


def test_a_mark_over_several_paragraphs_is_in_each() -> None:
    assert [part.marked for part in quoted(TEXT, Span(3, 20))] == ["le", "One. Two.", "Th"]
