"""What a file is, by the bytes it begins with, and whether its name says the same."""

from __future__ import annotations

import re
from typing import Final, Never

from corpus.errors import EmptyFile, EncryptedFile, MislabelledFile, UnknownFormat
from corpus.readers.encoding import MAX_CONTROL_SHARE, control_share, unicode_encoding_of

TEXT: Final = "text/plain"
MARKDOWN: Final = "text/markdown"
HTML: Final = "text/html"
PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODT: Final = "application/vnd.oasis.opendocument.text"
ODS: Final = "application/vnd.oasis.opendocument.spreadsheet"
ODP: Final = "application/vnd.oasis.opendocument.presentation"
EPUB: Final = "application/epub+zip"
MAIL: Final = "message/rfc822"
MSG: Final = "application/vnd.ms-outlook"
MHTML: Final = "multipart/related"
RTF: Final = "application/rtf"
CSV: Final = "text/csv"
ROW: Final = "application/json"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
TIFF: Final = "image/tiff"

SAMPLE_SIZE: Final = 8_192
"""Bytes looked at; every format read here shows itself in the first thousand."""

_OTHERS = "something else"
_BINARY = "binary data"
_NAMES = {
    TEXT: "plain text",
    HTML: "an HTML page",
    PDF: "a PDF",
    DOCX: "a Word document (.docx)",
    XLSX: "an Excel workbook (.xlsx)",
    PPTX: "a PowerPoint presentation (.pptx)",
    ODT: "an OpenDocument text (.odt)",
    ODS: "an OpenDocument spreadsheet (.ods)",
    ODP: "an OpenDocument presentation (.odp)",
    EPUB: "an e-book (.epub)",
    MSG: "an Outlook message (.msg)",
    RTF: "an RTF document (.rtf)",
    PNG: "a PNG picture",
    JPEG: "a JPEG picture",
    TIFF: "a TIFF picture",
}
_ENDINGS = {
    TEXT: ".txt",
    HTML: ".html",
    PDF: ".pdf",
    DOCX: ".docx",
    XLSX: ".xlsx",
    PPTX: ".pptx",
    ODT: ".odt",
    ODS: ".ods",
    ODP: ".odp",
    EPUB: ".epub",
    MSG: ".msg",
    RTF: ".rtf",
    PNG: ".png",
    JPEG: ".jpg",
    TIFF: ".tif",
}
_PACKED = frozenset({DOCX, XLSX, PPTX, ODT, ODS, ODP, EPUB})
_TEXT_FORMATS = frozenset({TEXT, MARKDOWN, MAIL, MHTML, CSV, ROW})
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"{\\rtf", RTF),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
)
_ZIP = b"PK\x03\x04"
_IN_ZIP = (
    (b"word/", DOCX),
    (b"xl/", XLSX),
    (b"ppt/", PPTX),
    (b"mimetypeapplication/vnd.oasis.opendocument.textPK", ODT),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK", ODS),
    (b"mimetypeapplication/vnd.oasis.opendocument.presentationPK", ODP),
    (b"mimetypeapplication/vnd.oasis.opendocument", "an OpenDocument file"),
    (b"mimetypeapplication/epub+zip", EPUB),
)
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MESSAGE_PROPERTIES = "__properties_version1.0".encode("utf-16-le")
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)


def without_name(content: bytes) -> str:
    """Return the media type of content whose file name says nothing of it."""
    _refuse_empty(content)
    kind = _kind_of(content)
    if kind not in _ENDINGS:
        _refuse_encrypted(content)
        raise UnknownFormat(
            f"The file is {_OTHERS if kind == _BINARY else kind}, which cannot be read. Convert "
            f"it to one of {', '.join(_ENDINGS.values())}."
        )
    return kind


def refuse_mislabelled(content: bytes, suffix: str, media_type: str) -> None:
    """Raise EmptyFile, EncryptedFile or MislabelledFile if ``content`` is not of ``media_type``.

    Text named as a page is taken as it is: a fragment of HTML need not begin with a tag.
    """
    _refuse_empty(content)
    kind = _kind_of(content)
    if kind == media_type or (kind == TEXT and media_type in _TEXT_FORMATS | {HTML}):
        return
    if media_type in _PACKED:
        if content.startswith(_ZIP) and kind == _BINARY:
            return  # a part of an archive too small to tell; its reader finds it damaged
        _refuse_encrypted(content)
    _refuse_mislabelled(kind, suffix)


def _refuse_mislabelled(kind: str, suffix: str) -> Never:
    if kind in _ENDINGS:
        remedy = f"Rename it to end in {_ENDINGS[kind]}, or save it as a real {suffix} file."
    else:
        remedy = f"Save it as a real {suffix} file."
    raise MislabelledFile(
        f"The file's name ends in {suffix}, but its content is {_NAMES.get(kind, kind)}. {remedy}"
    )


def _refuse_empty(content: bytes) -> None:
    if not content:
        raise EmptyFile("The file is empty. Check that it was copied or saved completely.")
    if content.isspace():
        raise EmptyFile("The file contains only white space. Add the text, or leave the file out.")


def _refuse_encrypted(content: bytes) -> None:
    if content.startswith(_COMPOUND_FILE) and _ENCRYPTED_PACKAGE in content:
        raise EncryptedFile(
            "The file is protected by a password. Save it without one and try again."
        )


def _kind_of(content: bytes) -> str:
    """Return the media type that ``content`` shows, or in words what it is."""
    head = content[:SAMPLE_SIZE]
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith(_ZIP):
        return next((kind for name, kind in _IN_ZIP if name in content), _BINARY)
    if head.startswith(_COMPOUND_FILE) and _MESSAGE_PROPERTIES in content:
        return MSG
    if head.startswith(_COMPOUND_FILE):
        return "a document of an old Office format, like .doc"
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    # Zero bytes apart, a tag in UTF-16 reads like one in ASCII.
    if _HTML_START.match(head.lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"")):
        return HTML
    if unicode_encoding_of(head):
        return TEXT
    return _BINARY if control_share(head) > MAX_CONTROL_SHARE else TEXT
