"""The shape of what a file shows and its document's text leaves out."""

from __future__ import annotations

from pydantic import BaseModel, Field

from corpus.types import LeftOutReason


class LeftOutOut(BaseModel):
    """A line, or so many things of one kind, that a document's text leaves out."""

    reason: LeftOutReason
    text: str = Field(description="As the file has it; empty where it is not kept.")
    page: int | None = Field(description="Page it stands on.")
    number: int = Field(description="How many there are, where they are not kept one by one.")
