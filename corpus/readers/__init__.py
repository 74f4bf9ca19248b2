"""Files to raw documents, one module per format."""

from __future__ import annotations

from pathlib import PurePath
from types import MappingProxyType

from corpus.errors import MislabelledFile, NoText, UnknownFormat
from corpus.readers.media_types import (
    DOCX,
    EPUB,
    HTML,
    MAIL,
    MARKDOWN,
    ODT,
    PDF,
    ROW,
    RTF,
    TEXT,
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
        ".pdf": PDF,
        ".docx": DOCX,
        ".odt": ODT,
        ".epub": EPUB,
        ".eml": MAIL,
        ".rtf": RTF,
        ".json": ROW,
    }
)
"""Media type by the file name's ending, in lower case: all that can be read."""

# An object in JSON is a table's row; who has several puts them into a table.
_CONVERTED_TO = (*(ending for ending in MEDIA_TYPES if ending != ".json"), ".csv", ".jsonl")


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


def _read(content: bytes, media_type: str) -> RawDocument:
    if media_type == TEXT:
        from corpus.readers.formats.plain_text import read_text

        return read_text(content)
    if media_type == MARKDOWN:
        from corpus.readers.formats.markdown import read_markdown

        return read_markdown(content)
    if media_type == HTML:
        from corpus.readers.formats.html import read_html

        return read_html(content)
    if media_type == PDF:
        from corpus.readers.formats.pdf import read_pdf

        return read_pdf(content)
    if media_type == DOCX:
        from corpus.readers.formats.docx import read_docx

        return read_docx(content)
    if media_type == ODT:
        from corpus.readers.formats.odt import read_odt

        return read_odt(content)
    if media_type == EPUB:
        from corpus.readers.formats.epub import read_epub

        return read_epub(content)
    if media_type == MAIL:
        from corpus.readers.formats.mail import read_mail

        return read_mail(content)
    if media_type == RTF:
        from corpus.readers.formats.rtf import read_rtf

        return read_rtf(content)
    if media_type == ROW:
        from corpus.readers.formats.table_row import read_row

        return read_row(content)
    raise UnknownFormat(
        f"The media type {media_type!r} cannot be read. Those that can: "
        f"{', '.join(sorted(set(MEDIA_TYPES.values())))}."
    )
