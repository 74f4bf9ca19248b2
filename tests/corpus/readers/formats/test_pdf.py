from __future__ import annotations

from datetime import UTC, datetime

import pytest

from corpus.errors import DamagedFile, EncryptedFile, NoText
from corpus.readers.formats.pdf import read_pdf
from corpus.text.chunking import segment
from corpus.text.cleaning import clean
from tests.documents import pdf, picture_pdf

LONG = (
    "The ministers met in the capital and spoke about the border for several hours. They will "
    "meet again in the spring, when the treaty is to be signed by all of the three countries."
)


def test_pages_paragraphs_headings_and_lists_are_kept() -> None:
    content = pdf([["# The accord", LONG, "The measures:", "- a patrol\n- data"],
                   ["# Border", f"It is open. {LONG}"]])  # fmt: skip
    found = [
        (block.kind.value, block.page, " ".join(block.text.split()))
        for block in read_pdf(content).blocks
    ]
    assert found == [
        ("heading", 1, "The accord"),
        ("paragraph", 1, LONG),
        ("paragraph", 1, "The measures:"),
        ("list item", 1, "- a patrol"),
        ("list item", 1, "- data"),
        ("heading", 2, "Border"),
        ("paragraph", 2, f"It is open. {LONG}"),
    ]


def test_a_footer_that_counts_the_pages_is_dropped_from_the_sentence_it_cuts() -> None:
    footer = "https://example.org/note Page {page}/2"
    pages = [["A note\n", "The judge said that the case would"], ["come to court in May."]]
    texts = [block.text for block in read_pdf(pdf(pages, footer=footer)).blocks]
    assert " ".join(" ".join(texts).split()) == (
        "A note The judge said that the case would come to court in May."
    )
    assert "example.org" not in str(read_pdf(pdf(pages[:1], footer=footer)).blocks)


def test_running_headers_footers_and_page_numbers_are_dropped() -> None:
    pages = [[f"On page {word} stands this sentence. {LONG}"] for word in ("one", "two", "three")]
    content = pdf(pages, header="Ministry of Justice", footer="Page {page}")
    text = clean(read_pdf(content)).text
    assert "Ministry" not in text
    assert "Page" not in text
    assert text.count("stands this sentence") == 3


def test_a_paragraph_goes_on_over_the_end_of_a_page() -> None:
    content = pdf(["The treaty was signed by the three countries and will be", "ratified soon."])
    assert clean(read_pdf(content)).text.endswith("will be ratified soon.")


def test_words_broken_at_a_lines_end_are_mended() -> None:
    content = pdf(["La coopéra-\ntion est bonne. Le porte-\nparole, dit porte-parole, est ﬁn."])
    assert clean(read_pdf(content)).text == (
        "La coopération est bonne. Le porte-parole, dit porte-parole, est fin."
    )


def test_properties_are_metadata() -> None:
    metadata = read_pdf(pdf([LONG], title="The accord", author="Ministry of Justice")).metadata
    assert metadata.title == "The accord"
    assert metadata.publisher == "Ministry of Justice"


def test_when_a_file_was_made_is_not_when_it_was_published() -> None:
    content = pdf([LONG], author="(anonymous)", created=datetime(2026, 11, 28, tzinfo=UTC))
    metadata = read_pdf(content).metadata
    assert (metadata.publisher, metadata.published) == (None, None)


def test_a_title_that_the_file_does_not_state_is_its_largest_heading() -> None:
    content = pdf([["Ministry of Justice", "# Annual report\nof the patrols", LONG]])
    assert read_pdf(content).metadata.title == "Annual report of the patrols"
    assert read_pdf(pdf([["Ministry of Justice", LONG]])).metadata.title is None
    assert read_pdf(pdf([["# Report", LONG]], title="The accord")).metadata.title == "The accord"
    assert read_pdf(pdf([[LONG, "# Annexe", LONG]])).metadata.title is None


@pytest.mark.parametrize(
    "title",
    [
        "Microsoft Word - accord.doc",
        "untitled",
        "report.pdf",
        "/home/jo/gui2/tau.eps",
        "user-guide",
    ],
)
def test_titles_put_in_by_programs_are_none(title: str) -> None:
    metadata = read_pdf(pdf([LONG], title=title, author="Microsoft Word")).metadata
    assert (metadata.title, metadata.publisher) == (None, None)


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_a_pdf_cut_short_is_refused(kept: float) -> None:
    content = pdf([LONG])
    with pytest.raises(DamagedFile, match="incomplete"):
        read_pdf(content[: int(len(content) * kept)])


def test_a_pdf_without_structure_is_refused() -> None:
    with pytest.raises(DamagedFile):
        read_pdf(b"%PDF-1.7\nno objects here\n%%EOF\n")


def test_a_pdf_behind_a_password_is_refused() -> None:
    with pytest.raises(EncryptedFile, match="password"):
        read_pdf(pdf([LONG], password="secret"))


def test_a_pdf_of_pictures_without_words_says_what_to_do() -> None:
    with pytest.raises(NoText, match="300 dpi"):
        read_pdf(picture_pdf())


def test_a_pdf_of_empty_pages_holds_no_text() -> None:
    with pytest.raises(NoText, match="no text"):
        read_pdf(pdf([""]))


def test_a_passage_has_the_page_that_it_begins_on_though_its_paragraph_began_before() -> None:
    first = f"{LONG} {LONG} {LONG} {LONG} The next meeting will be held by all of the countries in"
    second = f"the town of Remich. On the second page it was said. {' '.join([LONG] * 9)}"
    cleaned = clean(read_pdf(pdf([first, second])))
    assert len(cleaned.blocks) == 1
    place = cleaned.text.index("the town of Remich")
    assert [cleaned.blocks[0].page_at(at) for at in (0, place - 2, place)] == [1, 1, 2]
    passages = segment(cleaned)
    assert {passage.page for passage in passages} == {1, 2}
    assert [passage.page == 2 for passage in passages] == [
        passage.span.start >= place for passage in passages
    ]
