"""What was asked, in the contract's shape."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from api.contract.requests import Name

MAX_DAYS: Final = 365
"""Days that counts are kept."""


class QuestionsQuery(BaseModel):
    """Which questions to count."""

    model_config = ConfigDict(extra="forbid")

    days: int = Field(30, ge=1, le=MAX_DAYS, description="The last days, today (UTC) among them.")
    collection: Annotated[
        Name | None, Field(description="Only those that were asked in this collection alone.")
    ] = None


class AlikeOut(BaseModel):
    """Questions of the same words."""

    words: str = Field(description="In small letters, without punctuation.")
    questions: int
    nothing: int = Field(description="How many of them nothing answered.")


class RatedOut(BaseModel):
    """A passage that readers rated."""

    document: str
    start: int
    end: int
    helpful: int
    unhelpful: int


class QuestionsOut(BaseModel):
    """How many questions were asked, and what came of them."""

    days: int
    questions: int
    answers: int = Field(description="Those that were answered for sure.")
    may_answer: int
    nothing: int
    words_days: int = Field(description="Days that words are kept. `0`: they are not.")
    often: list[AlikeOut] = Field(
        description="The most frequent, if words are kept: from five alike on, 50 at most."
    )
    untold: int = Field(description="Questions whose words are not in `often`.")
    rated: list[RatedOut] = Field(
        description="The ten passages rated most that most readers found helpful, and ten others."
    )
    complete: bool = Field(
        description="`false`: the newest questions cannot be counted at the moment."
    )
