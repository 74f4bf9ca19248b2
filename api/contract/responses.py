"""The shapes the service answers in; the command line's ``--json`` prints the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.contract import examples
from corpus.store.jobs import Job, JobFile, Kind, State
from corpus.store.view.facets import CollectionCount, LanguageCount
from corpus.store.view.listings import DocumentSummary
from corpus.types import Outcome
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


class CopyOut(BaseModel):
    """Another document with the same bytes."""

    document: str
    title: str
    file: str
    collection: str
    link: str = Field(description="Path of the viewer, or of the passage in it.")


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


class AskResponse(BaseModel):
    """The answer, or the nearest passages if nothing answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ANSWER]})

    question: QuestionOut
    answered: bool
    confidence: float = Field(description="Estimated probability that the first passage answers.")
    passages: list[PassageOut] = Field(
        description="Best first. Where `answered` is false: the nearest ones."
    )
    took_ms: TookMs


class DocumentOut(BaseModel):
    """A document without its text."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.DOCUMENT]})

    id: str
    title: str
    publisher: str | None
    published: date | None
    language: str
    collection: str
    file: str
    url: str | None
    media_type: str
    sha256: str = Field(description="Of the file's bytes.")
    passages: int = Field(description="Number of passages in the document.")
    link: str = Field(description="Path of the viewer.")


class DocumentWithCopiesOut(DocumentOut):
    """A document without its text, and other documents with the same bytes."""

    copies: list[CopyOut]


class DocumentsOut(BaseModel):
    """One page of the documents that match, by collection and file."""

    total: int = Field(description="Number of documents that match, on all pages.")
    offset: int
    limit: int
    documents: list[DocumentOut]


class LanguageOut(BaseModel):
    """How much of the collection is in one language."""

    language: str
    documents: int
    passages: int


class LanguagesOut(BaseModel):
    """The languages of the collection, most passages first."""

    languages: list[LanguageOut]


class CollectionOut(BaseModel):
    """How much one collection holds."""

    collection: str
    documents: int
    passages: int


class CollectionsOut(BaseModel):
    """The collections, by name."""

    collections: list[CollectionOut]


class JobFileOut(BaseModel):
    """The outcome of one file; null while it waits."""

    file: str
    outcome: Outcome | None = Field(description="`removed`: deleted before it could be added.")
    document: str | None
    reason: str | None = Field(description="Why the file was refused.")


class TextsOut(BaseModel):
    """Passages and sentences to encode, as counted when that began."""

    done: int
    total: int


class JobOut(BaseModel):
    """An accepted job, and its progress."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.JOB]})

    id: str
    kind: Kind
    state: State = Field(
        description="`failed`: the last attempt failed, and another will follow. `done`: the "
        "documents can be found."
    )
    collection: str
    created: datetime
    finished: datetime | None
    problem: str | None = Field(description="Why the last attempt failed.")
    files: list[JobFileOut]
    counts: dict[Outcome, int] = Field(description="Number of files by outcome.")
    total: int = Field(description="Number of files in the job.")
    texts: TextsOut
    link: str = Field(description="Path of this job.")


class JobsOut(BaseModel):
    """The newest jobs, newest first, without their files."""

    jobs: list[JobOut]


class HealthOut(BaseModel):
    """The process is alive."""

    status: Literal["ok"] = "ok"


class ReadyOut(BaseModel):
    """Questions are answered from the newest state of the collection."""

    status: Literal["ready"] = "ready"
    generation: int | None = None
    passages: int | None = None
    model: str | None = None


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="Path of the field, such as `conversation.0.question`.")
    message: str


class ProblemOut(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PROBLEM]})

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None


def ask_response(outcome: Answer | Abstention) -> AskResponse:
    """Return an outcome in the contract's shape."""
    answered = isinstance(outcome, Answer)
    passages = outcome.passages if isinstance(outcome, Answer) else outcome.nearest
    return AskResponse(
        question=QuestionOut(
            text=outcome.question.text,
            language=outcome.question.language,
            standalone=outcome.question.standalone,
        ),
        answered=answered,
        confidence=round(outcome.confidence, 4),
        passages=[_passage(cited) for cited in passages],
        took_ms=_took(outcome.timings),
    )


def document(summary: DocumentSummary) -> DocumentOut:
    """Return a document without its text in the contract's shape."""
    return DocumentOut(
        id=summary.id,
        title=summary.title,
        publisher=summary.publisher,
        published=summary.published,
        language=summary.language,
        collection=summary.collection,
        file=summary.file,
        url=summary.url,
        media_type=summary.media_type,
        sha256=summary.sha256,
        passages=summary.passages,
        link=f"/documents/{summary.id}",
    )


def document_with_copies(
    summary: DocumentSummary, copies: Sequence[DocumentSummary]
) -> DocumentWithCopiesOut:
    """Return a document without its text, with its copies, in its shape."""
    return DocumentWithCopiesOut(
        **document(summary).model_dump(), copies=[_copy(each) for each in copies]
    )


def _copy(summary: DocumentSummary, at: str = "") -> CopyOut:
    return CopyOut(
        document=summary.id,
        title=summary.title,
        file=summary.file,
        collection=summary.collection,
        link=f"/documents/{summary.id}{at}",
    )


def documents(total: int, offset: int, limit: int, page: Sequence[DocumentSummary]) -> DocumentsOut:
    """Return one page of documents in the contract's shape."""
    shown = [document(summary) for summary in page]
    return DocumentsOut(total=total, offset=offset, limit=limit, documents=shown)


def language(count: LanguageCount) -> LanguageOut:
    """Return how much there is in a language in the contract's shape."""
    return LanguageOut(language=count.language, documents=count.documents, passages=count.passages)


def collection(count: CollectionCount) -> CollectionOut:
    """Return how much there is in a collection in its shape."""
    return CollectionOut(
        collection=count.collection, documents=count.documents, passages=count.passages
    )


def job(found: Job, files: Sequence[JobFile] = (), *, counts_texts: bool = True) -> JobOut:
    """Return a job with some of its files in its shape.

    Without ``counts_texts`` it does not say how many texts were encoded: those that the rest of the
    collection holds already are not among them.
    """
    return JobOut(
        id=found.id,
        kind=found.kind,
        state=found.state,
        collection=found.collection,
        created=found.created,
        finished=found.finished,
        problem=found.problem,
        files=[JobFileOut(**file._asdict()) for file in files],
        counts={outcome: found.counts.get(outcome, 0) for outcome in Outcome},
        total=found.total,
        texts=TextsOut(
            done=found.texts_done if counts_texts else 0,
            total=found.texts_total if counts_texts else 0,
        ),
        link=f"/v1/jobs/{found.id}",
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
    citation = cited.citation
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
        copies=[_copy(copy, citation.fragment) for copy in citation.copies],
    )


def _took(timings: Timings) -> TookMs:
    return TookMs(
        total=round(timings.total, 2),
        encode=round(timings.encode, 2),
        search=round(timings.search, 2),
        rank=round(timings.rank, 2),
    )
