"""What the tools take and give.

A filter that is empty, unknown or misspelt is an error: an assistant would not notice that it was
shown more than it asked for.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.contract.answers import AnswerOut, QuestionOut
from api.contract.requests import (
    MAX_EARLIER_QUESTIONS,
    MAX_FILTER_VALUES,
    Code,
    Name,
    Published,
    QuestionText,
)
from index.snapshot import Scope
from qa.config import MAX_PASSAGES

DEFAULT_LIMIT = 5
"""Passages, as in ``/v1/ask``."""

Codes = Annotated[list[Code], Field(min_length=1, max_length=MAX_FILTER_VALUES)]
Names = Annotated[list[Name], Field(min_length=1, max_length=MAX_FILTER_VALUES)]


class Filtered(Published):
    """What narrows a search; what is left out does not."""

    model_config = ConfigDict(extra="forbid")

    languages: Codes | None = Field(
        None, description="Only passages in these languages: ISO 639 codes, such as `fr`."
    )
    collections: Names | None = Field(None, description="Only passages of these collections.")
    limit: int = Field(
        DEFAULT_LIMIT, ge=1, le=MAX_PASSAGES, strict=True, description="The most passages."
    )

    def scope(self) -> Scope:
        """Return the filters as the question path takes them."""
        return Scope(
            languages=frozenset(self.languages or ()),
            collections=frozenset(self.collections or ()),
            published_from=self.published_from,
            published_to=self.published_to,
        )


class SearchArguments(Filtered):
    """What to look for."""

    query: QuestionText


class AskArguments(Filtered):
    """What to answer."""

    question: QuestionText
    conversation: list[QuestionText] = Field(
        [],
        max_length=MAX_EARLIER_QUESTIONS,
        description="The earlier questions of the conversation, oldest first, where this one "
        "leans on them.",
    )


class FetchArguments(BaseModel):
    """What to read."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(
        max_length=100,
        description="Of a passage (`d-3f9c…#412-476`) or a document (`d-3f9c…`), as `search` and "
        "`ask` give it. Any other range of a document's characters can be read in the same way.",
    )


class TranslationHit(BaseModel):
    """A translation of the same passage."""

    id: str
    language: str
    url: str


class Hit(BaseModel):
    """A passage word for word, and where it stands."""

    id: str = Field(description="For `fetch`.")
    title: str
    url: str = Field(description="Opens the document at the passage. Cite this.")
    text: str = Field(description="The passage, word for word.")
    answer: AnswerOut = Field(description="The sentence nearest to an answer; offsets of `text`.")
    language: str
    published: date | None
    publisher: str | None
    collection: str
    page: int | None
    start: int = Field(description="Of the passage in the document's text, in code points.")
    end: int
    source_url: str | None = Field(description="The original on the web, where it has an address.")
    also_in: list[TranslationHit]


class SearchResults(BaseModel):
    """The nearest passages, best first. Whether they answer, `search` does not say."""

    results: list[Hit]


class AskResult(BaseModel):
    """Whether the documents answer, and the passages."""

    question: QuestionOut
    answered: bool = Field(description="False: none of the passages is thought to answer.")
    outcome: Literal["answers", "may_answer", "nothing"]
    confidence: float = Field(description="Estimated probability that the passages answer.")
    passages: list[Hit] = Field(description="Best first. If not answered: the nearest ones.")
    corrected: list[str] = Field(description="The question with mistyped words corrected.")
    dates: list[date] = Field(
        description="The first and the last date of a document, if all are outside of the range."
    )


class DocumentFactsOut(BaseModel):
    """What is known of a document, and what of it was read."""

    document: str
    language: str
    published: date | None
    publisher: str | None
    collection: str
    file: str
    source_url: str | None
    start: int
    end: int
    characters: int = Field(description="Of the whole document.")
    next: str | None = Field(description="Id of what follows, for `fetch`; null at the end.")


class FetchResult(BaseModel):
    """The text of a document, or of a part of it."""

    id: str
    title: str
    text: str
    url: str
    metadata: DocumentFactsOut
