"""What a file is, and what is refused before it is read."""

from __future__ import annotations

from contextlib import suppress

import pytest

from corpus.errors import (
    EmptyFile,
    EncryptedFile,
    MislabelledFile,
    NoText,
    Refused,
    UnknownFormat,
)
from corpus.readers import MEDIA_TYPES, media_type_of, read
from tests.documents import docx, pdf

PAGE = b"<!DOCTYPE html><html><body><p>Een alinea.</p></body></html>"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
ENCRYPTED_OFFICE = OLD_OFFICE + "EncryptedPackage".encode("utf-16-le")


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.txt", b"Bonjour.", "text/plain"),
        ("A.TXT", "Bonjour à tous.".encode("utf-16"), "text/plain"),
        ("a.md", b"# Title", "text/markdown"),
        ("a.htm", PAGE, "text/html"),
        ("a.html", b"<p>A fragment only</p>", "text/html"),
        ("a.html", PAGE.decode().encode("utf-16"), "text/html"),
        ("a.pdf", pdf(["Bonjour."]), "application/pdf"),
        ("folder.d/a.docx", docx([("Normal", "Bonjour.")]), MEDIA_TYPES[".docx"]),
        ("README", b"No ending at all.", "text/plain"),
        ("page", PAGE, "text/html"),
    ],
)
def test_a_files_kind_is_told_by_name_and_content(
    name: str, content: bytes, media_type: str
) -> None:
    assert media_type_of(name, content) == media_type


@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a.docx", "a.html", "a"])
@pytest.mark.parametrize("content", [b"", b" \r\n\t "])
def test_files_with_nothing_in_them_are_refused(name: str, content: bytes) -> None:
    with pytest.raises(EmptyFile):
        media_type_of(name, content)


@pytest.mark.parametrize(
    ("name", "content", "fact"),
    [
        ("a.txt", pdf(["Bonjour."]), "a PDF"),
        ("a.docx", pdf(["Bonjour."]), "a PDF"),
        ("a.pdf", PAGE, "an HTML page"),
        ("a.txt", PAGE, "an HTML page"),
        ("a.pdf", b"Only text.", "plain text"),
        ("a.md", bytes(range(256)), "binary data"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\0\0", "a PNG picture"),
        ("a.html", docx([("Normal", "x")]), "a Word document"),
        ("a.docx", b"PK\x03\x04......xl/styles.xml", "an Excel workbook"),
        ("a.docx", OLD_OFFICE, "an old Office format"),
        ("a.txt", b"{\\rtf1 text}", "an RTF document"),
    ],
)
def test_mislabelled_files_are_refused_with_what_they_are(
    name: str, content: bytes, fact: str
) -> None:
    with pytest.raises(MislabelledFile, match=fact):
        media_type_of(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.xyz", b"text"), ("old.doc", OLD_OFFICE), ("picture", b"GIF89a"), ("b", b"\0\1")],
)
def test_unknown_formats_are_refused_with_those_that_are_read(name: str, content: bytes) -> None:
    with pytest.raises(UnknownFormat, match=r"(?i)docx"):
        media_type_of(name, content)


@pytest.mark.parametrize("name", ["a.docx", "a"])
def test_an_encrypted_office_document_is_told_from_a_damaged_one(name: str) -> None:
    with pytest.raises(EncryptedFile, match="password"):
        media_type_of(name, ENCRYPTED_OFFICE)


def test_an_unknown_media_type_is_refused() -> None:
    with pytest.raises(UnknownFormat, match="image/gif"):
        read(b"text", "image/gif")


def test_parameters_of_a_media_type_are_passed_over() -> None:
    assert read(b"One line.", "Text/Plain; charset=utf-8").blocks[0].text == "One line."


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(b"<!-- nothing -->", "text/html"), (b"<html><body></body></html>", "text/html"),
     (docx([("Normal", " ")]), MEDIA_TYPES[".docx"]), (b"---\ntitle: x\n---\n", "text/markdown")],
)  # fmt: skip
def test_documents_without_text_are_refused(content: bytes, media_type: str) -> None:
    with pytest.raises(NoText):
        read(content, media_type)


@pytest.mark.parametrize("media_type", ["text/plain", "text/markdown", "text/html"])
@pytest.mark.parametrize("content", [b"\xef\xbb\xbf \n", b"\xff\xfe \0\n\0"])
def test_white_space_in_any_encoding_is_empty(content: bytes, media_type: str) -> None:
    with pytest.raises(EmptyFile):
        read(content, media_type)


@pytest.mark.parametrize("media_type", sorted(set(MEDIA_TYPES.values())))
@pytest.mark.parametrize(
    "content", [b"\0", b"\xff\xfe", b"<", b"%PDF-1.7\n%%EOF", b"PK\x03\x04", bytes(range(256)) * 9]
)
def test_garbage_is_refused_or_read_but_never_crashes(content: bytes, media_type: str) -> None:
    with suppress(Refused):  # any other error fails the test
        assert read(content, media_type).blocks
