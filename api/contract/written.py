"""The shape of what a language model wrote."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, Field

from qa.types import CitedPassage
from qa.writing.types import Fault, Problem, Sentence, Written


class QuoteOut(BaseModel):
    """What a sentence rests on, as offsets into its passage's text."""

    start: int
    end: int
    text: str


class WrittenOut(BaseModel):
    """A sentence that a machine wrote, held against its quotation."""

    text: str
    rank: int = Field(description="Of the passage that it rests on.")
    quote: QuoteOut


class WritingOut(BaseModel):
    """Who wrote, what was left out, and what went wrong."""

    host: str | None = Field(description="Where the question and passages were sent.")
    model: str | None
    left_out: dict[Fault, int] = Field(
        description="How many sentences were left out, by the first thing that was wrong with them."
    )
    problem: Problem | None = Field(description="Why nothing was written, or no more.")


def written_out(sentence: Sentence, passages: Sequence[CitedPassage]) -> WrittenOut:
    """Return a sentence in the contract's shape."""
    start, end = sentence.quote
    text = passages[sentence.rank - 1].text[start:end]
    quote = QuoteOut(start=start, end=end, text=text)
    return WrittenOut(text=sentence.text, rank=sentence.rank, quote=quote)


def writing_out(written: Written, host: str | None, model: str | None) -> WritingOut:
    """Return how it went, in the contract's shape."""
    return WritingOut(
        host=host, model=model, left_out=dict(written.left_out), problem=written.problem
    )
