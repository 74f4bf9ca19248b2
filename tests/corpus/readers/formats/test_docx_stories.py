"""What a Word document says outside its running text, and how it says it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

import docx as python_docx
from docx.oxml import parse_xml

from corpus.readers.formats.office.docx import read_docx
from corpus.types import LeftOutReason, RawDocument
from tests.robustness.bombs import repacked

_NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LEVELS = "".join(
    f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
    f'<w:lvlText w:val="{text}"/></w:lvl>'
    for level, (kind, text) in enumerate(
        [("decimal", "%1."), ("lowerLetter", "%2)"), ("upperRoman", "%1.%3")]
    )
)
_NUMBERING = (
    f'<w:numbering {_NAMES}><w:abstractNum w:abstractNumId="7">{_LEVELS}</w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0">'
    '<w:startOverride w:val="5"/></w:lvlOverride></w:num></w:numbering>'
)


def word(body: str, parts: Mapping[str, str] | None = None) -> bytes:
    """Return a document with this body, and parts beside it by their kind."""
    document = python_docx.Document()
    for element in parse_xml(f"<w:body {_NAMES}>{body}</w:body>"):
        document.element.body.insert(-1, element)
    file = io.BytesIO()
    document.save(file)
    more = {f"word/{kind}.xml": part.encode() for kind, part in (parts or {}).items()}
    relations = "".join(
        f'<Relationship Id="x{kind}" Type="{_KIND}/{kind}" Target="{kind}.xml"/>'
        for kind in (parts or {})
        if kind != "numbering"
    )
    old = _part(file.getvalue(), "word/_rels/document.xml.rels")
    new = old.replace("</Relationships>", f"{relations}</Relationships>")
    return repacked(file.getvalue(), {**more, "word/_rels/document.xml.rels": new.encode()})


def _part(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def item(text: str, level: int = 0, number: int = 1) -> str:
    place = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return paragraph(text, place)


def texts(document: RawDocument) -> list[str]:
    return [block.text for block in document.blocks if block.text.strip()]


def left_out(document: RawDocument) -> dict[LeftOutReason, int]:
    return {each.reason: each.number for each in document.left_out}


def test_items_of_lists_have_the_numbers_that_word_shows() -> None:
    body = "".join(
        [item("eins"), item("unter eins", 1), item("unter zwei", 1), item("zwei"),
         item("wieder eins", 1), item("tief", 2), item("fünf", 0, 2), item("sechs", 0, 2)]
    )  # fmt: skip
    assert texts(read_docx(word(body, {"numbering": _NUMBERING}))) == [
        "1. eins", "a) unter eins", "b) unter zwei", "2. zwei", "a) wieder eins", "2.I tief",
        "5. fünf", "6. sechs",
    ]  # fmt: skip


def test_a_footnote_follows_its_paragraph_under_its_number() -> None:
    note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    notes = (
        f'<w:footnotes {_NAMES}><w:footnote w:type="separator" w:id="0">{paragraph("---")}'
        f'</w:footnote><w:footnote w:id="2">{paragraph("Siehe Artikel 5.")}</w:footnote>'
        "</w:footnotes>"
    )
    body = f"<w:p><w:r><w:t>Es gilt das Gesetz.</w:t></w:r>{note}</w:p>{paragraph('Danach.')}"
    document = read_docx(word(body, {"footnotes": notes}))
    assert texts(document) == ["Es gilt das Gesetz.", "1 Siehe Artikel 5.", "Danach."]


def test_a_comment_is_in_brackets_after_its_paragraph_with_its_author() -> None:
    comments = (
        f'<w:comments {_NAMES}><w:comment w:id="0" w:author="Jo Roe">{paragraph("Stimmt das?")}'
        "</w:comment></w:comments>"
    )
    body = '<w:p><w:r><w:t>Der Satz.</w:t></w:r><w:r><w:commentReference w:id="0"/></w:r></w:p>'
    document = read_docx(word(body, {"comments": comments}))
    assert texts(document) == ["Der Satz.", "[Jo Roe: Stimmt das?]"]


def test_changes_are_accepted_and_what_was_deleted_is_counted() -> None:
    body = (
        "<w:p><w:r><w:t>Der Preis ist </w:t></w:r><w:del><w:r><w:delText>zehn</w:delText></w:r>"
        "</w:del><w:ins><w:r><w:t>zwölf</w:t></w:r></w:ins><w:r><w:t> Euro.</w:t></w:r></w:p>"
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>Eine </w:t></w:r></w:p>"
        + paragraph("Zeile.")
    )
    document = read_docx(word(body))
    assert texts(document) == ["Der Preis ist zwölf Euro.", "Eine Zeile."]
    assert left_out(document) == {LeftOutReason.DELETED: 1}


def test_text_boxes_content_controls_and_formulas_are_read_once() -> None:
    box = f"<w:txbxContent>{paragraph('In der Box.')}</w:txbxContent>"
    body = (
        "<w:p><w:r><w:t>Davor.</w:t><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>"
        f"{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
        f"<w:sdt><w:sdtContent>{paragraph('Im Feld.')}</w:sdtContent></w:sdt>"
        "<w:p><m:oMath><m:r><m:t>a+b</m:t></m:r></m:oMath></w:p>"
    )
    assert texts(read_docx(word(body))) == ["Davor.", "In der Box.", "Im Feld.", "a+b"]


def test_hidden_text_is_left_out_and_counted() -> None:
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>geheim</w:t></w:r>"
    document = read_docx(word(f"<w:p><w:r><w:t>Offen.</w:t></w:r>{hidden}</w:p>"))
    assert texts(document) == ["Offen."]
    assert left_out(document) == {LeftOutReason.HIDDEN: 1}


def test_tables_inside_tables_and_notes_in_cells_are_read() -> None:
    inner = f"<w:tbl><w:tr><w:tc>{paragraph('innen')}</w:tc></w:tr></w:tbl>"
    cell = f"<w:tc>{paragraph('außen')}{inner}{paragraph('')}</w:tc>"
    body = f"<w:tbl><w:tr>{cell}<w:tc>{paragraph('daneben')}</w:tc></w:tr></w:tbl>"
    assert texts(read_docx(word(body))) == ["außen innen | daneben"]


def test_headers_and_footers_follow_the_text_once_without_the_page_number() -> None:
    document = python_docx.Document()
    document.add_paragraph("Der Brief.")
    section = document.sections[0]
    section.header.paragraphs[0].text = "Ministerium der Justiz, Aktenzeichen 12/2024"
    footer = section.footer.paragraphs[0]
    footer._p.append(
        parse_xml(f'<w:fldSimple {_NAMES} w:instr=" PAGE "><w:r><w:t>3</w:t></w:r></w:fldSimple>')
    )
    document.add_section()
    file = io.BytesIO()
    document.save(file)
    assert texts(read_docx(file.getvalue())) == [
        "Der Brief.",
        "Ministerium der Justiz, Aktenzeichen 12/2024",
    ]


def test_a_note_that_names_itself_is_read_once() -> None:
    reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    notes = (
        f'<w:footnotes {_NAMES}><w:footnote w:id="2"><w:p><w:r><w:t>Kreis.</w:t></w:r>{reference}'
        "</w:p></w:footnote></w:footnotes>"
    )
    document = read_docx(
        word(f"<w:p><w:r><w:t>Text.</w:t></w:r>{reference}</w:p>", {"footnotes": notes})
    )
    assert texts(document) == ["Text.", "1 Kreis."]


def test_letters_drawn_as_a_picture_and_the_text_of_a_button_are_read() -> None:
    art = (
        '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textpath on="t"/>'
        '<v:textpath string="Summer fair"/></v:shape></w:pict></w:r>'
    )
    button = (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> MACROBUTTON '
        'NoMacro [Name of the club] </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/>'
        "</w:r></w:p>"
    )
    content = word(paragraph("Bring your own chair.").replace("</w:p>", f"{art}</w:p>") + button)
    assert texts(read_docx(content)) == [
        "Bring your own chair.",
        "Summer fair",
        "[Name of the club]",
    ]


def test_what_is_saved_by_the_strict_names_of_the_standard_is_read_alike() -> None:
    usual = word(paragraph("Gulls nest here.") + item("Keep away", 0, 1), {"numbering": _NUMBERING})
    with zipfile.ZipFile(io.BytesIO(usual)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    strict = repacked(
        usual,
        {
            name: re.sub(
                rb"http://schemas.openxmlformats.org/(office|word|drawing)(\w+)/2006/",
                rb"http://purl.oclc.org/ooxml/\1\2/",
                part,
            )
            for name, part in parts.items()
        },
    )
    assert strict != usual
    assert texts(read_docx(strict)) == texts(read_docx(usual)) != []


def test_pictures_are_counted() -> None:
    content = repacked(word(paragraph("Text.")), {"word/media/image1.png": b"x"})
    assert left_out(read_docx(content)) == {LeftOutReason.PICTURE: 1}
