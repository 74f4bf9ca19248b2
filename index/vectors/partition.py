"""All passages of one language, with their vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from index.encoders.protocol import Vectors
from index.vectors.columns import Integers, PassageRows, joined
from index.vectors.found import Found
from index.vectors.segment import Segment, merged

SMALL = 20_000
"""Passages up to which segments are brought together as soon as that is due, which takes some
20 ms; larger ones in the background."""

STALE = 0.25
"""Share of deleted passages from which on a segment is rebuilt."""


class Partition:
    """One language's passages, searched together. Never changed once made.

    They lie in segments, the oldest first. A change makes a new partition that shares all
    segments but those that it concerns: new passages are a segment of their own, and deletes
    are marked. So that segments stay few, two neighbours become one when the older is not twice
    as large as the younger; a passage is copied as often as the partition has doubled.
    """

    def __init__(self, language: str, segments: Sequence[Segment]) -> None:
        self.language = language
        self.segments = tuple(segments)

    @classmethod
    def of(cls, language: str, rows: PassageRows) -> Partition:
        """Return a partition of these passages."""
        return cls(language, [Segment(rows)] if len(rows) else [])

    def __len__(self) -> int:
        return sum(len(segment) for segment in self.segments)

    @property
    def rows(self) -> PassageRows:
        """The partition's content, copied; there must be a passage."""
        rows = joined([segment.rows for segment in self.segments])
        return replace(rows, vectors=rows.vectors.copy())

    @cached_property
    def mean(self) -> Vectors:
        """Of the passages' vectors, shape (dimension,); there must be one."""
        mean: Vectors = np.sum([segment.sum for segment in self.segments], axis=0) / len(self)
        return mean.astype(np.float32)

    def changed(self, removed: Integers, added: PassageRows | None) -> Partition:
        """Return this partition without some document versions and with new passages.

        That is itself if it has none of the ones and there are none of the others.
        """
        segments = list(self.without(removed).segments)
        if not added and all(map(_is_same, segments, self.segments)):
            return self
        if added is not None and len(added):
            segments.append(Segment(added))
        return Partition(self.language, _tidied(segments, SMALL))

    def without(self, removed: Integers) -> Partition:
        """Return this partition without some document versions; nothing is copied for it."""
        return Partition(self.language, [segment.without(removed) for segment in self.segments])

    def count(self, documents: Integers | None) -> int:
        """Return how many passages are of these document versions; None stands for all."""
        return sum(segment.count(documents) for segment in self.segments)

    def search(self, question: Vectors, limit: int, documents: Integers | None) -> Found:
        """Return the ``limit`` passages nearest to ``question``, best passage score first.

        ``question`` is one vector, shape (dimension,); ``documents`` the keys of the
        document versions to search, shape (any,), or None for all.
        """
        parts = [segment.search(question, limit, documents) for segment in self.segments]
        if len(parts) == 1:
            return parts[0]
        every = Found.joined(parts)
        return every.at(np.argsort(-every.scores, kind="stable")[:limit])

    def scored(self, question: Vectors, passages: Integers, documents: Integers | None) -> Found:
        """Return those of ``passages``, ascending ids, that are here and in ``documents``.

        They come in no particular order; otherwise as ``search`` has it.
        """
        return Found.joined(
            [segment.scored(question, passages, documents) for segment in self.segments]
        )

    def vectors(self, ids: Integers) -> Vectors:
        """Return these passages' vectors, shape (ids, dimension); each must be one of its own."""
        vectors = np.empty((len(ids), len(self.mean)), np.float32)
        for segment in self.segments:
            here, found = segment.vectors(ids)
            vectors[here] = found
        return vectors

    @property
    def is_grown(self) -> bool:
        """Whether every segment has the index that it ought to have."""
        return not self._growing()

    def grown(self) -> Growth:
        """Bring large segments together and index them, which may take minutes."""
        before = self._growing()
        after = [
            segment if _is_grown(segment) else segment.grown() for segment in _tidied(before, None)
        ]
        return Growth(before, tuple(after))

    def with_growth(self, growth: Growth) -> Partition:
        """Return this partition, which may have changed meanwhile, with what was grown for it.

        Where the segments that it was grown from are not there any more, since they were brought
        together with younger ones, this partition itself comes back.
        """
        if not growth.before:
            return self
        now = self.segments[: len(growth.before)]
        # By what they hold: a segment of which a passage went is another one.
        if [each.nearest for each in now] != [each.nearest for each in growth.before]:
            return self
        before = np.concatenate([segment.rows.document_keys for segment in growth.before])
        still = np.concatenate([segment.rows.document_keys for segment in now])
        gone = np.setdiff1d(before, still)
        grown = [segment.without(gone) for segment in growth.after]
        return Partition(self.language, [*grown, *self.segments[len(now) :]])

    def _growing(self) -> tuple[Segment, ...]:
        """Return the oldest segments, to the last that has something to gain."""
        segments = self.segments
        due = [place + 2 for place in range(len(segments) - 1) if _is_due(segments, place)]
        ungrown = [place for place, each in enumerate(segments, 1) if not _is_grown(each)]
        return segments[: max([*due, *ungrown, 0])]


class Growth(NamedTuple):
    """A partition's oldest segments, and what takes their place."""

    before: tuple[Segment, ...]
    after: tuple[Segment, ...]


def _is_same(one: Segment, other: Segment) -> bool:
    return one is other


def _is_fresh(segment: Segment) -> bool:
    return len(segment) >= (1 - STALE) * segment.size


def _is_grown(segment: Segment) -> bool:
    return segment.nearest.is_grown and _is_fresh(segment)


def _tidied(segments: Sequence[Segment], limit: int | None) -> list[Segment]:
    """Bring neighbours together where that is due, those up to ``limit`` passages if there is one.

    Empty segments are dropped.
    """
    tidied = [
        merged([each]) if not _is_fresh(each) and each.size <= SMALL else each
        for each in segments
        if len(each)
    ]
    place = len(tidied) - 2
    while place >= 0:
        pair = tidied[place : place + 2]
        if _is_due(tidied, place) and (limit is None or sum(map(len, pair)) <= limit):
            tidied[place : place + 2] = [merged(pair)]
            place = len(tidied) - 1  # what became larger may be due with its elder
        place -= 1
    return tidied


def _is_due(segments: Sequence[Segment], place: int) -> bool:
    """Tell whether the segment at ``place`` and the next younger one ought to be one."""
    return len(segments[place]) < 2 * len(segments[place + 1])
