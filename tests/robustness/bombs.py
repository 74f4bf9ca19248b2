"""Files made to do harm: how long it takes to refuse each, and how much memory.

    python -m tests.robustness.bombs --out FILE.json

Memory is what the reading process has in the way of resident memory beyond what it had before.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import click
import psutil
from lxml import etree
from openpyxl.xml.constants import ARC_WORKBOOK, PACKAGE_WORKSHEETS, SHEET_MAIN_NS

from corpus.errors import Refused
from corpus.readers import tables
from corpus.sandbox.client import ReadingProcess
from corpus.sandbox.warmup import specimens

_PICTURE: Final = "word/media/picture.png"
_SHEET: Final = f"{PACKAGE_WORKSHEETS}/sheet1.xml"
_WORD: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_LAUGHS: Final = (
    '<!DOCTYPE a [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + "]>"
)
_QUADRATIC: Final = f'<!DOCTYPE a [<!ENTITY m "{"ha" * 50_000}">]>'
NOTE: Final = b"Une note. La police patrouille le long de la Moselle.\n"


def bombs() -> Mapping[str, bytes]:
    """Return files that are small and would be large, by name."""
    made = specimens()
    spaces = zlib.compress(bytes(1) * 2**29, 9)
    docx, odt, epub = made[".docx"], made[".odt"], made[".epub"]
    body = f"<w:document {_WORD}><w:body><w:p><w:r><w:t>&m;</w:t></w:r></w:p></w:body></w:document>"
    found = {
        "inflated.pdf": _pdf(spaces, "/Filter/FlateDecode"),
        "inflated-twice.pdf": _pdf(zlib.compress(spaces, 9), "/Filter[/FlateDecode/FlateDecode]"),
        "letters.pdf": _pdf(
            zlib.compress(b"BT /F 12 Tf 50 700 Td " + b"(a) Tj " * 2**23 + b"ET", 9),
            "/Filter/FlateDecode",
        ),
        "picture.pdf": _pdf(
            zlib.compress(bytes(2**28), 9),
            "/Type/XObject/Subtype/Image/Width 65500/Height 65500/BitsPerComponent 8"
            "/ColorSpace/DeviceRGB/Filter/FlateDecode",
        ),
        "picture.docx": repacked(docx, {_PICTURE: bytes(2**28)}),
        "picture.odt": repacked(odt, {"Pictures/picture.png": bytes(2**28)}),
        "elements.docx": repacked(docx, {"word/document.xml": b"<a/>" * 2**24}),
        "text.odt": repacked(odt, {"content.xml": b"<a>" + b" " * 2**27 + b"</a>"}),
        "elements.xlsx": repacked(made[".xlsx"], {_SHEET: b"<a/>" * 2**24}),
        "far.xlsx": repacked(made[".xlsx"], {_SHEET: _sheet(10**15)}),
        "picture.pptx": repacked(made[".pptx"], {"ppt/media/picture.png": bytes(2**28)}),
        "slides.pptx": repacked(
            made[".pptx"], {"ppt/presentation.xml": _slides(made[".pptx"], 10_000)}
        ),
        "rows.ods": repacked(made[".ods"], {"content.xml": _repeated(made[".ods"], "rows", 10**6)}),
        "columns.ods": repacked(
            made[".ods"], {"content.xml": _repeated(made[".ods"], "columns", 10**9, 10**4)}
        ),
        "text.odp": repacked(made[".odp"], {"content.xml": b"<a>" + b" " * 2**27 + b"</a>"}),
        "text.epub": repacked(epub, {"a.xhtml": b"<p>" + b" " * (15 * 2**20) + b"</p>"}),
        "bzip2.docx": repacked(docx, {_PICTURE: bytes(2**27)}, zipfile.ZIP_BZIP2),
        "lzma.odt": repacked(odt, {"content.xml": bytes(2**27)}, zipfile.ZIP_LZMA),
        "deep.odt": repacked(odt, {"content.xml": b"<a>" * 2**17}),
        "deep.html": b"<div>" * 2**17,
        "deep.json": b"[" * 2**20,
        "deep.jsonl": b'{"text":' * 2**17,
        "deep.rtf": b"{\\rtf1 " + b"{" * 2**17,
        "parts.eml": b"Content-Type: multipart/mixed; boundary=a\n\n"
        + b"--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 2**10,
        "overlapping.docx": _overlapping(),
    }
    for name, document_type in (("laughs", _LAUGHS), ("quadratic", _QUADRATIC)):
        many = "&m;" * (1 if name == "laughs" else 5_000)
        text = (document_type + body.replace("&m;", many)).encode()
        attribute = f"{document_type}<a b='{many}'/>".encode()
        found |= {
            f"{name}.docx": repacked(docx, {"word/document.xml": text}),
            f"{name}-attribute.docx": repacked(docx, {"word/document.xml": attribute}),
            f"{name}.odt": repacked(odt, {"content.xml": text}),
            f"{name}-attribute.odt": repacked(odt, {"content.xml": attribute}),
            f"{name}.xlsx": repacked(made[".xlsx"], {_SHEET: text}),
            f"{name}-attribute.xlsx": repacked(made[".xlsx"], {ARC_WORKBOOK: attribute}),
            f"{name}.pptx": repacked(made[".pptx"], {"ppt/slides/slide1.xml": text}),
            f"{name}-attribute.pptx": repacked(made[".pptx"], {"ppt/presentation.xml": attribute}),
            f"{name}.ods": repacked(made[".ods"], {"content.xml": text}),
            f"{name}.odp": repacked(made[".odp"], {"meta.xml": attribute}),
            f"{name}.epub": repacked(epub, {"book.opf": text}),
            f"{name}-attribute.epub": repacked(epub, {"META-INF/container.xml": attribute}),
        }
    return found


def _part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def _sheet(last: int) -> bytes:
    """Return a sheet whose one row says to be that far down."""
    root = etree.Element("worksheet", nsmap={None: SHEET_MAIN_NS})
    row = etree.SubElement(etree.SubElement(root, "sheetData"), "row", r=str(last))
    etree.SubElement(etree.SubElement(row, "c", t="str"), "v").text = "a"
    content: bytes = etree.tostring(root)
    return content


def _slides(presentation: bytes, number: int) -> bytes:
    one = b'<p:sldId id="256" r:id="s"/>'
    return _part(presentation, "ppt/presentation.xml").replace(one, one * number)


def _repeated(spreadsheet: bytes, what: str, times: int, elements: int = 1) -> bytes:
    """Return a sheet whose rows or cells say to be there so many times."""
    name = {"rows": b"s:table-row>", "columns": b"s:table-cell>"}[what]
    content = _part(spreadsheet, "content.xml")
    start, end = content.index(b"<" + name), content.index(b"</" + name) + len(name) + 2
    said = b" s:number-%s-repeated='%d'>" % (what.encode(), times)
    element = content[start:end].replace(name, name[:-1] + said, 1)
    return content[:start] + element * elements + content[end:]


def repacked(
    content: bytes, parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """Return an archive with some of its parts replaced, or others added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", method) as new:
        for entry in old.infolist():
            if entry.filename not in parts:
                new.writestr(entry, old.read(entry))
        for name, part in parts.items():
            new.writestr(name, part)
    return file.getvalue()


def _pdf(stream: bytes, dictionary: str) -> bytes:
    head = (
        "%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n"
        "2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n"
        "3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources "
        "<</XObject<</I 4 0 R>>/Font<</F <</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>> "
        f"endobj\n4 0 obj <</Length {len(stream)} {dictionary}>> stream\n"
    )
    return head.encode() + stream + b"\nendstream endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"


def _overlapping() -> bytes:
    """Return an archive whose table of contents names the same packed bytes 10,000 times."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(2**20))
        entry = archive.infolist()[0]
        for number in range(10_000):
            again = zipfile.ZipInfo(f"word/{number}")
            for name in ("header_offset", "file_size", "compress_size", "CRC", "compress_type"):
                setattr(again, name, getattr(entry, name))
            archive.filelist.append(again)
    return file.getvalue()


def measured(process: ReadingProcess, name: str, content: bytes) -> dict[str, Any]:
    """Return what became of a file, in how many seconds, and the MiB that it took."""
    process.extract(NOTE, "note.txt")  # so that there is a child, and its first costs are past
    child = psutil.Process().children(recursive=True)[-1]
    before = child.memory_info().rss
    Path(f"/proc/{child.pid}/clear_refs").write_text("5")  # the peak begins anew: proc(5)
    status = Path(f"/proc/{child.pid}/status").open()  # noqa: SIM115
    peak = before
    with status:
        started = perf_counter()
        outcome = "read"
        try:
            (process.members if tables.is_table(name) else process.extract)(content, name)
        except Refused as refusal:
            outcome = f"{type(refusal).__name__}: {refusal}"
        seconds = perf_counter() - started
        try:
            status.seek(0)
            high = next(line for line in status.read().splitlines() if line.startswith("VmHWM"))
            peak = int(high.split()[1]) * 1024
        except (OSError, StopIteration):  # it is gone; its limit is what it had at most
            peak = before + process.limits(content).memory_bytes
    return {
        "kB": round(len(content) / 1000, 1),
        "seconds": round(seconds, 2),
        "MiB": round((peak - before) / 2**20, 1),
        "outcome": outcome,
    }


@click.command(help=__doc__)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(out: Path) -> None:
    """Measure every bomb."""
    process = ReadingProcess()
    figures = {name: measured(process, name, content) for name, content in bombs().items()}
    process.close()
    when = datetime.now(UTC).isoformat(timespec="seconds")
    out.write_text(json.dumps({"finished": when, "bombs": figures}, indent=1) + "\n", "utf-8")
    for name, figure in figures.items():
        click.echo(
            f"{name:24} {figure['seconds']:6.2f} s {figure['MiB']:6.1f} MiB  {figure['outcome']}"
        )


if __name__ == "__main__":
    main()
