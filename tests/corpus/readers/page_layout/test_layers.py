"""What nobody sees who opens a file is no text of it, and is kept as hidden."""

from __future__ import annotations

from corpus.readers.formats.pdf import read_pdf
from corpus.types import LeftOut, LeftOutReason
from tests.documents import layered_pdf


def test_text_in_a_layer_that_is_not_shown_is_left_out() -> None:
    document = read_pdf(layered_pdf("The bridge is open.", "Die Bruecke ist offen."))
    assert [block.text for block in document.blocks] == ["The bridge is open."]
    assert document.left_out == (LeftOut(LeftOutReason.HIDDEN, "Die Bruecke ist offen.", 1),)


def test_text_in_a_layer_that_is_shown_is_text() -> None:
    shown = layered_pdf("The bridge is open.", "Cars may pass.").replace(b"/OFF", b"/ON ")
    assert "Cars may pass." in str(read_pdf(shown).blocks)


def test_where_the_file_does_not_say_which_layers_are_shown_all_is_text() -> None:
    broken = layered_pdf("The bridge is open.", "Cars may pass.").replace(b"/D<<", b"/E<<")
    assert "Cars may pass." in str(read_pdf(broken).blocks)
