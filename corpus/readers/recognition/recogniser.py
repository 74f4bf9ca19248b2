"""Pages of pictures as lines of print, one page after the other of one document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import mean
from typing import Final, NamedTuple

from corpus.readers.page_layout.rows import Row
from corpus.readers.recognition import allowance, models, tesseract
from corpus.readers.recognition.pictures import turned
from corpus.readers.recognition.tesseract import Picture, PictureLine
from corpus.text.language_id import STRONG_CONFIDENCE, language_of
from corpus.types import LeftOut, LeftOutReason, RecognisedPage

DOUBTFUL: Final = 0.8
"""Confidence below which a word is doubtful. Of the words of 1,368 in Luxembourgish, read by the
German model, 15 % of those below it were right, and 93 % of the others."""

POOR: Final = 0.7
"""Mean confidence of a page below which it may lie on its side or be in another script. Upright
pages had .86 and more with the model of any other language in Latin letters, such that stand on
their head .24, in Cyrillic .34, in Greek .28."""

ILLEGIBLE: Final = 0.5
"""Mean confidence of a page below which it is no print: noise had .29."""

POINTS_AN_INCH: Final = 72


class RecognisedText(NamedTuple):
    """What was recognised on a page."""

    rows: list[Row]
    facts: RecognisedPage


class Recogniser:
    """Reads the pages of one document. Each begins with the model that read the one before."""

    def __init__(self) -> None:
        self._model = models.first()

    def read(self, picture: Picture, page: int) -> RecognisedText | LeftOut:
        """Return the lines of a page, counted from 1, or that nothing could be told of it."""
        nothing = LeftOut(LeftOutReason.UNRECOGNISED, page=page)
        if self._model is None or allowance.is_used_up():
            return nothing
        try:
            picture, lines = self._best(picture, self._model)
        except tesseract.OutOfTime:
            return nothing
        words = [word for line in lines for word in line.words]
        if not words or _confidence(lines) < ILLEGIBLE:
            return nothing
        doubtful = sum(word.confidence < DOUBTFUL for word in words)
        facts = RecognisedPage(page, round(_confidence(lines), 3), len(words), doubtful)
        return RecognisedText(list(_rows(lines, picture, page)), facts)

    def _best(self, picture: Picture, model: str) -> tuple[Picture, list[PictureLine]]:
        """Return the picture upright, and its lines by the model that suits them."""
        lines = _lines(picture, model)
        if _confidence(lines) < POOR and (found := tesseract.orientation(picture)):
            other = models.for_script(found.script) or model
            upright = turned(picture, found.degrees) if found.degrees else picture
            if (other, found.degrees) != (model, 0):
                again = _lines(upright, other)
                if _confidence(again) > _confidence(lines):
                    picture, model, lines = upright, other, again
        language = language_of(_text(lines), min_confidence=STRONG_CONFIDENCE)
        suited = models.for_language(language) or model
        if suited != model and _confidence(lines) >= ILLEGIBLE:
            model, lines = suited, _lines(picture, suited)
        self._model = model
        return picture, lines


def _lines(picture: Picture, model: str) -> list[PictureLine]:
    lines = tesseract.lines(picture, model, allowance.PAGE_SECONDS)
    return [line for line in lines if line.words]


def _text(lines: Sequence[PictureLine]) -> str:
    return "\n".join(" ".join(word.text for word in line.words) for line in lines)


def _confidence(lines: Sequence[PictureLine]) -> float:
    words = [word.confidence for line in lines for word in line.words]
    return mean(words) if words else 0.0


def _rows(lines: Sequence[PictureLine], picture: Picture, page: int) -> Iterator[Row]:
    scale = POINTS_AN_INCH / picture.dpi
    for line in lines:
        yield Row(
            " ".join(word.text for word in line.words),
            page,
            line.left * scale,
            line.right * scale,
            (picture.height - line.baseline) * scale,
            float(line.size),
        )
