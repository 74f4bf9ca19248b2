"""Loads all that reading may need, since a child can open no file to load it from."""

from __future__ import annotations

import encodings
import io
import json
import pkgutil
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module

from corpus.languages import languages
from corpus.sandbox.extract import extract

_TEXT = """Une note

Luxembourg, le 14 décembre 2020. Les deux polices patrouillent le long de la Moselle.
"""
_PAGE = f"<html><head><title>Note</title></head><body><p>{_TEXT}</p></body></html>"
_CYRILLIC = "Полиция двух стран вместе патрулирует берег реки Мозель каждую неделю.\n" * 3


def warm_up() -> None:
    """Read a file of each format, and load every encoding."""
    from courlan import extract_domain

    for module in pkgutil.iter_modules(encodings.__path__):
        with suppress(ImportError):  # another system's
            import_module(f"encodings.{module.name}")
    import_module("_strptime")  # which time loads when it is first asked
    extract_domain("https://www.example.org")  # loads a list, for pages with odd addresses
    languages()
    for suffix, content in specimens().items():
        extract(content, f"note{suffix}")
    extract(_CYRILLIC.encode("windows-1251"), "note.txt")


def specimens() -> Mapping[str, bytes]:
    """Return a small file of each format by the ending of its name."""
    return {
        ".txt": _TEXT.encode("windows-1252"),
        ".md": _TEXT.encode(),
        ".html": _PAGE.encode(),
        ".eml": f"Subject: Note\nFrom: a@example.org\nContent-Type: text/plain\n\n{_TEXT}".encode(),
        ".rtf": rb"{\rtf1\ansi\ansicpg1252 Luxembourg, 14 December 2020. They patrol together.}",
        ".json": json.dumps({"text": _TEXT, "date": "2020-12-14"}).encode(),
        ".pdf": _pdf(),
        ".docx": _docx(),
        ".odt": _packed(
            "application/vnd.oasis.opendocument.text",
            {
                "META-INF/manifest.xml": "<manifest/>",
                "content.xml": '<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:'
                'office:1.0" xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><o:body>'
                f"<o:text><t:p>{_TEXT}</t:p></o:text></o:body></o:document-content>",
                "meta.xml": "<meta/>",
            },
        ),
        ".epub": _packed(
            "application/epub+zip",
            {
                "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:'
                'container"><rootfile full-path="book.opf"/></container>',
                "book.opf": '<package xmlns="http://www.idpf.org/2007/opf"><item id="a" '
                'href="a.xhtml"/><itemref idref="a"/></package>',
                "a.xhtml": _PAGE,
            },
        ),
    }


def _pdf() -> bytes:
    drawn = "BT /F 12 Tf 50 700 Td (Luxembourg, 14 December 2020. They patrol together.) Tj ET"
    return (
        "%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n"
        "2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n"
        "3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources "
        "<</Font<</F <</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>> endobj\n"
        f"4 0 obj <</Length {len(drawn)}>> stream\n{drawn}\nendstream endobj\n"
        "trailer <</Root 1 0 R>>\n%%EOF\n"
    ).encode()


def _docx() -> bytes:
    import docx

    document = docx.Document()
    document.add_heading("Une note")
    document.add_paragraph(_TEXT)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _packed(media_type: str, parts: Mapping[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", media_type)
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()
