"""A slide is laid out as its file says, within bounds, with the passages at their places."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pptx.util import Inches, Pt

from corpus.errors import DamagedFile
from corpus.pages import slides
from corpus.pages.slide_parts import Drawn, DrawnSlide
from corpus.pages.types import Box, Shape, Slide
from corpus.readers.media_types import ODP, PPTX
from corpus.types import Span
from tests.corpus.readers.formats.test_slides import odp, presentation, saved
from tests.documents import scan
from tests.robustness.bombs import repacked

TEXT = "Die Lage\n\nErster Punkt\n\nZweiter Punkt\n\nLangsam sprechen."


def laid(content: bytes, number: int = 1, text: str = "", *spans: Span) -> Slide:
    media_type = ODP if b"opendocument" in content[:200] else PPTX
    return slides.laid_out(slides.opened(content, media_type), number, text, spans)


def made(*shapes: Drawn, width: float = 720, height: float = 540) -> Slide:
    """Return how a slide with such shapes is laid out."""

    class Made:
        pages = 1

        def slide(self, number: int) -> DrawnSlide:
            return DrawnSlide(width, height, shapes)

    return slides.laid_out(Made(), 1, "", [])


def sides(shape: Shape) -> tuple[int, ...]:
    return tuple(round(side) for side in shape.box)


def said(slide: Slide) -> list[str]:
    return list(slide.cells())


def test_a_placeholder_without_a_place_stands_where_its_layout_or_master_has_it() -> None:
    talk = presentation()
    title, body, notes = laid(saved(talk)).shapes
    assert (title.rows, body.rows) == ((("Die Lage",),), (("Erster Punkt",), ("Zweiter Punkt",)))
    for shape, followed in ((title, 0), (body, 1)):
        model = talk.slide_layouts[1].placeholders[followed]
        assert sides(shape)[:2] == (round(model.left.pt), round(model.top.pt))
    assert sides(notes) == (36, 540, 684, 675), "the notes stand below the slide"


def test_a_shape_in_groups_stands_where_these_put_it() -> None:
    talk = presentation()
    outer = talk.slides[1].shapes.add_group_shape()
    box = outer.shapes.add_group_shape().shapes.add_textbox(Inches(1), Inches(1), Pt(72), Pt(36))
    box.text_frame.text = "In der Gruppe"
    outer.left, outer.top, outer.width, outer.height = Inches(2), Inches(3), Pt(144), Pt(144)
    shape = next(each for each in laid(saved(talk), 2).shapes if "Gruppe" in str(each.rows))
    assert sides(shape) == (144, 216, 288, 360)


def test_a_shape_that_lies_on_its_side_takes_the_room_that_it_has_then() -> None:
    talk = presentation()
    box = talk.slides[1].shapes.add_textbox(Pt(100), Pt(200), Pt(80), Pt(20))
    box.text_frame.text, box.rotation = "Am Rand", 90
    assert sides(laid(saved(talk), 2).shapes[-1]) == (130, 170, 150, 250)


def test_tables_keep_their_cells_and_pictures_are_boxes_without_words() -> None:
    talk, picture = presentation(), io.BytesIO()
    scan("Ein Bild").save(picture, "PNG")
    talk.slides[1].shapes.add_picture(picture, Pt(10), Pt(20), Pt(30), Pt(40))
    _, table, photo = laid(saved(talk), 2).shapes
    assert (table.is_table, table.rows) == (True, (("Land", "Zahl"), ("Belgien", "12")))
    assert (photo.rows, sides(photo)) == ((), (10, 20, 40, 60))


def test_a_passage_is_found_in_the_paragraphs_that_say_it() -> None:
    start, end = TEXT.index("Erster"), TEXT.index("Langsam")
    slide = laid(saved(presentation()), 1, TEXT, Span(start, end), Span(end, len(TEXT)), Span(0, 0))
    marked = [[slide.text[slice(*place)] for place in places] for places in slide.marks]
    assert marked == [["Erster Punkt", "Zweiter Punkt"], ["Langsam sprechen."], []]


def test_nothing_of_a_hidden_slide_is_told() -> None:
    talk = presentation()
    talk.slides[0]._element.set("show", "0")
    slide = laid(saved(talk), 1, TEXT, Span(0, 8))
    assert (slide.is_hidden, slide.shapes, slide.marks) == (True, (), ((),))
    hidden = '<style:style style:name="h"><style:drawing-page-properties presentation:visibility='
    content = odp(
        '<draw:page draw:style-name="h"><draw:frame/></draw:page>',
        f'{hidden}"hidden"/></style:style>',
    )
    assert laid(content).is_hidden


def test_a_slide_that_is_missing_from_its_file_is_refused() -> None:
    content = repacked(saved(presentation()), {"ppt/slides/slide2.xml": b"<p:sld"})
    with pytest.raises(DamagedFile):
        laid(content, 2)


FRAME = '<draw:frame svg:x="{}cm" svg:y="1in" svg:width="72pt" svg:height="36pt">{}</draw:frame>'
STYLES = """<s xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0">
<style:page-layout style:name="wide"><style:page-layout-properties fo:page-width="1000pt"
 fo:page-height="500pt"/></style:page-layout>
<style:master-page style:name="m" style:page-layout-name="wide"/></s>"""


def drawn(shapes: str) -> bytes:
    """Return a presentation of OpenDocument with one slide of 1,000 by 500 points."""
    svg = "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
    page = f'<draw:page xmlns:svg="{svg}" draw:master-page-name="m">{shapes}</draw:page>'
    return repacked(odp(page), {"styles.xml": STYLES.encode()})


def test_shapes_of_open_document_stand_where_they_say() -> None:
    box = "<draw:text-box><text:p>Ein Text</text:p></draw:text-box>"
    title = FRAME.format(5.08, box.replace("Ein Text", "Der Titel")).replace(
        "<draw:frame", '<draw:frame presentation:class="title"'
    )
    notes = (
        f"<presentation:notes>{FRAME.format(1, box.replace('Ein', 'Kein'))}</presentation:notes>"
    )
    photo = FRAME.format(0, "<draw:image/>")
    slide = laid(drawn(f"<draw:g>{FRAME.format(2.54, box)}</draw:g>{notes}{photo}{title}"))
    assert (slide.width, slide.height) == (1000, 500)
    assert said(slide) == ["Der Titel", "Ein Text", "Kein Text"]
    assert [sides(shape) for shape in slide.shapes] == [
        (144, 72, 216, 108),
        (72, 72, 144, 108),
        (50, 500, 950, 625),
        (0, 72, 72, 108),
    ]


def test_a_turned_shape_of_open_document_takes_the_room_that_it_has_then() -> None:
    shape = (
        '<draw:custom-shape svg:width="100pt" svg:height="20pt" draw:transform="rotate (1.5708) '
        'translate (300pt 400pt)"><text:p>Am Rand</text:p></draw:custom-shape>'
    )
    assert sides(laid(drawn(shape)).shapes[0]) == (300, 300, 320, 400)


def test_a_table_of_open_document_has_cells() -> None:
    cells = "".join(
        f"<table:table-cell><text:p>{each}</text:p></table:table-cell>" for each in "AB"
    )
    table = f"<table:table><table:table-row>{cells}</table:table-row></table:table>"
    names = 'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    (shape,) = laid(drawn(f"<draw:frame {names}>{table}</draw:frame>")).shapes
    assert (shape.is_table, shape.rows) == (True, (("A", "B"),))


def test_texts_without_places_stand_one_below_the_other() -> None:
    slide = made(*(Drawn(None, ((f"Satz {number}",),)) for number in range(10)))
    assert all(above.box.bottom <= below.box.top for above, below in pairwise(slide.shapes))
    assert slide.shapes[-1].box.bottom <= slide.height + 0.001


def test_what_stands_beside_the_slide_comes_below_it() -> None:
    here, beside = Drawn(Box(0, 0, 9, 9), (("Hier",),)), Drawn(Box(-90, 0, -9, 9), (("Dort",),))
    assert sides(made(here, beside).shapes[1]) == (36, 540, 684, 675)


@pytest.mark.parametrize("shape", [
    Drawn(Box(0, 0, 9, 9), (("a",),)),
    Drawn(Box(0, 0, 9, 9), (("b",) * 40,)),
    Drawn(Box(0, 0, 9, 9), (("c" * 900,),)),
])  # fmt: skip
def test_of_too_much_the_first_is_laid_out_and_that_is_said(shape: Drawn) -> None:
    slide = made(*[shape] * 10_000)
    assert not slide.is_whole
    assert 0 < len(slide.shapes) <= slides.MAX_SHAPES
    assert len(said(slide)) <= slides.MAX_CELLS
    assert len(slide.text) <= slides.MAX_CHARACTERS + slides.MAX_CELLS


def test_print_has_room_in_its_box_if_there_is_any() -> None:
    little, much = (
        made(Drawn(Box(0, 0, 300, 100), ((text,),))).shapes[0].size
        for text in ("Kurz", "Ein langer Satz, der viel Platz braucht. " * 5)
    )
    assert little == 540 * slides.LARGEST > much > 540 * slides.SMALLEST


numbers = st.floats(-1e12, 1e12)


@given(st.lists(st.builds(Box, numbers, numbers, numbers, numbers), max_size=5), numbers, numbers)
def test_whatever_a_file_says_all_stands_on_or_below_a_slide_of_a_usual_size(
    boxes: list[Box], width: float, height: float
) -> None:
    slide = made(*(Drawn(box, (("Ein Satz",),)) for box in boxes), width=width, height=height)
    assert min(slide.width, slide.height) >= slides.MIN_SIDE
    assert max(slide.width, slide.height) <= slides.MAX_SIDE
    assert len(slide.shapes) == len(boxes)
    for left, top, right, bottom in (shape.box for shape in slide.shapes):
        assert 0 <= left < right <= slide.width
        assert 0 <= top < bottom <= 2 * slide.height + 0.001
