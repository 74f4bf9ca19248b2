"""What can be asked over HTTP: the shapes of requests, and what they stand for."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from fastapi import UploadFile
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from api.contract import examples
from corpus.ingest import DEFAULT_COLLECTION
from corpus.store.view.filters import DocumentFilter
from corpus.types import composed
from index.snapshot import Scope
from qa.answering import checked
from qa.config import MAX_PASSAGES, MAX_QUESTION_CHARACTERS
from qa.errors import QuestionError
from qa.types import Effort, Question, Translations

MAX_EARLIER_QUESTIONS = 20
"""Questions of a conversation that are taken; part of the HTTP contract."""

MAX_FILTER_VALUES = 200
"""Languages or collections one filter may name; there are some 180 two-letter codes."""

MAX_DOCUMENTS = 200
"""Documents on one page of a listing; part of the HTTP contract."""

MAX_OFFSET = 2**31 - 1
"""Beyond any collection, and inside what SQLite can count to."""

MAX_BACK = 8_000
"""Characters of the address that signing in leads back to: a question with those before it."""

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _usable_question(text: str) -> str:
    try:
        return checked(text)
    except QuestionError as error:
        raise PydanticCustomError("question", "{reason}", {"reason": str(error)}) from None


def _printable(name: str) -> str:
    if not name.isprintable() or name != name.strip():
        raise PydanticCustomError(
            "name", "Use printable characters, with no white space at either end."
        )
    return name


def _composed(name: Any) -> Any:
    """Return a name as it is stored; what is no text is left to be refused."""
    return composed(name) if isinstance(name, str) else name


def _iso_date(value: Any) -> Any:
    """Refuse what pydantic would read as a time stamp: "20170101" is not 22 August 1970."""
    if isinstance(value, str) and not _ISO_DATE.fullmatch(value):
        raise PydanticCustomError("date", "Write the date as YYYY-MM-DD.")
    if not isinstance(value, str | date):
        raise PydanticCustomError("date", "Write the date as a string, YYYY-MM-DD.")
    return value


QuestionText = Annotated[
    str,
    AfterValidator(_usable_question),
    Field(
        description=f"1 to {MAX_QUESTION_CHARACTERS:,} characters after trimming, with at least "
        "one letter or digit.",
        json_schema_extra={"minLength": 1},
    ),
]
Code = Annotated[str, Field(min_length=1), AfterValidator(str.lower)]
Name = Annotated[str, Field(min_length=1), BeforeValidator(_composed)]
CollectionName = Annotated[
    str,
    Field(min_length=1, max_length=100),
    BeforeValidator(_composed),
    AfterValidator(_printable),
]
IsoDate = Annotated[date, BeforeValidator(_iso_date)]


class Published(BaseModel):
    """A range of publication dates; a document without a date is in no range."""

    published_from: IsoDate | None = Field(None, description="First day of the range.")
    published_to: IsoDate | None = Field(None, description="Last day of the range.")

    @field_validator("published_to")
    @classmethod
    def _not_before_its_start(cls, last: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get("published_from")
        if first and last and first > last:
            raise PydanticCustomError(
                "range", "The range ends before it begins. Swap the two dates."
            )
        return last


class EarlierQuestion(BaseModel):
    """A question asked before this one in the same conversation."""

    model_config = ConfigDict(extra="forbid")

    question: QuestionText


class AskRequest(Published):
    """A question, and how to search for its answer."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.ASK]})

    question: QuestionText
    limit: int = Field(
        5,
        ge=1,
        le=MAX_PASSAGES,
        strict=True,
        description="The most passages to return. Translations of one passage count as one.",
    )
    languages: list[Code] = Field(
        [], max_length=MAX_FILTER_VALUES, description="Languages of the passages. Empty: all."
    )
    collections: list[Name] = Field(
        [], max_length=MAX_FILTER_VALUES, description="Collections to search. Empty: all."
    )
    prefer: float | None = Field(
        None,
        ge=0,
        le=10,
        allow_inf_nan=False,
        strict=True,
        description="How much to favour passages in the question's own language. 0: not at all. "
        "Left out: the server's default.",
    )
    translations: Translations = Field(
        "grouped",
        description="`grouped`: translations of one passage are one hit with `also_in`. "
        "`separate`: each is ranked by itself.",
    )
    effort: Effort | None = Field(
        None,
        description="`thorough`: the first passages are read together with the question. `quick`: "
        "they are ranked by their vectors and words alone. Left out: the server's default.",
    )
    conversation: list[EarlierQuestion] = Field(
        [],
        max_length=MAX_EARLIER_QUESTIONS,
        description="The earlier questions of the conversation, oldest first. The server keeps no "
        "state.",
    )

    write: bool = Field(
        False,
        strict=True,
        description="Whether the operator's language model, if there is one, is to write two or "
        "three sentences in the question's language. The question and the first passages are sent "
        "to it. With `Accept: text/event-stream` they come as they are written.",
    )

    def to_question(self) -> Question:
        """Return the question as the question path takes it."""
        scope = Scope(
            languages=frozenset(self.languages),
            collections=frozenset(self.collections),
            published_from=self.published_from,
            published_to=self.published_to,
        )
        return Question(
            text=self.question,
            limit=self.limit,
            scope=scope,
            prefer=self.prefer,
            translations=self.translations,
            effort=self.effort,
            conversation=tuple(earlier.question for earlier in self.conversation),
        )


class UploadForm(BaseModel):
    """Files to add."""

    model_config = ConfigDict(extra="forbid")

    files: list[UploadFile] = Field(
        min_length=1,
        description="One or more files. Those in a ZIP archive are added one by one, under their "
        "names in it. A name may contain folders.",
    )
    collection: CollectionName = Field(
        DEFAULT_COLLECTION, description="Name of the collection to add to."
    )


class ReplaceForm(BaseModel):
    """The new content of a document."""

    model_config = ConfigDict(extra="forbid")

    file: UploadFile = Field(
        description="The new content. The document keeps its id, file name and collection."
    )


class FeedbackForm(BaseModel):
    """A reader's rating of a passage."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=MAX_QUESTION_CHARACTERS)
    document: str = Field(max_length=100)
    start: int = Field(ge=0, le=MAX_OFFSET)
    end: int = Field(ge=0, le=MAX_OFFSET)
    verdict: Literal["helpful", "unhelpful"]
    back: str = "/"


class WriteForm(BaseModel):
    """A question, as the page's address asks it, whose answer is to be written."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(max_length=MAX_BACK)


class SelectedForm(BaseModel):
    """Documents that are chosen, as an address chooses them, and how many that were."""

    model_config = ConfigDict(extra="forbid")

    selection: str = Field(max_length=MAX_BACK)
    count: int = Field(ge=1, le=MAX_OFFSET)


class MoveForm(SelectedForm):
    """The same, and the collection that they are to be in."""

    collection: CollectionName


class RenameForm(BaseModel):
    """A collection, what it is to be called, and how many documents it had when that began."""

    model_config = ConfigDict(extra="forbid")

    collection: CollectionName
    to: CollectionName
    total: int = Field(0, ge=0, le=MAX_OFFSET)


class KeyRequest(BaseModel):
    """A key that is to be made."""

    model_config = ConfigDict(extra="forbid")

    name: CollectionName
    scopes: list[Literal["read", "write", "admin"]] = Field(min_length=1)
    collections: list[CollectionName] | None = Field(min_length=1, max_length=MAX_FILTER_VALUES)
    """None: all there are and will be."""


class KeyForm(BaseModel):
    """The form that makes a key, as it was filled in; it is checked later, so that nothing that
    was typed is lost."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=MAX_BACK)
    scopes: list[str] = Field([], max_length=10)
    collections: str = Field("", max_length=MAX_BACK)
    every: str | None = None

    def to_request(self) -> KeyRequest:
        """Return what is asked for.

        Raises:
            ValidationError: something cannot be what was typed.
        """
        named = [line.strip() for line in self.collections.splitlines() if line.strip()]
        collections = None if self.every and not named else named
        return KeyRequest.model_validate(
            {"name": self.name.strip(), "scopes": self.scopes, "collections": collections}
        )


class RevokeForm(BaseModel):
    """A key, by its id."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(max_length=100)


class VisitForm(BaseModel):
    """A source, by what tells it from another."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=20)
    address: str = Field(max_length=5_000)
    collection: str = Field(max_length=500)


class ModelStep(StrEnum):
    """A step in a change of model."""

    TAKE = "take"
    ROLL_BACK = "roll-back"
    FINISH = "finish"
    DROP = "drop"


class ModelForm(BaseModel):
    """A step in a change of model, and which one was shown that did not answer, by its hash."""

    model_config = ConfigDict(extra="forbid")

    step: ModelStep
    model: str = Field(max_length=64)


class SignInForm(BaseModel):
    """A key, and where its holder wanted to be."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(max_length=200)
    back: str = Field("/", max_length=MAX_BACK)


class JobsQuery(BaseModel):
    """How many jobs to list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(20, ge=1, le=MAX_DOCUMENTS)


class DocumentsQuery(Published):
    """Which documents to list, and which page of them."""

    model_config = ConfigDict(extra="forbid")

    language: list[Code] = Field([], max_length=MAX_FILTER_VALUES, description="Main language.")
    collection: list[Name] = Field([], max_length=MAX_FILTER_VALUES)
    file: str | None = Field(None, max_length=1000, description="The whole name of the file.")
    q: str | None = Field(
        None, max_length=200, description="Part of the title or of the file name, ignoring case."
    )
    offset: int = Field(0, ge=0, le=MAX_OFFSET, description="How many documents to skip.")
    limit: int = Field(50, ge=1, le=MAX_DOCUMENTS)

    def to_filter(self) -> DocumentFilter:
        """Return the filter as the catalogue takes it."""
        return DocumentFilter(
            languages=frozenset(self.language),
            collections=frozenset(self.collection),
            published_from=self.published_from,
            published_to=self.published_to,
            file=self.file,
            text=self.q,
        )
