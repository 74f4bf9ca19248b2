"""A PDF's bytes, opened by pdfium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from corpus.errors import DamagedFile, EncryptedFile

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_END_OF_FILE = b"%%EOF"
_END_SEARCHED: Final = 4_096  # bytes; some programs write a signature or padding after the mark


@contextmanager
def opened(content: bytes) -> Iterator[PdfDocument]:
    """Yield a PDF, and close it.

    Raises EncryptedFile if it asks for a password, and DamagedFile if it is broken or cut short,
    which may only be seen at one of its pages.
    """
    import pypdfium2

    if _END_OF_FILE not in content[-_END_SEARCHED:]:
        raise DamagedFile("The PDF is incomplete. Download or save it again.")
    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise EncryptedFile(
                "The file is protected by a password. Save it without one and try again."
            ) from error
        raise DamagedFile("The PDF cannot be opened. Download or save it again.") from error
    try:
        yield pdf
    except pypdfium2.PdfiumError as error:
        raise DamagedFile(
            "A page of the PDF cannot be read. Download or save the file again."
        ) from error
    finally:
        pdf.close()
