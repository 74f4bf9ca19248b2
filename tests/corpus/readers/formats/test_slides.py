"""Presentations: a slide is a page."""

from __future__ import annotations

import io
from copy import deepcopy

import pptx
import pytest
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Inches

from corpus.errors import TooCostly
from corpus.readers import media_type_of, read
from corpus.readers.formats.office.pptx import MAX_SLIDES
from corpus.sandbox.warmup import specimens
from corpus.types import BlockKind, LeftOut, LeftOutReason, RawDocument
from tests.robustness.bombs import repacked

from .test_other_formats import packed

ODP = "application/vnd.oasis.opendocument.presentation"


def presentation() -> pptx.presentation.Presentation:
    made = pptx.Presentation()
    first = made.slides.add_slide(made.slide_layouts[1])
    first.placeholders[1].text = "Erster Punkt\nZweiter Punkt"
    first.shapes.title.text = "Die Lage"
    first.notes_slide.notes_text_frame.text = "Langsam sprechen."
    second = made.slides.add_slide(made.slide_layouts[5])
    second.shapes.title.text = "Die Zahlen"
    table = second.shapes.add_table(2, 2, 0, 0, Inches(3), Inches(1)).table
    for row, column, text in ((0, 0, "Land"), (0, 1, "Zahl"), (1, 0, "Belgien"), (1, 1, "12")):
        table.cell(row, column).text = text
    return made


def saved(made: pptx.presentation.Presentation) -> bytes:
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def odp(pages: str, styles: str = "") -> bytes:
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"'
        for name, space in (
            ("office", "office"), ("text", "text"), ("draw", "drawing"), ("style", "style"),
            ("presentation", "presentation"),
        )
    )  # fmt: skip
    return packed(
        ODP,
        {
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f"<office:document-content {names}><office:automatic-styles>{styles}"
            f"</office:automatic-styles><office:body><office:presentation>{pages}"
            "</office:presentation></office:body></office:document-content>",
            "meta.xml": "<meta/>",
        },
    )


def numbers(document: RawDocument) -> dict[LeftOutReason, int]:
    return {each.reason: each.number for each in document.left_out}


def of(name: str, content: bytes) -> RawDocument:
    return read(content, media_type_of(name, content))


def said(document: RawDocument) -> list[tuple[int | None, str]]:
    return [(block.page, block.text) for block in document.blocks if block.text]


def test_a_slide_is_a_page_with_its_title_first_and_its_notes_last() -> None:
    document = of("a.pptx", saved(presentation()))
    assert said(document) == [
        (1, "Die Lage"),
        (1, "Erster Punkt"),
        (1, "Zweiter Punkt"),
        (1, "Langsam sprechen."),
        (2, "Die Zahlen"),
        (2, "Land | Zahl"),
        (2, "Belgien | 12"),
    ]
    assert document.blocks[0].kind is BlockKind.HEADING
    assert document.left_out == ()


def test_hidden_slides_pictures_and_charts_are_counted() -> None:
    made = presentation()
    made.slides[0]._element.set("show", "0")
    content = repacked(
        saved(made), {"ppt/media/image1.png": b"x", "ppt/charts/chart1.xml": b"<c/>"}
    )
    document = of("a.pptx", content)
    assert [page for page, _ in said(document)] == [2, 2, 2]
    assert numbers(document) == {
        LeftOutReason.HIDDEN: 1,
        LeftOutReason.PICTURE: 1,
        LeftOutReason.CHART: 1,
    }


def test_the_foot_and_number_of_a_slide_are_kept_as_left_out() -> None:
    made = presentation()
    shapes = made.slides[0].shapes
    foot = deepcopy(made.slides[0].notes_slide.notes_placeholder._element)
    foot.nvSpPr.nvPr[-1].set("type", "ftr")
    foot.txBody.p_lst[0].r_lst[0].t.text = "Nur zur Information"
    made.slides[0].notes_slide.shapes._spTree.append(foot)
    for kind, text in (("ftr", "Vertraulich"), ("sldNum", "1"), ("dt", "")):
        box = shapes.add_textbox(0, 0, 9, 9)
        box.text_frame.text = text
        box._element.nvSpPr.nvPr.append(OxmlElement("p:ph"))
        box._element.nvSpPr.nvPr[-1].set("type", kind)
    document = of("a.pptx", saved(made))
    assert "Vertraulich" not in str(said(document))
    assert document.left_out == (
        LeftOut(LeftOutReason.RUNNING_LINE, "Vertraulich", 1),
        LeftOut(LeftOutReason.PAGE_NUMBER, "1", 1),
        LeftOut(LeftOutReason.RUNNING_LINE, "Nur zur Information", 1),
    )


def test_an_opendocument_presentation_is_read_alike() -> None:
    def frame(text: str, kind: str = "subtitle") -> str:
        return (
            f'<draw:frame presentation:class="{kind}"><draw:text-box><text:p>{text}</text:p>'
            "</draw:text-box></draw:frame>"
        )

    hidden = (
        '<style:style style:name="weg"><style:drawing-page-properties '
        'presentation:visibility="hidden"/></style:style>'
    )
    pages = (
        f"<draw:page>{frame('Ein Satz.')}{frame('Die Lage', 'title')}{frame('1', 'page-number')}"
        f"<presentation:notes>{frame('Langsam sprechen.', 'notes')}</presentation:notes>"
        f'</draw:page><draw:page draw:style-name="weg">{frame("Verborgen.")}</draw:page>'
    )
    foot = "<presentation:footer-decl>Nur zur Information</presentation:footer-decl>"
    document = of("a.odp", odp(foot + pages, hidden))
    assert said(document) == [(1, "Die Lage"), (1, "Ein Satz."), (1, "Langsam sprechen.")]
    assert document.left_out == (
        LeftOut(LeftOutReason.RUNNING_LINE, "Nur zur Information"),
        LeftOut(LeftOutReason.PAGE_NUMBER, "1", 1),
        LeftOut(LeftOutReason.HIDDEN, number=1),
    )


def test_ten_thousand_slides_are_refused_with_their_number() -> None:
    slides = b'<p:sldId id="256" r:id="s"/>' * 10_000
    whole = specimens()[".pptx"]
    one = b'<p:sldId id="256" r:id="s"/>'
    import zipfile

    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        main = archive.read("ppt/presentation.xml")
    assert one in main
    with pytest.raises(TooCostly, match=rf"10,000 slides, and {MAX_SLIDES:,}"):
        of("a.pptx", repacked(whole, {"ppt/presentation.xml": main.replace(one, slides)}))
    with pytest.raises(TooCostly, match="10,000 slides"):
        of("a.odp", odp("<draw:page/>" * 10_000))
