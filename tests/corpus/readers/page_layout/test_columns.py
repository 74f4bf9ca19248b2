from __future__ import annotations

from itertools import chain

from corpus.readers.formats.pdf import read_pdf
from corpus.text.cleaning import clean
from tests.documents import printed_pdf

LEFT = (
    "The council met in the town",
    "hall and said that it would",
    "look into the bridges of the",
    "valley before the winter, so",
    "that no one has to go round",
    "by the road over the hill.",
)
RIGHT = (
    "The mayor had asked for a",
    "vote to be taken on this at",
    "once, since the money which",
    "the state had promised them",
    "will be gone by the end of a",
    "year that is half over now.",
)
HEAD = "A report on everything that was said about the bridges in the valley this year"


def _text(*pages: list[tuple[float, float, str]]) -> str:
    return " ".join(clean(read_pdf(printed_pdf(pages))).text.split())


def _line(at: int) -> float:
    return 40.0 + 5 * at


def test_columns_drawn_line_by_line_are_read_one_after_the_other() -> None:
    across = chain.from_iterable(
        ((20.0, _line(at), left), (75.0, _line(at), right))
        for at, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True))
    )
    text = _text([(20, 25, HEAD), *across])
    assert text == " ".join((HEAD, *LEFT, *RIGHT))


def test_a_line_across_both_columns_parts_what_stands_above_it_from_what_stands_below() -> None:
    def band(top: int, words: str) -> list[tuple[float, float, str]]:
        return [
            part
            for at, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True))
            for part in (
                (20.0, _line(top + at), f"{left[:-5]}{words}"),
                (75.0, _line(top + at), f"{right[:-5]}{words}"),
            )
        ]

    text = _text([*band(0, "above"), (20, _line(8), HEAD), *band(10, "below")])
    head = text.index(HEAD)
    assert "below" not in text[:head]
    assert "above" not in text[head:]
    assert text.index("The council") < text.index("The mayor") < head


def test_columns_drawn_one_after_the_other_stay_so() -> None:
    left = [(20.0, _line(at), line) for at, line in enumerate(LEFT)]
    right = [(75.0, _line(at), line) for at, line in enumerate(RIGHT)]
    assert _text(left + right) == " ".join((*LEFT, *RIGHT))
