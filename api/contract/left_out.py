"""The shape of what a file shows and its document's text leaves out."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from corpus.types import LeftOut, LeftOutReason

_RUNNING_HEAD = "running head"


class LeftOutOut(BaseModel):
    """A line, or so many things of one kind, that a document's text leaves out."""

    what: str = Field(description="`running head`, `page number`, `picture`, and so on.")
    text: str = Field(description="As the file has it; empty where it is not kept.")
    page: int | None = Field(description="Page it stands on.")
    number: int = Field(description="How many there are, where they are not kept one by one.")

    @classmethod
    def of(cls, found: LeftOut) -> Self:
        """Return what was left out in its shape."""
        is_running = found.reason is LeftOutReason.RUNNING_LINE
        what = _RUNNING_HEAD if is_running else found.reason.replace("_", " ")
        return cls(what=what, text=found.text, page=found.page, number=found.number)
