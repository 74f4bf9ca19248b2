"""Loads all that reading may need, since a child can open no file to load it from."""

from __future__ import annotations

import base64
import encodings
import io
import json
import pkgutil
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from importlib import import_module

from corpus import readers
from corpus.errors import NoRecognition
from corpus.languages import languages
from corpus.readers import containers, web_links
from corpus.sandbox.extract import extract

_TEXT = """Une note

Luxembourg, le 14 décembre 2020. Les deux polices patrouillent le long de la Moselle.
"""
_PAGE = f"<html><head><title>Note</title></head><body><p>{_TEXT}</p></body></html>"
_CYRILLIC = "Полиция двух стран вместе патрулирует берег реки Мозель каждую неделю.\n" * 3


_LOADED_LATE = ("_strptime", "email.generator", "compressed_rtf", "PIL.MpoImagePlugin")
"""Modules that others load when they are first asked for something."""

_MSG = (
    "eNrtVctKw0AUPUkfKLioGxdddS1SEh+IG6n4WFURf6CkWiTQNiVppX6OW3HjH7jqVt241qUfYeOZmwRCpTQp3Uhz"
    "wszk3rlzzkyYe/P2uv758Fz+wgQOkcPYX0Ux5tPY9MgoBbZqY9/3lSvP5mf4V7iAgz5amBeXXN+Gjes5OeoYYMi1"
    "HTTJNICLW2yhQs4WexO77G/wLfwqxhX/NgxpVb7X6fEkqiVcFfRie/LEtnhGV/htzijuLj2RSpszXeoGHMq22J/T"
    "69EO4qtT9m+hxtkhxw51gkhHTrEY1HAQ5uCo9PT+oWHBULmrWi7M38geZ6mxFLjibXUkF04lJ1zcp7o/GyhoEVea"
    "y/kSBjf4eMzLJvs+s8Zk/hj0GXx2sC+jibOpPJvQRV8P/z1J9VcwS/+Y70eJ9XMp9NXR12bom6JsJNbPp9BX3+px"
    "hv4eTkQ5qX4hhb6KLcf0e1Kbe6ydLvdgS9Vu4E5sj7aqzsG+/sII9SMk0S/KugyT9V+NP1lJXCr8AlvTL64="
)
"""A message of Outlook's, packed; ``tests/compound_file.py`` writes such files."""


def warm_up() -> None:
    """Read a file of each format, and load every encoding."""
    from courlan import extract_domain

    for module in pkgutil.iter_modules(encodings.__path__):
        with suppress(ImportError):  # another system's
            import_module(f"encodings.{module.name}")
    for name in _LOADED_LATE:
        import_module(name)
    extract_domain("https://www.example.org")  # loads a list, for pages with odd addresses
    languages()
    readers.load()
    for suffix, content in specimens().items():
        with suppress(NoRecognition):
            extract(content, f"note{suffix}")
        if containers.is_container(f"note{suffix}"):
            containers.members(f"note{suffix}", content)
    web_links.links_in_page(_PAGE.encode())
    web_links.links_in_list(b"<urlset><url><loc>https://www.example.org/</loc></url></urlset>")
    extract(_CYRILLIC.encode("windows-1251"), "note.txt")


def specimens() -> Mapping[str, bytes]:
    """Return a small file of each format by the ending of its name."""
    return {
        ".txt": _TEXT.encode("windows-1252"),
        ".md": _TEXT.encode(),
        ".html": _PAGE.encode(),
        ".eml": f"Subject: Note\nFrom: a@example.org\nContent-Type: text/plain\n\n{_TEXT}".encode(),
        ".msg": zlib.decompress(base64.b64decode(_MSG)),
        ".mhtml": b"Content-Type: multipart/related; boundary=a\n\n--a\nContent-Type: text/html"
        b"\n\n" + _PAGE.encode() + b"\n--a--\n",
        ".rtf": rb"{\rtf1\ansi\ansicpg1252 Luxembourg, 14 December 2020. They patrol together.}",
        ".csv": f"Day;Note\n2020-12-14;{_TEXT}\n".encode(),
        ".json": json.dumps({"text": _TEXT, "date": "2020-12-14"}).encode(),
        ".pdf": pdf(),
        ".docx": _docx(),
        ".xlsx": _xlsx(),
        ".pptx": _pptx(),
        ".odt": _opendocument("text", f"<t:p>{_TEXT}</t:p>"),
        ".ods": _opendocument(
            "spreadsheet",
            '<s:table s:name="Note"><s:table-row><s:table-cell>'
            f"<t:p>{_TEXT}</t:p></s:table-cell></s:table-row></s:table>",
        ),
        ".odp": _opendocument(
            "presentation",
            f"<d:page><d:frame><d:text-box><t:p>{_TEXT}</t:p></d:text-box></d:frame></d:page>",
        ),
        ".png": _picture("PNG"),
        ".jpg": _picture("JPEG"),
        ".tif": _picture("TIFF", compression="group4"),
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


def pdf() -> bytes:
    """Return a small PDF of one page."""
    drawn = "BT /F 12 Tf 50 700 Td (Luxembourg, 14 December 2020. They o\\033er it.) Tj ET"
    return (
        "%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n"
        "2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n"
        "3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources "
        "<</Font<</F <</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding "
        "<</Differences[27/f_f]>>>>>>>>>> endobj\n"
        f"4 0 obj <</Length {len(drawn)}>> stream\n{drawn}\nendstream endobj\n"
        "trailer <</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
    ).encode()


def _picture(kind: str, **options: str) -> bytes:
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("1", (1_000, 100), 1)
    text = "They patrol together along the river."
    ImageDraw.Draw(image).text((20, 20), text, font=ImageFont.load_default(48))
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _docx() -> bytes:
    import docx

    document = docx.Document()
    document.add_heading("Une note")
    document.add_paragraph(_TEXT)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _xlsx() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Jour", "Texte"])
    sheet.append([date(2020, 12, 14), _TEXT])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _pptx() -> bytes:
    names = (
        'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
        ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    )
    return _packed(
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        {
            "ppt/presentation.xml": f"<p:presentation {names}><p:sldIdLst>"
            '<p:sldId id="256" r:id="s"/></p:sldIdLst></p:presentation>',
            "ppt/_rels/presentation.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats'
            '.org/package/2006/relationships"><Relationship Id="s" Type="a/slide" '
            'Target="slides/slide1.xml"/></Relationships>',
            "ppt/slides/slide1.xml": f"<p:sld {names}><p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r>"
            f"<a:t>{_TEXT}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>",
        },
    )


def _opendocument(kind: str, body: str) -> bytes:
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("o", "office"), ("t", "text"), ("s", "table"), ("d", "drawing"))
    )
    return _packed(
        f"application/vnd.oasis.opendocument.{kind}",
        {
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f"<o:document-content {names}><o:body><o:{kind}>{body}</o:{kind}>"
            "</o:body></o:document-content>",
            "meta.xml": "<meta/>",
        },
    )


def _packed(media_type: str, parts: Mapping[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", media_type)
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()
