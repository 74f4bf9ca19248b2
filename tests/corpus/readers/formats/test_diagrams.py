"""The texts of diagrams, in Word and in PowerPoint."""

from __future__ import annotations

import io
import zipfile

import pptx
from pptx.oxml import parse_xml

from corpus.pages.pptx_slides import PptxSlides
from corpus.readers.formats.office.docx import read_docx
from corpus.readers.formats.office.pptx import read_pptx
from corpus.types import Block, BlockKind
from tests.robustness.bombs import repacked

from .test_docx_stories import paragraph, word

_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_D = 'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def point(name: str, *texts: str, kind: str = "node") -> str:
    lines = "".join(f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>" for text in texts)
    return f'<dgm:pt modelId="{name}" type="{kind}"><dgm:t>{lines}</dgm:t></dgm:pt>'


def link(above: str, below: str, order: str, kind: str = "parOf") -> str:
    return f'<dgm:cxn type="{kind}" srcId="{above}" destId="{below}" srcOrd="{order}"/>'


DIAGRAM = (
    f"<dgm:dataModel {_A} {_D}><dgm:ptLst>"
    + point("3", "Read")
    + point("2", "Wait", "Drink")
    + point("0", kind="doc")
    + point("1", "Ask")
    + point("9", "Alone")
    + point("8", kind="pres")
    + "</dgm:ptLst><dgm:cxnLst>"
    + link("0", "3", "1")
    + link("0", "1", "0")
    + link("1", "2", "0")
    + link("2", "1", "x")
    + link("8", "9", "0", "presOf")
    + "</dgm:cxnLst></dgm:dataModel>"
)
IN_ORDER = ["Ask", "Wait", "Drink", "Read", "Alone"]


def shown(name: str) -> str:
    return f'<dgm:relIds {_D} xmlns:r="{_OFFICE}" r:dm="{name}"/>'


def test_the_texts_of_a_diagram_follow_its_paragraph_each_before_what_is_below_it() -> None:
    drawn = "<w:p><w:r><w:t>How.</w:t></w:r><w:r><w:drawing>{}</w:drawing></w:r></w:p>"
    body = drawn.format(shown("xdiagramData")) + paragraph("After it.") + drawn.format(shown("?"))
    found = read_docx(word(body, {"diagramData": DIAGRAM}))
    texts = [block.text for block in found.blocks if block.text.strip()]
    assert texts == ["How.", *IN_ORDER, "After it.", "How."]
    assert found.left_out == ()


def test_a_slide_may_have_nothing_but_a_diagram_which_is_laid_out_as_well() -> None:
    made = pptx.Presentation()
    slide = made.slides.add_slide(made.slide_layouts[6])
    slide.shapes._spTree.append(
        parse_xml(
            '<p:graphicFrame xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main">'
            f"<a:graphic {_A}><a:graphicData>{shown('d')}</a:graphicData></a:graphic>"
            "</p:graphicFrame>"
        )
    )
    file = io.BytesIO()
    made.save(file)
    relations = "ppt/slides/_rels/slide1.xml.rels"
    with zipfile.ZipFile(file) as archive:
        old = archive.read(relations)
    named = f'<Relationship Id="d" Type="{_OFFICE}/diagramData" Target="../diagrams/data1.xml"/>'
    new = old.replace(b"</Relationships>", f"{named}</Relationships>".encode())
    parts = {relations: new, "ppt/diagrams/data1.xml": DIAGRAM.encode()}
    content = repacked(file.getvalue(), parts)
    found = read_pptx(content)
    assert found.blocks == tuple(Block(BlockKind.PARAGRAPH, text, 1) for text in IN_ORDER)
    assert found.left_out == ()
    (shape,) = PptxSlides(content).slide(1).shapes
    assert shape.rows == tuple((text,) for text in IN_ORDER)
