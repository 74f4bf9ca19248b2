from __future__ import annotations

import pytest

from corpus.readers.formats.pdf import read_pdf
from corpus.text.cleaning import clean
from corpus.types import LeftOut, LeftOutReason
from tests.documents import pdf, printed_pdf

LONG = (
    "The ministers met in the capital and spoke about the border for several hours. They will "
    "meet again in the spring, when the treaty is to be signed by all of the three countries."
)
TOTALS = (1200, 1337, 1204, 998, 1206, 1500)


def _text(content: bytes) -> str:
    return clean(read_pdf(content)).text


def _left_out(content: bytes) -> list[tuple[str, int | None, str]]:
    return [(each.reason.value, each.page, each.text) for each in read_pdf(content).left_out]


def test_a_line_with_another_number_at_the_end_of_every_page_is_text() -> None:
    content = pdf([[LONG, f"Total expenditure in euros: {total}"] for total in TOTALS])
    assert [total for total in TOTALS if f"euros: {total}" not in _text(content)] == []
    assert _left_out(content) == []


def test_the_same_sentence_at_the_end_of_every_page_is_text() -> None:
    content = pdf([[LONG, "The council approves this expenditure."] for _ in range(6)])
    assert _text(content).count("The council approves this expenditure.") == 6


def test_pages_that_are_all_alike_lose_nothing() -> None:
    pages = [
        ["# Monthly report", LONG, f"The patrol stopped {n * 7 + 11} cars."] for n in range(40)
    ]
    text = _text(pdf(pages))
    assert text.count("Monthly report") == 40
    assert all(f"stopped {n * 7 + 11} cars" in text for n in range(40))


def test_headings_that_count_with_the_pages_are_text() -> None:
    text = _text(pdf([[f"# Annex {n}", LONG] for n in range(1, 8)]))
    assert [n for n in range(1, 8) if f"Annex {n}" not in text] == []


def test_running_lines_and_page_numbers_are_kept_apart_by_their_reason() -> None:
    content = pdf([[LONG] for _ in range(3)], header="Ministry of Justice", footer="{page}")
    assert "Ministry" not in _text(content)
    assert _left_out(content) == [
        (reason, page, text)
        for page in (1, 2, 3)
        for reason, text in (("running_line", "Ministry of Justice"), ("page_number", str(page)))
    ]


def test_page_numbers_may_begin_anywhere_and_be_roman() -> None:
    for numbers in (["iii", "iv", "v", "vi"], ["211", "212", "213", "214"]):
        pages = [[(20, 30, LONG[:80]), (20, 35, LONG[80:]), (100, 285, n)] for n in numbers]
        content = printed_pdf(pages)
        assert [text for _, _, text in _left_out(content)] == numbers


def test_heads_that_change_with_the_chapter_are_left_out() -> None:
    heads = ["1 The border", "1 The border", "1 The border", "2 The river", "2 The river"]
    pages = [
        [(20, 12, f"{head} – {40 + n}"), (20, 30, LONG[:80]), (20, 35, LONG[80:])]
        for n, head in enumerate(heads)
    ]
    content = printed_pdf(pages)
    assert len(_left_out(content)) == 5
    assert "river" not in _text(content)


def test_a_line_that_only_some_pages_carry_in_their_margin_is_text() -> None:
    page = [(20.0, 30.0, LONG[:80]), (20.0, 35.0, LONG[80:])]
    note = (20.0, 285.0, "This page is confidential.")
    content = printed_pdf([page, [*page, note], page, [*page, note], page, page])
    assert _text(content).count("This page is confidential.") == 2


@pytest.mark.parametrize("number", ["7", "2024", "1200"])
def test_a_number_below_a_table_is_no_page_number(number: str) -> None:
    assert number in _text(pdf([[LONG, number], [LONG, "An end."], [LONG, "Another end."]]))


def test_what_is_left_out_is_kept_beside_the_cleaned_text() -> None:
    cleaned = clean(read_pdf(pdf([[LONG]] * 3, footer="Page {page}/3")))
    assert cleaned.left_out[0] == LeftOut(LeftOutReason.PAGE_NUMBER, "Page 1/3", 1)
    assert len(cleaned.left_out) == 3


def test_repeated_paragraphs_of_print_are_kept() -> None:
    text = _text(pdf([[LONG, LONG, "Not applicable in this case, says the ministry"] * 3]))
    assert text.count("The ministers met") == 6
    assert text.count("Not applicable in this case, says the ministry") == 3


def test_titles_of_chapters_beside_the_number_of_the_page_are_running_lines() -> None:
    titles = ("Bridges", "Bridges", "Roads", "Roads and rails", "Harbours", "The budget")
    pages = [
        [(20.0, 15.0, f"{title} {23 + at}"), *((20.0, 40.0 + 5 * n, LONG[:90]) for n in range(8))]
        for at, title in enumerate(titles)
    ]
    content = printed_pdf(pages)
    assert "Roads" not in _text(content)
    assert ("running_line", 4, "Roads and rails 26") in _left_out(content)


def test_a_page_number_may_be_larger_than_the_text() -> None:
    pages = [
        [*((20.0, 40.0 + 4 * n, LONG[:90]) for n in range(8)), (100.0, 90.0, str(number))]
        for number in range(1, 6)
    ]
    content = printed_pdf(pages, size=7, sizes={str(number): 10 for number in range(1, 6)})
    assert [reason for reason, _, _ in _left_out(content)] == 5 * ["page_number"]
