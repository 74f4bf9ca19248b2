"""The shapes the service answers in; the command line's ``--json`` prints the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.contract import examples
from api.contract.left_out import LeftOutOut
from api.contract.recognised import RecognisedOut
from api.erasing import Erased
from corpus.store.view import View
from corpus.store.view.facets import CollectionCount, LanguageCount
from corpus.store.view.listings import DocumentSummary
from corpus.types import Fact, Origin, Origins


class CopyOut(BaseModel):
    """Another document with the same bytes."""

    document: str
    title: str
    file: str
    collection: str
    link: str = Field(description="Path of the viewer, or of the passage in it.")


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


class TranslationOut(BaseModel):
    """Another document that is the same page of the web in another language."""

    document: str
    title: str
    language: str
    collection: str
    link: str


class FactOut(BaseModel):
    """Something that is known of a document, and where it was found."""

    value: str | date | None
    origin: Origin | None = Field(
        alias="from",
        description="`person`: it was corrected. `file`: the file's name. Null where it has no "
        "value, or was read by an older release.",
    )


class FactsOut(BaseModel):
    """What is known of a document, fact by fact."""

    title: FactOut
    publisher: FactOut
    published: FactOut
    language: FactOut
    url: FactOut


class DocumentWithCopiesOut(DocumentOut):
    """A document without its text, its copies and translations, and what the text leaves out."""

    facts: FactsOut
    copies: list[CopyOut]
    translations: list[TranslationOut] = Field(
        description="Pages of the web that name this one as their translation, and that it names."
    )
    left_out: list[LeftOutOut] = Field(description="What the file shows and the text leaves out.")
    recognised: list[RecognisedOut] = Field(
        description="Pages whose words were recognised in pictures (OCR)."
    )


class DocumentsOut(BaseModel):
    """One page of the documents that match, by collection and file."""

    total: int = Field(description="Number of documents that match, on all pages.")
    offset: int
    limit: int
    documents: list[DocumentOut]


class BackupOut(BaseModel):
    """A backup or export that still has, or may still have, an erased document."""

    name: str = Field(description="The last part of its path. The server's log has all of it.")
    state: Literal["holds", "missing", "unreadable"] = Field(
        description="`holds`: it still has the document. `missing`: it is not where it was "
        "written. `unreadable`: it cannot be looked into."
    )


class ErasedOut(BaseModel):
    """What was erased, and what still holds it."""

    document: str
    overwritten: bool = Field(
        description="Whether no byte of it is left in the data folder. If not, another program is "
        "reading an older state. Stop that and erase the document again."
    )
    copies: list[CopyOut] = Field(description="Other documents with the same file. They stay.")
    backups: list[BackupOut] = Field(
        description="Backups and exports that still hold it, or may. Those that were moved, or "
        "made by other means, are not known."
    )


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


class HealthOut(BaseModel):
    """The process is alive."""

    status: Literal["ok"] = "ok"


class ReadyOut(BaseModel):
    """Questions are answered from the newest state of the collection."""

    status: Literal["ready"] = "ready"
    disk: Literal["ok", "full"] = Field(
        "ok",
        description="`full`: there is no room for uploads. Questions are answered all the same.",
    )
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
    refusal: str | None = Field(None, description="What a file was refused as: `EncryptedFile`.")


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


def whole_document(view: View, summary: DocumentSummary) -> DocumentWithCopiesOut:
    """Return all that is known of a document but its text, in its shape."""
    lacks, copies = view.left_out(summary.id), view.copies([summary.id]).get(summary.id, ())
    translations = view.translations([summary.id]).get(summary.id, ())
    return DocumentWithCopiesOut(
        **document(summary).model_dump(),
        facts=facts(summary, view.origins(summary.id)),
        copies=[copy(each) for each in copies],
        translations=[_translation(each) for each in translations],
        left_out=[LeftOutOut.of(each) for each in lacks],
        recognised=[RecognisedOut(**each._asdict()) for each in view.recognised(summary.id)],
    )


def _translation(summary: DocumentSummary) -> TranslationOut:
    return TranslationOut(
        document=summary.id,
        title=summary.title,
        language=summary.language,
        collection=summary.collection,
        link=f"/documents/{summary.id}",
    )


def facts(summary: DocumentSummary, origins: Origins) -> FactsOut:
    """Return what is known of a document, each fact with its origin, in its shape."""
    return FactsOut(
        **{
            fact.value: FactOut.model_validate(
                {"value": getattr(summary, fact), "from": origins.get(fact)}
            )
            for fact in Fact
        }
    )


def copy(summary: DocumentSummary, at: str = "") -> CopyOut:
    """Return a copy of a document, or of the place ``at`` in it, in its shape."""
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


def erased(found: Erased, reads: frozenset[str] | None) -> ErasedOut:
    """Return what was erased in its shape, for who reads some collections, or all."""
    (document,) = (*found.documents, *found.unknown)
    holding = dict.fromkeys(held.copy for held in found.held if held.document == document)
    backups = [
        *(BackupOut(name=path.name, state="holds") for path in holding),
        *(BackupOut(name=path.name, state="missing") for path in found.missing),
        *(BackupOut(name=path.name, state="unreadable") for path in found.unreadable),
    ]
    return ErasedOut(
        document=document,
        overwritten=found.is_overwritten,
        copies=[
            copy(twin)
            for twin in found.twins.get(document, ())
            if reads is None or twin.collection in reads
        ],
        backups=backups,
    )


def language(count: LanguageCount) -> LanguageOut:
    """Return how much there is in a language in the contract's shape."""
    return LanguageOut(language=count.language, documents=count.documents, passages=count.passages)


def collection(count: CollectionCount) -> CollectionOut:
    """Return how much there is in a collection in its shape."""
    return CollectionOut(
        collection=count.collection, documents=count.documents, passages=count.passages
    )
