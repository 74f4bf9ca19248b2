"""A change of model as the catalogue keeps it: two models, and which of them is searched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from corpus.types import StoredModel

Rows = Callable[[str, tuple[object, ...]], Iterable[tuple[Any, ...]]]
"""Runs a query and gives its rows."""


class State(StrEnum):
    """How far a change of model is."""

    PREPARED = "prepared"
    """The former model is searched, and the candidate never was."""
    TAKEN = "taken"
    """The candidate is searched."""
    ROLLED_BACK = "rolled back"
    """The former model is searched again."""


class ModelFigures(NamedTuple):
    """What a model found for the questions of a file."""

    file: str
    """Its name."""
    measured: date
    answerable: int
    """Questions that a document answers, counted once each."""
    first: int
    """Those whose answer came first."""
    first_five: int
    """Those whose answer was among the first five."""
    wrongly_refused: int
    """Those of which nothing was said to answer."""
    unanswerable: int
    """Questions that nothing answers."""
    refused: int
    """Those of which nothing was said to answer."""


class ChangingModel(NamedTuple):
    """One of the two models of a change."""

    model: StoredModel
    source: str
    """By what it is loaded."""
    figures: ModelFigures | None
    """None until it was measured."""


class ModelChange(NamedTuple):
    """A change that was begun and not ended."""

    former: ChangingModel
    candidate: ChangingModel
    state: State
    lacking: int
    """Texts that the other one of the two, which is not searched, has still to encode."""

    @property
    def searched(self) -> ChangingModel:
        """The one of the two that is searched."""
        return self.candidate if self.state is State.TAKEN else self.former

    @property
    def other(self) -> ChangingModel:
        """The one that is kept beside it."""
        return self.former if self.state is State.TAKEN else self.candidate


def under_way(rows: Rows) -> ModelChange | None:
    """Return the change that is under way; None if there is none."""
    query = (
        "SELECT former, candidate, source, was_taken, candidate = ("
        "SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'active_model'"
        ") FROM model_change"
    )
    for former, candidate, source, was_taken, is_taken in rows(query, ()):
        not_taken = State.ROLLED_BACK if was_taken else State.PREPARED
        return ModelChange(
            _of(rows, former),
            _of(rows, candidate)._replace(source=source),
            State.TAKEN if is_taken else not_taken,
            _lacking(rows, former if is_taken else candidate),
        )
    return None


def successor(rows: Rows, former: str) -> str | None:
    """Return by what the model is loaded that is searched now, where ``former`` was searched
    before a change: its hash, or what it was loaded by. None where there was no such change."""
    query = (
        "SELECT a.source FROM models a"
        " WHERE a.id = (SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'active_model')"
        " AND a.source NOTNULL AND EXISTS ("
        "SELECT 1 FROM models b WHERE b.id <> a.id AND b.source NOTNULL"
        " AND ?1 IN (b.sha256, b.source))"
        " AND ?1 NOT IN (a.sha256, a.source)"
    )
    return next((row[0] for row in rows(query, (former,))), None)


def _of(rows: Rows, model: int) -> ChangingModel:
    ((*stored, source),) = rows(
        "SELECT id, name, revision, sha256, coalesce(source, '') FROM models WHERE id = ?", (model,)
    )
    return ChangingModel(StoredModel(*stored), source, _figures(rows, model))


def _lacking(rows: Rows, model: int) -> int:
    """Return how many texts a model has still to encode, without a look at those before."""
    ((lacking,),) = rows(
        "SELECT count(*) FROM texts t WHERE t.id > (SELECT encoded_to FROM models WHERE id = ?1)"
        " AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.model_id = ?1 AND v.text_id = t.id)",
        (model,),
    )
    return int(lacking)


def _figures(rows: Rows, model: int) -> ModelFigures | None:
    query = (
        "SELECT file, measured, answerable, first, first_five, wrongly_refused, unanswerable,"
        " refused FROM model_figures WHERE model_id = ?"
    )
    for file, measured, *counts in rows(query, (model,)):
        return ModelFigures(file, date.fromisoformat(measured), *counts)
    return None
