"""Texts and questions that we wrote ourselves, to teach the model what answers what.

The files lie beside this module; ``README.md`` is their datasheet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from training.errors import TrainingError

NOTES: Final = Path(__file__).with_name("notes.jsonl")
HELD_OUT_NOTES: Final = Path(__file__).with_name("held_out_notes.jsonl")
"""The tenth that no model is trained on: the benchmarks' set ``written``."""
JUDGED: Final = Path(__file__).with_name("judged.jsonl")
PARAGRAPHS: Final = Path(__file__).with_name("paragraphs.jsonl")
HELD_OUT_FOLLOW_UPS: Final = Path(__file__).with_name("held_out_follow_ups.jsonl")
"""Conversations about the notes that are held out."""
FOLLOW_UPS: Final = Path(__file__).with_name("follow_ups.jsonl")

_UNION = "bg cs da de el en es et fi fr ga hr hu it lb lt lv mt nl pl pt ro sk sl sv"

LANGUAGES: Final = frozenset(f"{_UNION} ar hi ru tr uk vi zh".split())
"""ISO 639-1: the Union's 24, Luxembourgish, and seven more that are much asked in."""

Style = Literal[
    "plain", "everyday", "keyword", "misspelt", "situation", "double", "name-number-date"
]


class BadWrittenFile(TrainingError):
    """A written file cannot be used; the message names file, line and reason."""


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise ValueError(f"{language} is none of the collection's languages")
    return language


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("the text is empty")
    return text


Language = Annotated[str, AfterValidator(_known)]
Text = Annotated[str, AfterValidator(_said)]
Paragraphs = list[list[Text]]
"""Each paragraph as its sentences."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Asked(_Line):
    lang: Language
    q: Text


class Question(_Asked):
    """A question on a note, in a language that the note is not in."""

    style: Style
    answer: tuple[int, int]
    """Paragraph and sentence that answer it, from 0; the same in every language."""


class NearMiss(_Asked):
    """A question on the same matter that the note does not answer."""


class Note(_Line):
    """A document of ours in several languages, sentence by sentence the same."""

    id: str
    kind: Text
    register_: Literal["plain", "formal"] = Field(alias="register")
    source: Language
    """The language that it was written in first."""
    titles: dict[Language, Text]
    texts: dict[Language, Paragraphs]
    questions: list[Question]
    near_misses: list[NearMiss]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.titles.keys() != self.texts.keys() or self.source not in self.texts:
            raise ValueError("titles, texts and source are not of the same languages")
        shapes = {tuple(len(paragraph) for paragraph in text) for text in self.texts.values()}
        if len(shapes) != 1:
            raise ValueError("the texts differ in their paragraphs or sentences")
        (shape,) = shapes
        for question in self.questions:
            paragraph, sentence = question.answer
            if not (0 <= paragraph < len(shape) and 0 <= sentence < shape[paragraph]):
                raise ValueError(f"no sentence {question.answer} answers {question.q!r}")
            if question.lang in self.texts:
                raise ValueError(f"{question.q!r} is in a language of the note")
        return self


class OnParagraph(_Asked):
    """A question on a paragraph of somebody else's."""

    style: Style
    answer: Annotated[int, Field(ge=0)] | None = None
    """Sentence of the English text that answers it, from 0, where that was said."""


class ParagraphQuestions(_Line):
    """What is asked of a paragraph of the parallel text, whose words are not ours to keep."""

    source: Text
    paragraph: Text
    """Its id in the source."""
    questions: list[OnParagraph] = Field(min_length=1)


class JudgedPassage(_Line):
    """A passage of a note that was found for a question, and whether it answers it."""

    note: Text
    lang: Language
    first: tuple[int, int]
    """Paragraph and sentence that it begins with, from 0."""
    last: tuple[int, int]
    """Those that it ends with."""
    verdict: Literal["answers", "in part", "no"]
    words: str
    """Of the passage, that decide it; they may be empty where it does not answer."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.first > self.last:
            raise ValueError("a passage ends before it begins")
        if self.verdict != "no" and not self.words.strip():
            raise ValueError("a passage answers, and no words of it do")
        return self


class JudgedQuestion(_Asked):
    """A question, and the first passages that Passerelle found for it, the first one first."""

    id: str
    """The note's, and the question's number; with ``near`` before that for a near miss."""
    passages: list[JudgedPassage] = Field(min_length=1)


class FollowUp(_Line):
    """A conversation, and what its last turn means by itself."""

    id: str
    lang: Language
    """Of the last turn."""
    kind: Text
    turns: list[Text] = Field(min_length=2, max_length=3)
    answers: list[Text]
    """To each turn but the last."""
    standalone: str
    """The last turn as somebody would ask it who said nothing before; empty for a mere thanks."""
    leans: bool
    """Whether the last turn needs the ones before it."""
    note: str | None = None
    """The note that the conversation is about, if any."""
    answer: tuple[int, int] | None = None
    """Paragraph and sentence of it that answer the last turn, from 0."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.answers) != len(self.turns) - 1:
            raise ValueError("there is not one answer for each turn but the last")
        if (self.note is None) != (self.answer is None):
            raise ValueError("a note without its answer, or an answer without its note")
        if self.leans and not self.standalone.strip():
            raise ValueError("the last turn leans on another, and nothing says what it means")
        return self


_TENTH: Final = 26
"""Of the 256 values of a byte."""


def held_out(id_: str) -> bool:
    """Tell whether a page or a conversation is never trained on: a tenth, by its id's hash."""
    return sha256(id_.encode()).digest()[0] < _TENTH


def read_notes(file: Path = NOTES) -> list[Note]:
    """Return the notes of a file, in its order.

    Raises:
        BadWrittenFile: a line is none, or an id, a text or a question is there twice.
    """
    return _read(
        file,
        Note,
        lambda note: [
            f"the id {note.id}",
            *(f"the text {text[0][0]!r}" for text in note.texts.values()),
            *(f"the question {each.q!r}" for each in (*note.questions, *note.near_misses)),
        ],
    )


def read_paragraphs(file: Path = PARAGRAPHS) -> list[ParagraphQuestions]:
    """Return what is asked of paragraphs, in the file's order.

    Raises:
        BadWrittenFile: a line is none, or a paragraph or a question is there twice.
    """
    return _read(
        file,
        ParagraphQuestions,
        lambda each: [
            f"the paragraph {each.source} {each.paragraph}",
            *(f"the question {question.q!r}" for question in each.questions),
        ],
    )


def read_follow_ups(file: Path = FOLLOW_UPS) -> list[FollowUp]:
    """Return the conversations of a file, in its order.

    Raises:
        BadWrittenFile: a line is none, or an id or a conversation is there twice.
    """
    return _read(file, FollowUp, lambda one: [f"the id {one.id}", f"the turns {one.turns}"])


def read_judged(file: Path = JUDGED) -> list[JudgedQuestion]:
    """Return the judged questions of a file, in its order.

    Raises:
        BadWrittenFile: a line is none, or an id or a question is there twice.
    """
    return _read(file, JudgedQuestion, lambda one: [f"the id {one.id}", f"the question {one.q!r}"])


_Kind = TypeVar("_Kind", bound=_Line)


def _read(file: Path, kind: type[_Kind], parts: Callable[[_Kind], list[str]]) -> list[_Kind]:
    """Read a file's lines; ``parts`` of one line may be in no other."""
    seen: dict[str, int] = {}
    found = []
    for number, line in _lines(file):
        try:
            one = kind.model_validate(json.loads(line))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            reason = first["msg"].removeprefix("Value error, ")
            place = f"{file}:{number}" + (f": {where}" if where else "")
            raise BadWrittenFile(f"{place}: {reason}") from None
        except ValueError:
            raise BadWrittenFile(f"{file}:{number}: this is no JSON object") from None
        for part in parts(one):
            if part in seen:
                raise BadWrittenFile(f"{file}:{number}: {part} is on line {seen[part]} already")
            seen[part] = number
        found.append(one)
    return found


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadWrittenFile(f"{file} cannot be read: {error}") from None
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield number, line
