from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import MislabelledFile, NoText, Refused
from corpus.readers import media_type_of, read
from corpus.types import BlockKind, LeftOut, LeftOutReason

RTF = "application/rtf"
WHOLE = rb"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}}
{\info{\title Le trait\'e9 de \u8364?}{\author Parlement Benelux}{\creatim\yr2018\mo7\dy23\hr10}}
{\header Page 1}{\*\generator Word}
\pard Signature du trait\'e9\par
\pard Le trait\'e9 de coop\'e9ration polici\'e8re a \'e9t\'e9 sign\'e9 lundi \'e0 Bruxelles.\par
\trowd Dur\'e9e\cell 10 ans\cell\row
{\pict\pngblip 89504e47}\pard Il vaut \u8364?1000 \u1055?\u1086? et {\b pour tous}.\par}"""


def test_an_rtf_document_is_read_with_its_title_table_and_signs_of_any_code_page() -> None:
    document = read(WHOLE, media_type_of("a.rtf", WHOLE))
    assert [block.text for block in document.blocks] == [
        "Signature du traité",
        "Le traité de coopération policière a été signé lundi à Bruxelles.",
        "Durée | 10 ans",
        "Il vaut €1000 По et pour tous.",
    ]
    assert document.blocks[0].kind is BlockKind.HEADING
    assert document.metadata.title == "Le traité de €"
    assert document.metadata.publisher == "Parlement Benelux"
    assert document.metadata.published is None  # that is when the file was made


def test_notes_text_boxes_and_margins_are_read_and_comments_counted() -> None:
    box = r"{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt Call 112.\par Or \'e9cole.}}{\shprslt old}}"
    source = (
        r"{\rtf1\ansi{\header Ministry of Water}{\footer Page \chpgn}{\headerf Ministry of Water}"
        r"Rivers rise.{\footnote {\super 1} Measured in May.}{\footnote } Bridges close.\par "
        rf"{box}{{\*\annotation Check this.}}Schools stay open.\par }}"
    )
    document = read(source.encode(), RTF)
    assert [block.text for block in document.blocks] == [
        "Rivers rise. Bridges close.",
        "1 Measured in May.",
        "Schools stay open.",
        "Call 112.",
        "Or école.",
        "Ministry of Water",
    ]
    assert document.left_out == (LeftOut(LeftOutReason.COMMENT, number=1),)


def test_notes_in_one_another_are_read_to_some_depth_and_however_many_there_are() -> None:
    inside = r"{\footnote deep " * 1_000
    assert read(rf"{{\rtf1 Top {inside}".encode(), RTF).blocks
    many = r"Word{\footnote Note.}\par " * 1_000
    assert len(read(rf"{{\rtf1 {many}}}".encode(), RTF).blocks) == 2_000


@pytest.mark.parametrize(("name", "byte"), [("mac", "8e"), ("pc", "82"), ("pca", "82")])
def test_letters_are_those_of_the_machine_that_it_was_written_on(name: str, byte: str) -> None:
    document = read(rf"{{\rtf0 \{name} \deff3 Il a lanc\'{byte} ses filets.}}".encode(), RTF)
    assert document.blocks[0].text == "Il a lancé ses filets."


def test_what_is_called_rtf_and_is_something_else_is_refused() -> None:
    with pytest.raises(MislabelledFile, match="plain text"):
        media_type_of("a.rtf", b"Bonjour.")
    with pytest.raises(MislabelledFile, match=r"RTF document \(\.rtf\)"):
        media_type_of("a.docx", WHOLE)
    with pytest.raises(NoText):
        read(rb"{\rtf1\ansi {\pict 00}}", RTF)


@settings(max_examples=60)
@given(st.integers(0, len(WHOLE)), st.binary(max_size=8))
def test_a_damaged_one_is_read_or_refused(at: int, put: bytes) -> None:
    content = WHOLE[:at] + put + WHOLE[at + len(put) :]
    with suppress(Refused):
        assert read(content, media_type_of("a.rtf", content)).blocks
