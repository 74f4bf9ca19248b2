"""Files to raw documents, one module per format."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import PurePath
from types import MappingProxyType

from corpus.errors import MislabelledFile, NoText, UnknownFormat
from corpus.readers.media_types import (
    CSV,
    DOCX,
    EPUB,
    HTML,
    JPEG,
    MAIL,
    MARKDOWN,
    MHTML,
    MSG,
    ODP,
    ODS,
    ODT,
    PDF,
    PNG,
    PPTX,
    ROW,
    RTF,
    TEXT,
    TIFF,
    XLSX,
    refuse_mislabelled,
    without_name,
)
from corpus.types import RawDocument

MEDIA_TYPES = MappingProxyType(
    {
        ".txt": TEXT,
        ".text": TEXT,
        ".md": MARKDOWN,
        ".markdown": MARKDOWN,
        ".html": HTML,
        ".htm": HTML,
        ".xhtml": HTML,
        ".xht": HTML,
        ".pdf": PDF,
        ".docx": DOCX,
        ".xlsx": XLSX,
        ".pptx": PPTX,
        ".odt": ODT,
        ".ods": ODS,
        ".odp": ODP,
        ".epub": EPUB,
        ".eml": MAIL,
        ".msg": MSG,
        ".mhtml": MHTML,
        ".mht": MHTML,
        ".rtf": RTF,
        ".csv": CSV,
        ".tsv": CSV,
        ".json": ROW,
        ".png": PNG,
        ".jpg": JPEG,
        ".jpeg": JPEG,
        ".tif": TIFF,
        ".tiff": TIFF,
    }
)
"""Media type by the file name's ending, in lower case: all that can be read."""

_FORMATS = "corpus.readers.formats"

_READERS = MappingProxyType(
    {
        TEXT: ("plain_text", "read_text"),
        MARKDOWN: ("markdown", "read_markdown"),
        HTML: ("html", "read_html"),
        PDF: ("pdf", "read_pdf"),
        DOCX: ("office.docx", "read_docx"),
        XLSX: ("office.xlsx", "read_xlsx"),
        PPTX: ("office.pptx", "read_pptx"),
        ODT: ("office.odt", "read_odt"),
        ODS: ("office.ods", "read_ods"),
        ODP: ("office.odp", "read_odp"),
        EPUB: ("epub", "read_epub"),
        MAIL: ("mail.eml", "read_mail"),
        MSG: ("mail.msg", "read_msg"),
        MHTML: ("mail.mhtml", "read_mhtml"),
        RTF: ("rtf", "read_rtf"),
        CSV: ("sheet_text", "read_sheet"),
        ROW: ("table_row", "read_row"),
        PNG: ("picture", "read_picture"),
        JPEG: ("picture", "read_picture"),
        TIFF: ("picture", "read_picture"),
    }
)
"""Module and function that read a media type; a module loads what it needs only then."""

# An object in JSON is a table's row; who has several puts them into a table.
_CONVERTED_TO = (*(ending for ending in MEDIA_TYPES if ending != ".json"), ".jsonl")


def media_type_of(name: str, content: bytes) -> str:
    """Return the media type of a file, by the ending of its name and what its bytes begin with.

    A name without any ending leaves it to the bytes.

    Raises EmptyFile if there is nothing in it, UnknownFormat if no reader takes it,
    MislabelledFile if the content is not what the name says, and EncryptedFile for an office
    document behind a password.
    """
    suffix = PurePath(name).suffix.lower()
    if not suffix:
        return without_name(content)
    try:
        media_type = MEDIA_TYPES[suffix]
    except KeyError:
        raise UnknownFormat(
            f"Files that end in {suffix} cannot be read. Convert the file to one of "
            f"{', '.join(_CONVERTED_TO)}."
        ) from None
    refuse_mislabelled(content, suffix, media_type)
    return media_type


def refuse_other_format(file: str, sent: str) -> None:
    """Raise MislabelledFile if what comes for ``file`` was ``sent`` under a name of another format.

    A name without any ending says nothing.
    """
    ending, other = (PurePath(name).suffix.lower() for name in (file, sent))
    if ending and other and MEDIA_TYPES.get(ending) != MEDIA_TYPES.get(other):
        raise MislabelledFile(
            f"The document was read from a file that ends in {ending}, and this one ends in "
            f"{other}. Send the same format, or upload the file as a new document."
        )


def read(content: bytes, media_type: str) -> RawDocument:
    """Return the blocks and metadata of a file's content.

    Raises UnknownFormat if no reader takes ``media_type``, EmptyFile, EncryptedFile or
    DamagedFile if the content cannot be read, and NoText if there is no text in it.
    """
    document = _read(content, media_type.partition(";")[0].strip().lower())
    if not any(block.text.strip() for block in document.blocks):
        raise NoText("The file contains no text. Check that it is the right one.")
    return document


def load() -> None:
    """Load the modules of all formats."""
    for module, _ in _READERS.values():
        import_module(f"{_FORMATS}.{module}")


def _read(content: bytes, media_type: str) -> RawDocument:
    try:
        module, function = _READERS[media_type]
    except KeyError:
        raise UnknownFormat(
            f"The media type {media_type!r} cannot be read. Those that can: "
            f"{', '.join(sorted(set(MEDIA_TYPES.values())))}."
        ) from None
    read_it: Callable[[bytes], RawDocument] = getattr(
        import_module(f"{_FORMATS}.{module}"), function
    )
    return read_it(content)
