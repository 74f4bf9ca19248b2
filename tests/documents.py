"""Real files for the tests, made by the libraries that people make them with."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import docx as python_docx
import pypdfium2
from fpdf import FPDF
from fpdf.enums import AccessPermission, EncryptionMethod
from PIL.Image import Image
from PIL.Image import new as new_picture

# Out of a package, so that the letters do not depend on what the machine has installed.
_FONT = Path(str(resources.files("ttf_opensans"))) / "ttf" / "OpenSans-Regular.ttf"


class _Pages(FPDF):
    """A PDF whose pages carry a header and a footer."""

    page_header: str = ""
    page_footer: str = ""

    def header(self) -> None:
        if self.page_header:
            self.cell(0, 8, self.page_header, new_x="LMARGIN", new_y="NEXT")
            self.ln(4)

    def footer(self) -> None:
        if self.page_footer:
            self.set_y(-15)
            self.cell(0, 8, self.page_footer.format(page=self.page_no()))


def pdf(
    pages: Sequence[str | Sequence[str]],
    *,
    title: str | None = None,
    author: str | None = None,
    created: datetime | None = None,
    header: str = "",
    footer: str = "",
    password: str | None = None,
    width: float = 0,
) -> bytes:
    """Return a PDF with these pages, each a text or a sequence of paragraphs.

    A paragraph that begins with "# " is set larger. In ``footer``, ``{page}`` is the page's
    number. ``width`` is that of a line in millimetres, 0 for the whole page.
    """
    document = _Pages()
    document.page_header, document.page_footer = header, footer
    family = "open sans"
    document.add_font(family, fname=_FONT)
    if title:
        document.set_title(title)
    if author:
        document.set_author(author)
    document.set_creation_date(created or datetime(2021, 4, 5, tzinfo=UTC))
    if password:
        document.set_encryption(
            owner_password=password,
            user_password=password,
            encryption_method=EncryptionMethod.RC4,
            permissions=AccessPermission.all(),
        )
    document.set_font(family, size=11)
    for page in pages:
        document.add_page()
        for paragraph in [page] if isinstance(page, str) else page:
            is_heading = paragraph.startswith("# ")
            document.set_font(family, size=16 if is_heading else 11)
            text = paragraph.removeprefix("# ")
            document.multi_cell(width, 6, text, align="L", new_x="LMARGIN", new_y="NEXT")
            document.ln(4)
    return bytes(document.output())


def printed_pdf(
    pages: Sequence[Sequence[tuple[float, float, str]]],
    *,
    size: float = 10,
    sizes: Mapping[str, float] | None = None,
) -> bytes:
    """Return a PDF that draws texts where they are to stand, in their order.

    Each is (millimetres from the left, millimetres from the top, text); ``sizes`` has those that
    are set in another size, in points.
    """
    document = FPDF()
    document.add_font("open sans", fname=_FONT)
    document.set_font("open sans", size=size)
    for page in pages:
        document.add_page()
        for left, top, text in page:
            document.set_font_size((sizes or {}).get(text, size))
            document.text(left, top, text)
    return bytes(document.output())


def table_pdf(
    rows: Sequence[Sequence[str]], *, above: str = "", below: str = "", borders: str = "ALL"
) -> bytes:
    """Return a PDF of one page with a table, its cells wrapped, between two paragraphs."""
    document = FPDF()
    document.add_font("open sans", fname=_FONT)
    document.set_font("open sans", size=10)
    document.add_page()
    document.multi_cell(0, 6, above, new_x="LMARGIN", new_y="NEXT")
    with document.table(borders_layout=borders, first_row_as_headings=False) as table:
        for row in rows:
            table.row(row)
    document.multi_cell(0, 6, below, new_x="LMARGIN", new_y="NEXT")
    return bytes(document.output())


def encoded_pdf(text: bytes, glyphs: Mapping[int, str]) -> bytes:
    """Return a PDF of one line whose font has glyphs of these names at these numbers."""
    names = " ".join(f"{number} /{name}" for number, name in glyphs.items()).encode()
    drawn = b"BT /F1 12 Tf 72 720 Td <" + text.hex().encode() + b"> Tj ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding 6 0 R>>",
        b"<</Type/Encoding/Differences[" + names + b"]>>",
    )
    return _written(objects)


def volume_pdf(text: bytes, parts: Sequence[Mapping[int, str]], pages: int) -> bytes:
    """Return a PDF of as many parts, each of so many pages with the same line, which have the names
    of their part for the glyphs of its font."""
    drawn = b"BT /F1 12 Tf 72 720 Td <" + text.hex().encode() + b"> Tj ET"
    size = pages + 2  # of a part, in objects
    firsts = [4 + size * at for at in range(len(parts))]
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d/MediaBox[0 0 595 842]>>"
        % (b" ".join(b"%d 0 R" % first for first in firsts), pages * len(parts)),
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
    ]
    for first, glyphs in zip(firsts, parts, strict=True):
        names = " ".join(f"{number} /{name}" for number, name in glyphs.items()).encode()
        kids = b" ".join(b"%d 0 R" % (first + 2 + at) for at in range(pages))
        objects += [
            b"<</Type/Pages/Parent 2 0 R/Kids[%s]/Count %d/Resources<</Font<</F1 %d 0 R>>>>>>"
            % (kids, pages, first + 1),
            b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding<</Differences[%s]>>>>"
            % names,
            *[b"<</Type/Page/Parent %d 0 R/Contents 3 0 R>>" % first] * pages,
        ]
    return _written(objects)


def numbered_pdf(known: Mapping[int, str], widths: Mapping[int, int], drawn: bytes) -> bytes:
    """Return a PDF of one line by the numbers of its letters, of which the font says some.

    Each takes half of the text's size, but for ``widths``, in thousandths of it.
    """
    pairs = "\n".join(f"<{number:04x}> <{ord(letter):04x}>" for number, letter in known.items())
    table = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Some def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(known)} beginbfchar\n{pairs}\nendbfchar endcmap end end"
    ).encode()
    width = " ".join(f"{number}[{each}]" for number, each in widths.items()).encode()
    drawn = b"BT /F1 12 Tf 72 720 Td " + drawn + b" ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type0/BaseFont/Times/Encoding/Identity-H/DescendantFonts[6 0 R]"
        b"/ToUnicode 7 0 R>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Times/CIDSystemInfo<</Registry(Adobe)"
        b"/Ordering(Identity)/Supplement 0>>/DW 500/W[" + width + b"]/FontDescriptor 8 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(table), table),
        b"<</Type/FontDescriptor/FontName/Times/Flags 4/FontBBox[0 -200 1000 800]/Ascent 800"
        b"/Descent -200/CapHeight 700/StemV 80/ItalicAngle 0>>",
    )
    return _written(objects)


def layered_pdf(shown: str, hidden: str) -> bytes:
    """Return a PDF of two lines, the second in a layer that is not shown."""
    drawn = (
        f"BT /F1 12 Tf 72 720 Td ({shown}) Tj ET "
        f"/OC /L BDC BT /F1 12 Tf 72 700 Td ({hidden}) Tj ET EMC"
    ).encode()
    layers = b"<</OCGs[6 0 R]/D<</OFF[6 0 R]>>>>"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R/OCProperties" + layers + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources"
        b"<</Font<</F1 5 0 R>>/Properties<</L 6 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>",
        b"<</Type/OCG/Name(German)>>",
    )
    return _written(objects)


def _written(objects: Sequence[bytes]) -> bytes:
    """Return a PDF of these objects, the first of which is its catalogue."""
    file, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj%s endobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % count
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (count, len(file))
    return file + head + table + tail


def picture_pdf() -> bytes:
    """Return a PDF that holds one picture and no text, as a scanner makes it."""
    document = FPDF()
    document.add_page()
    document.image(new_picture("RGB", (80, 60), "white"), w=150)
    return bytes(document.output())


def scan(text: str, *, dpi: int = 200) -> Image:
    """Return a text as a scanner shows it, in shades of grey, on paper that just holds it."""
    with pypdfium2.PdfDocument(pdf([text])) as document:
        page: Image = document[0].render(scale=dpi / 72, grayscale=True).to_pil()
    left, top, right, bottom = page.point(lambda shade: 255 - shade).getbbox() or (0, 0, 1, 1)
    margin = dpi // 4
    return page.crop((left - margin, top - margin, right + margin, bottom + margin))


def scanned_pdf(*pages: Image, dpi: int = 200) -> bytes:
    """Return a PDF of pictures."""
    file = io.BytesIO()
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:], resolution=dpi)
    return file.getvalue()


def encoded(image: Image, kind: str, **options: Any) -> bytes:
    """Return a picture's file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def docx(
    paragraphs: Sequence[tuple[str, str]],
    *,
    table: Sequence[Sequence[str]] = (),
    title: str = "",
    author: str = "",
    created: datetime | None = None,
) -> bytes:
    """Return a Word document of (style, text) paragraphs, with a table at its end."""
    document = python_docx.Document()
    document.core_properties.title = title
    document.core_properties.author = author
    if created:
        document.core_properties.created = created
    for style, text in paragraphs:
        document.add_paragraph(text, style=style)
    if table:
        grid = document.add_table(rows=len(table), cols=len(table[0]))
        for row, texts in zip(grid.rows, table, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()
