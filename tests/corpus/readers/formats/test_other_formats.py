"""OpenDocument texts, e-books and messages: what they say, and what strangers put in them."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from datetime import date
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import (
    DamagedFile,
    EncryptedFile,
    MislabelledFile,
    NoText,
    Refused,
    TooCostly,
)
from corpus.readers import media_type_of, read
from corpus.readers.formats.epub import MAX_CHAPTERS, read_epub
from corpus.types import BlockKind, RawDocument
from tests.robustness.bombs import repacked

ODT = "application/vnd.oasis.opendocument.text"
EPUB = "application/epub+zip"
_NAMESPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def packed(media_type: str, parts: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", media_type)
        for name, text in parts.items():
            archive.writestr(name, text, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def odt(body: str, before: str = "", manifest: str = "<manifest/>") -> bytes:
    text = f"<office:body><office:text>{body}</office:text></office:body>"
    return packed(
        ODT,
        {
            "META-INF/manifest.xml": manifest,
            "content.xml": f"{before}<office:document-content {_NAMESPACES}>{text}"
            "</office:document-content>",
            "meta.xml": f"<office:document-meta {_NAMESPACES}><office:meta>"
            "<dc:title>Le traité</dc:title><meta:creation-date>2018-07-23T10:00:00"
            "</meta:creation-date></office:meta></office:document-meta>",
        },
    )


def epub(*chapters: str) -> bytes:
    items = "".join(f'<item id="c{n}" href="c%20{n}.xhtml"/>' for n in range(len(chapters)))
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    return packed(
        EPUB,
        {
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:'
            'container"><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
            "OPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Le livre</dc:title>'
            f"<dc:date>2019-03-01</dc:date></metadata><manifest>{items}</manifest>"
            f"<spine>{spine}</spine></package>",
            **{
                f"OPS/c {n}.xhtml": f"<html><body>{chapter}</body></html>"
                for n, chapter in enumerate(chapters)
            },
        },
    )


def texts(document: RawDocument) -> list[str]:
    return [block.text for block in document.blocks]


def test_the_heads_and_feet_of_an_opendocument_text_follow_it_once() -> None:
    styles = (
        f"<office:document-styles {_NAMESPACES} xmlns:style='urn:oasis:names:tc:opendocument:xmlns:"
        "style:1.0'><style:header><text:p>Ministry of Water</text:p></style:header>"
        "<style:header-left><text:p>Ministry of Water</text:p></style:header-left>"
        "<style:header-first style:display='false'><text:p>Draft</text:p></style:header-first>"
        "<style:footer><text:p>Page <text:page-number>3</text:page-number></text:p></style:footer>"
        "</office:document-styles>"
    )
    content = repacked(odt("<text:p>Rivers rise.</text:p>"), {"styles.xml": styles.encode()})
    texts = [block.text for block in read(content, media_type_of("a.odt", content)).blocks]
    assert texts == ["Rivers rise.", "Ministry of Water"]


def test_an_opendocument_text_is_read_with_its_headings_lists_and_tables() -> None:
    content = odt(
        "<text:h>Le titre</text:h>"
        "<text:p>Une <text:span>phrase</text:span><text:s/>entière.</text:p>"
        "<text:list><text:list-item><text:p>un point</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
        "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>"
        "<text:tracked-changes><text:p>effacé</text:p></text:tracked-changes>"
    )
    document = read(content, media_type_of("a.odt", content))
    assert texts(document) == ["Le titre", "Une phrase entière.", "- un point", "a | b"]
    assert document.blocks[0].kind == BlockKind.HEADING
    assert document.metadata.title == "Le traité"
    assert document.metadata.published is None  # that is when the file was made


def test_a_book_of_more_chapters_than_are_read_is_refused_with_their_number() -> None:
    chapters = ["<p>Un chapitre.</p>"] * (MAX_CHAPTERS + 1)
    with pytest.raises(TooCostly, match=r"2,001 chapters.*2,000"):
        read_epub(epub(*chapters))
    assert len(read_epub(epub(*chapters[:-1])).blocks) == MAX_CHAPTERS


def test_an_e_book_is_read_chapter_by_chapter() -> None:
    content = epub("<h1>Un</h1><p>Le premier chapitre.</p>", "<p>Le second chapitre.</p>")
    document = read(content, media_type_of("a.epub", content))
    assert "Le premier chapitre." in texts(document)
    assert texts(document)[-1] == "Le second chapitre."
    assert document.metadata.title == "Le livre"
    assert document.metadata.published == date(2019, 3, 1)


def test_a_message_is_read_with_subject_sender_and_day() -> None:
    message = EmailMessage()
    message["Subject"] = "Fermeture du pont à Remich"
    message["From"] = "Ponts et chaussées <ponts@example.org>"
    message["Date"] = "Mon, 14 Dec 2020 10:00:00 +0100"
    message.set_content("Le pont est fermé jusqu'à vendredi.")
    message.add_alternative("<p>Le pont est <b>fermé</b>.</p>", subtype="html")
    message.add_attachment(b"secret", maintype="application", subtype="pdf", filename="a.pdf")
    content = message.as_bytes()
    document = read(content, media_type_of("a.eml", content))
    assert texts(document) == ["Fermeture du pont à Remich", "Le pont est fermé jusqu'à vendredi."]
    assert document.metadata.publisher == "Ponts et chaussées"
    assert document.metadata.published == date(2020, 12, 14)


def test_no_entity_is_put_in_and_nothing_is_fetched() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "/etc/passwd">]>'
    content = odt("<text:p>avant &b; &f; après</text:p>", before=bomb)
    assert texts(read(content, ODT)) == ["avant &b; &f; après"]


@pytest.mark.parametrize("kind", [ODT, EPUB])
def test_a_part_that_unpacks_to_too_much_is_refused(kind: str) -> None:
    name = "content.xml" if kind == ODT else "META-INF/container.xml"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        with archive.open(name, "w", force_zip64=True) as part:
            for _ in range(300):
                part.write(b" " * 2**20)
    with pytest.raises(DamagedFile):
        read(stream.getvalue(), kind)


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(EncryptedFile):
        read(odt("<text:p>x</text:p>", manifest="<m><encryption-data/></m>"), ODT)
    with pytest.raises(NoText):
        read(b"Subject: nothing\n\n", "message/rfc822")
    with pytest.raises(MislabelledFile, match="OpenDocument"):
        media_type_of("a.docx", odt("<text:p>x</text:p>"))


@settings(max_examples=60)
@given(st.integers(0, 3000), st.binary(max_size=8), st.sampled_from(["odt", "epub", "eml"]))
def test_damaged_files_are_read_or_refused(at: int, put: bytes, kind: str) -> None:
    whole = {
        "odt": odt("<text:p>Une phrase entière.</text:p>"),
        "epub": epub("<p>Le premier chapitre.</p>"),
        "eml": b"Subject: a\nDate: x\nContent-Type: text/plain; charset=utf-8\n\nBonjour.\n",
    }[kind]
    content = whole[:at] + put + whole[at + len(put) :]
    with suppress(Refused):
        assert texts(read(content, media_type_of(f"a.{kind}", content)))
