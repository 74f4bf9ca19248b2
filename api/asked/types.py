"""What is kept of questions, and what is told of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

Places = frozenset[str] | None
"""Collections that a question was asked in; None stands for all."""


class Outcome(StrEnum):
    """What came of a question."""

    ANSWERED = "answered"
    PERHAPS = "perhaps"
    NOTHING = "nothing"


class Kind(NamedTuple):
    """Questions that are counted together. Nothing tells who asked them, or when in the day."""

    day: date
    places: Places
    outcome: Outcome
    words: str
    """As ``alike.folded`` has them; empty where they are not kept."""


class Alike(NamedTuple):
    """Questions of the same words."""

    words: str
    number: int
    unanswered: int


class Figures(NamedTuple):
    """What may be told of the questions of some days."""

    outcomes: Mapping[Outcome, int]
    often: tuple[Alike, ...]
    """Most frequent first."""

    @property
    def number(self) -> int:
        """All questions."""
        return sum(self.outcomes.values())

    @property
    def untold(self) -> int:
        """Those whose words are not told."""
        return self.number - sum(each.number for each in self.often)
