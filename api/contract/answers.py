"""The shape of an answer; ``passerelle ask --json`` prints the same one."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.contract import examples
from api.contract.recognised import RecognisedOut
from api.contract.responses import CopyOut, copy
from api.contract.written import WritingOut, WrittenOut
from qa.advice.advising import NO_ADVICE, Advice
from qa.types import Abstention, Answer, CitedPassage, Timings, Translation


class QuestionOut(BaseModel):
    """The question as it was searched for."""

    text: str
    language: str
    standalone: str = Field(description="With what it takes from the conversation.")


class AnswerOut(BaseModel):
    """The sentence that answers, as offsets into the passage's text."""

    start: int
    end: int
    text: str


class SourceOut(BaseModel):
    """Where a passage stands; offsets are of the document's cleaned text."""

    document: str
    title: str
    publisher: str | None
    published: date | None
    file: str
    url: str | None
    collection: str
    page: int | None
    start: int
    end: int
    sha256: str = Field(description="Of the file's bytes.")
    link: str = Field(description="Path that opens the document at the passage.")
    copies: list[CopyOut] = Field(description="Other documents with the same bytes.")
    recognised: RecognisedOut | None = Field(
        None, description="Set if the page's words were recognised in a picture (OCR)."
    )


class AlsoIn(BaseModel):
    """A translation of the same passage."""

    language: str
    document: str
    link: str


class PassageOut(BaseModel):
    """A passage word for word."""

    rank: int
    score: float = Field(
        description="How much nearer the passage is than an ordinary one, in standard deviations. "
        "Comparable within one answer only."
    )
    language: str
    text: str
    answer: AnswerOut
    source: SourceOut
    also_in: list[AlsoIn]


class TookMs(BaseModel):
    """Milliseconds, as a whole and by step."""

    total: float
    encode: float
    search: float
    rank: float
    read: float = Field(description="0 where nothing was read.")


class AdviceOut(BaseModel):
    """What may help where nothing answers; all of it is empty where something does."""

    unknown_collections: list[str] = Field(description="Collections asked for that do not exist.")
    unknown_languages: list[str] = Field(description="Languages asked for that no passage is in.")
    dates: list[date] = Field(
        description="The first and the last date of a document, if every date is outside of the "
        "range asked for."
    )
    corrected: list[str] = Field(description="The question with mistyped words corrected.")
    containing: list[PassageOut] = Field(
        description="Passages that contain the words, where these are keywords and not a "
        "question. `answer` is the first sentence with one of them."
    )


class AskResponse(BaseModel):
    """The answer, or the nearest passages if nothing answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ANSWER]})

    question: QuestionOut
    answered: bool = Field(description="Whether `outcome` is `answers` or `may_answer`.")
    outcome: Literal["answers", "may_answer", "nothing"]
    confidence: float = Field(
        description="Estimated probability that one of the first passages answers."
    )
    passages: list[PassageOut] = Field(
        description="Best first. Where `answered` is false: the nearest ones."
    )
    written: list[WrittenOut] | None = Field(
        default=None,
        exclude_if=lambda written: written is None,
        description="What a machine wrote from the passages; there if `write` asked for it.",
    )
    writing: WritingOut | None = Field(
        default=None,
        exclude_if=lambda writing: writing is None,
        description="There if `write` asked for it.",
    )
    advice: AdviceOut
    took_ms: TookMs


def ask_response(outcome: Answer | Abstention, advice: Advice = NO_ADVICE) -> AskResponse:
    """Return an outcome, and what may help with it, in the contract's shape."""
    passages = outcome.passages if isinstance(outcome, Answer) else outcome.nearest
    return AskResponse(
        question=QuestionOut(
            text=outcome.question.text,
            language=outcome.question.language,
            standalone=outcome.question.standalone,
        ),
        answered=isinstance(outcome, Answer),
        outcome=_outcome(outcome),
        confidence=round(outcome.confidence, 4),
        passages=[_passage(cited) for cited in passages],
        advice=_advice(advice),
        took_ms=_took(outcome.timings),
    )


def _outcome(outcome: Answer | Abstention) -> Literal["answers", "may_answer", "nothing"]:
    match outcome:
        case Answer(is_sure=True):
            return "answers"
        case Answer():
            return "may_answer"
        case Abstention():
            return "nothing"


def _advice(advice: Advice) -> AdviceOut:
    return AdviceOut(
        unknown_collections=list(advice.missing.collections),
        unknown_languages=list(advice.missing.languages),
        dates=list(advice.missing.dates or ()),
        corrected=[advice.corrected] if advice.corrected else [],
        containing=[_passage(each.passage) for each in advice.containing],
    )


def _passage(cited: CitedPassage) -> PassageOut:
    return PassageOut(
        rank=cited.rank,
        score=round(cited.score, 4),
        language=cited.language,
        text=cited.text,
        answer=AnswerOut(
            start=cited.answer.start,
            end=cited.answer.end,
            text=cited.text[cited.answer.start : cited.answer.end],
        ),
        source=_source(cited),
        also_in=[_also_in(translation) for translation in cited.also_in],
    )


def _also_in(translation: Translation) -> AlsoIn:
    return AlsoIn(
        language=translation.language,
        document=translation.citation.document.id,
        link=translation.citation.link,
    )


def _source(cited: CitedPassage) -> SourceOut:
    citation, recognised = cited.citation, cited.citation.recognised
    source = citation.document
    return SourceOut(
        document=source.id,
        title=source.title,
        publisher=source.publisher,
        published=source.published,
        file=source.file,
        url=source.url,
        collection=source.collection,
        page=citation.page,
        start=citation.span.start,
        end=citation.span.end,
        sha256=source.sha256,
        link=citation.link,
        copies=[copy(each, citation.fragment) for each in citation.copies],
        recognised=recognised and RecognisedOut(**recognised._asdict()),
    )


def _took(timings: Timings) -> TookMs:
    return TookMs(
        total=round(timings.total, 2),
        encode=round(timings.encode, 2),
        search=round(timings.search, 2),
        rank=round(timings.rank, 2),
        read=round(timings.read, 2),
    )
