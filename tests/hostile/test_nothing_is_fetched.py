"""No reader asks the network or the disk for anything, whatever a file names."""

from __future__ import annotations

import base64
import io
import json
import socket
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest
from openpyxl.xml.constants import PACKAGE_WORKSHEETS
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from corpus import readers
from corpus.errors import Refused
from corpus.readers import containers, tables
from corpus.sandbox import server, warmup
from corpus.sandbox.client import ReadingProcess
from corpus.sandbox.extract import Extract
from corpus.sandbox.server import read_file
from tests.compound_file import compound_file, message
from tests.robustness.bombs import repacked

SECRET = "Das Kennwort der Waldhexe lautet Preiselbeere."
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        opened.setblocking(False)
        yield opened


@pytest.fixture(scope="module")
def process() -> Iterator[ReadingProcess]:
    opened = ReadingProcess()
    yield opened
    opened.close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.txt"
    path.write_text(SECRET, "utf-8")
    return path


def addresses(listener: socket.socket, secret: Path) -> list[str]:
    host, port = listener.getsockname()
    return [
        f"http://{host}:{port}/a",
        f"https://{host}:{port}/a",
        f"ftp://{host}:{port}/a",
        f"//{host}:{port}/a",
        f"\\\\{host}@{port}\\share\\a",
        secret.as_uri(),
        str(secret),
        f"../../../../../../../..{secret}",
        f"netdoc://{secret}",
        f"jar:{secret.as_uri()}!/a",
    ]


def pictures(made: Mapping[str, bytes], address: str) -> dict[str, bytes]:
    """Return pictures that name an address in what is said about them."""
    said = PngInfo()
    said.add_text("URL", address)
    ways: dict[str, dict[str, Any]] = {
        ".png": {"pnginfo": said},
        ".jpg": {"comment": address},
        ".tif": {"description": address},
    }
    found = {}
    for ending, way in ways.items():
        with Image.open(io.BytesIO(made[ending])) as picture, io.BytesIO() as file:
            picture.save(file, picture.format, **way)
            found[f"scan{ending}"] = file.getvalue()
            assert address.encode() in found[f"scan{ending}"]
    return found


def files_naming(address: str) -> dict[str, bytes]:
    """Return files of every format that name an address in every way that there is to fetch it."""
    made = warmup.specimens()
    page = (
        f"<!DOCTYPE html SYSTEM '{address}'><html manifest='{address}'><head>"
        f"<base href='{address}'>"
        f"<link rel=stylesheet href='{address}'><link rel=import href='{address}'><script src="
        f"'{address}'></script><meta http-equiv=refresh content='0;url={address}'><style>@import "
        f"'{address}'; @font-face {{ src: url({address}) }}</style></head><body background="
        f"'{address}'><p>Une note de la police.</p><img src='{address}' srcset='{address} 2x'>"
        f"<iframe src='{address}'></iframe><object data='{address}'></object>"
        f"<embed src='{address}'><svg>"
        f"<image href='{address}'/><use href='{address}#a'/></svg><xi:include href='{address}' "
        f"parse='text' xmlns:xi='http://www.w3.org/2001/XInclude'/></body></html>"
    ).encode()
    entity = (
        f"<?xml version='1.0'?><?xml-stylesheet href='{address}'?><!DOCTYPE a SYSTEM '{address}' ["
        f"<!ENTITY e SYSTEM '{address}'><!ENTITY % p SYSTEM '{address}'>%p;]>"
    )
    included = (
        f"<xi:include href='{address}' parse='text' xmlns:xi='http://www.w3.org/2001/XInclude'/>"
    )
    return {
        "page.html": page,
        "page.xhtml": page,
        "entity.html": f"{entity}<html><body><p>Une note: &e;</p></body></html>".encode(),
        "note.md": f"# Note\n\n![a]({address}) <img src='{address}'>\n\nLa police.\n".encode(),
        "message.eml": b"From: a@example.org\nSubject: Note\nContent-Type: text/html\n\n" + page,
        "message.msg": compound_file(message("Note", html=page, attachments={"a.html": page})),
        "page.mhtml": b"Content-Type: multipart/related; boundary=a\n\n--a\nContent-Type: text/html"
        b"\n\n" + page + b"\n--a--\n",
        "outside.eml": (
            "From: a@example.org\nSubject: Note\nContent-Type: multipart/mixed; boundary=a\n\n"
            f'--a\nContent-Type: message/external-body; access-type=URL; URL="{address}"\n\n\n'
            "--a\nContent-Type: text/plain\n\nLa police patrouille.\n--a--\n"
        ).encode(),
        **pictures(made, address),
        "document.docx": repacked(made[".docx"], docx_parts(entity, included, address)),
        "attached.docx": repacked(made[".docx"], relations(address)),
        "sheet.xlsx": repacked(
            made[".xlsx"], {"xl/sharedStrings.xml": f"{entity}<sst>{included}</sst>".encode()}
        ),
        "linked.xlsx": repacked(
            made[".xlsx"], {f"{PACKAGE_WORKSHEETS}/_rels/sheet1.xml.rels": outside(address)}
        ),
        "slides.pptx": repacked(made[".pptx"], {"ppt/slides/slide1.xml": entity_slide(entity)}),
        "linked.pptx": repacked(
            made[".pptx"], {"ppt/slides/_rels/slide1.xml.rels": outside(address)}
        ),
        "sheet.ods": repacked(made[".ods"], named(made[".ods"], entity, included, address)),
        "slides.odp": repacked(made[".odp"], named(made[".odp"], entity, included, address)),
        "document.odt": repacked(made[".odt"], odt_parts(entity, included, address)),
        "book.epub": repacked(
            made[".epub"],
            {"a.xhtml": page, "b.xhtml": f"{entity}<html><p>&e;</p></html>".encode()},
        ),
        "package.epub": repacked(
            made[".epub"],
            {
                "book.opf": f'{entity}<package xmlns="http://www.idpf.org/2007/opf"><item id="a" '
                f'href="{address}"/><item id="b" href="a.xhtml"/><itemref idref="a"/>'
                f'<itemref idref="b"/>&e;{included}</package>'.encode()
            },
        ),
        "actions.pdf": pdf(address),
        "template.rtf": (
            f"{{\\rtf1{{\\*\\template {address}}}"
            f'{{\\field{{\\*\\fldinst INCLUDETEXT "{address}"}}}}'
            f"{{\\object\\objautlink{{\\*\\objdata 00}}}} La police patrouille.}}"
        ).encode("latin-1", "replace"),
        "row.json": json.dumps({"text": "La police patrouille.", "$ref": address}).encode(),
        "table.csv": f"text,url\nLa police patrouille.,{address}\n".encode(),
        "lines.jsonl": json.dumps({"text": "La police.", "include": address}).encode(),
        "note.txt": f"@include {address}\nLa police patrouille.".encode(),
    }


def docx_parts(entity: str, included: str, address: str) -> dict[str, bytes]:
    return {
        "word/document.xml": (
            f"{entity}<w:document xmlns:w='{_WORD}'><w:body><w:p><w:r><w:t>La note: &e;</w:t></w:r>"
            f"</w:p>{included}</w:body></w:document>"
        ).encode()
    }


def relations(address: str) -> dict[str, bytes]:
    """Return a document's parts with a template, picture, frame and object from elsewhere."""
    kinds = ("attachedTemplate", "image", "frame", "oleObject", "subDocument", "hyperlink")
    entries = "".join(
        f"<Relationship Id='x{kind}' Type='{_OFFICE}/relationships/{kind}' TargetMode='External' "
        f"Target='{address}'/>"
        for kind in kinds
    )
    head = "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>"
    with zipfile.ZipFile(io.BytesIO(warmup.specimens()[".docx"])) as archive:
        name = "word/_rels/document.xml.rels"
        old = archive.read(name).decode().rpartition("</Relationships>")[0]
    return {
        name: f"{old}{entries}</Relationships>".encode(),
        "word/_rels/settings.xml.rels": f"{head}{entries}</Relationships>".encode(),
    }


def outside(address: str) -> bytes:
    """Return the relations of a part with notes, a link and a picture from elsewhere."""
    entries = "".join(
        f"<Relationship Id='x{kind}' Type='{_OFFICE}/relationships/{kind}' TargetMode='External' "
        f"Target='{address}'/>"
        for kind in ("notesSlide", "image", "externalLink", "hyperlink", "oleObject")
    )
    head = "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>"
    return f"{head}{entries}</Relationships>".encode()


def entity_slide(entity: str) -> bytes:
    drawing = "http://schemas.openxmlformats.org/drawingml/2006/main"
    main = "http://schemas.openxmlformats.org/presentationml/2006/main"
    return (
        f"{entity}<p:sld xmlns:p='{main}' xmlns:a='{drawing}'><p:sp><a:p><a:t>La police: &e;"
        "</a:t></a:p></p:sp></p:sld>"
    ).encode()


def named(content: bytes, entity: str, included: str, address: str) -> dict[str, bytes]:
    """Return an OpenDocument file's content that names an address."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        old = archive.read("content.xml").decode()
    picture = f"<d:image xmlns:x='http://www.w3.org/1999/xlink' x:href='{address}'/>{included}"
    new = old.replace("<t:p>", f"{picture}<t:p>&e; ", 1)
    return {"content.xml": f"{entity}{new}".encode()}


def odt_parts(entity: str, included: str, address: str) -> dict[str, bytes]:
    return {
        "content.xml": (
            f"{entity}<o:document-content "
            "xmlns:o='urn:oasis:names:tc:opendocument:xmlns:office:1.0' "
            "xmlns:t='urn:oasis:names:tc:opendocument:xmlns:text:1.0' "
            "xmlns:x='http://www.w3.org/1999/xlink' xmlns:d='urn:oasis:names:tc:opendocument:xmlns:"
            f"drawing:1.0'><o:body><o:text><t:section><t:section-source x:href='{address}'/>"
            f"<t:p>La police patrouille. &e;</t:p></t:section>"
            f"<t:p><d:image x:href='{address}'/></t:p>"
            f"{included}</o:text></o:body></o:document-content>"
        ).encode()
    }


def pdf(address: str) -> bytes:
    """Return a PDF that would open an address in each of the ways that its actions have."""
    target = "".join(f"\\{letter}" if letter in "()\\" else letter for letter in address)
    xfa = (
        f"<!DOCTYPE a [<!ENTITY e SYSTEM '{address}'>]><xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'>"
        "<template><subform>&e;</subform></template></xdp:xdp>"
    )
    actions = (
        f"<</S/URI/URI({target})>>", f"<</S/Launch/F({target})>>",
        f"<</S/GoToR/F({target})/D[0/Fit]>>",
        f"<</S/SubmitForm/F({target})>>", f"<</S/ImportData/F({target})>>",
        f"<</S/JavaScript/JS(this.submitForm\\(\"{target}\"\\);app.launchURL\\(\"{target}\"\\))>>",
    )  # fmt: skip
    notes = "".join(
        f"<</Type/Annot/Subtype/Link/Rect[0 0 595 842]/A {action}/AA<</PO {action}/E {action}>>>>"
        for action in actions
    )
    drawn = "BT /F 12 Tf 50 700 Td (La police patrouille le long de la Moselle.) Tj ET"
    return (
        f"%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R/OpenAction {actions[5]}"
        f"/AcroForm <</Fields[]/XFA 5 0 R>>/AF[<</Type/Filespec/FS/URL/F({target})>>]>> endobj\n"
        "2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n"
        f"3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[{notes}]"
        f"/AA<</O {actions[1]}>>/Resources <</XObject <</X <</Type/XObject/Subtype/Form/Ref <</F"
        f"({target})/Page 0>>>>>>/Font<</F <</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>> "
        f"endobj\n4 0 obj <</Length {len(drawn)}>> stream\n{drawn}\nendstream endobj\n"
        f"5 0 obj <</Length {len(xfa)}>> stream\n{xfa}\nendstream endobj\n"
        f"6 0 obj <</Length 0/F<</FS/URL/F({target})>>>> stream\n\nendstream endobj\n"
        "trailer <</Root 1 0 R>>\n%%EOF\n"
    ).encode()


def test_there_is_a_file_for_every_format() -> None:
    endings = {f".{name.rpartition('.')[2]}" for name in files_naming("a")}
    read = {readers.MEDIA_TYPES.get(ending) for ending in endings}
    assert read >= set(readers.MEDIA_TYPES.values())


def read_by(process: ReadingProcess | None, content: bytes, name: str) -> list[object]:
    """Return what a file says and what is in it, read by a process apart or here."""
    said: list[object] = []
    if containers.is_container(name):
        inside = process.members(content, name) if process else read_file(content, f"{name}/")
        said.append(inside)
    if not tables.is_table(name):
        said.append((process.extract if process else read_file)(content, name))
    return said


@pytest.mark.slow
@pytest.mark.parametrize("confined", [True, False], ids=["apart", "here"])
def test_no_address_that_a_file_names_is_asked_for(
    listener: socket.socket, secret: Path, process: ReadingProcess, confined: bool
) -> None:
    refused: dict[str, str] = {}
    for address in addresses(listener, secret):
        for name, content in files_naming(address).items():
            try:
                said = read_by(process if confined else None, content, name)
            except Refused as refusal:
                refused[name] = str(refusal)
                continue
            assert "Preiselbeere" not in str(said), (name, address)
            assert base64.b64encode(SECRET.encode()).decode() not in str(said)
    with pytest.raises(BlockingIOError):
        listener.accept()
    # The rest are read, as they would be without what they name.
    assert refused.keys() <= {
        "document.docx", "document.odt", "package.epub", "entity.html", "book.epub", "sheet.xlsx",
        "slides.pptx", "sheet.ods", "slides.odp",
    }, refused  # fmt: skip


def test_a_process_that_reads_can_open_nothing_by_itself() -> None:
    before = psutil.Process().children(recursive=True)
    with closing(ReadingProcess()) as process:
        process.extract(b"La police patrouille.", "a.txt")
        started = set(psutil.Process().children(recursive=True)).difference(before)
        (child,) = [each for each in started if each.parent() in started]
        _check_confined(child)
    assert isinstance(server.read_file(b"La police patrouille.", "a.txt"), Extract)


def _check_confined(child: psutil.Process) -> None:
    limits = Path(f"/proc/{child.pid}/limits").read_text()
    for name in ("Max open files", "Max file size", "Max core file size", "Max processes"):
        line = next(line for line in limits.splitlines() if line.startswith(name))
        assert line.removeprefix(name).split()[:2] == ["0", "0"]
    assert "NoNewPrivs:\t1" in Path(f"/proc/{child.pid}/status").read_text()
