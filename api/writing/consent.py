"""Collections whose text may leave for another server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

from corpus.types import composed
from qa.types import CitedPassage


class Consent(NamedTuple):
    """What the operator said may be sent."""

    collections: frozenset[str] | None
    """None stands for all."""

    @classmethod
    def of(cls, setting: str) -> Self:
        """Read names separated by commas, ``*`` for all."""
        names = [composed(name.strip()) for name in setting.split(",") if name.strip()]
        return cls(None if "*" in names else frozenset(names))

    def given(self, passages: Sequence[CitedPassage]) -> list[CitedPassage]:
        """Return the passages that may be sent."""
        return [
            passage
            for passage in passages
            if self.collections is None or passage.citation.document.collection in self.collections
        ]
