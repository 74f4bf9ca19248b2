"""A change of model as the command line makes it, and how it is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import click

from api.audit.chain import Deed
from api.cli.ingest import encoding_bar
from api.cli.options import audit_log
from api.cli.output import as_json, printable
from api.settings import Settings
from api.switching import check_writing
from corpus.errors import ModelChangeRefused
from corpus.store.model_change import ChangingModel, ModelChange, ModelFigures, State
from corpus.store.store import files_of
from corpus.types import StoredModel
from index import model_switch
from index.encoders.model_hash import check_searched, source_of
from qa.evaluation.both_models import figures_of, judged_with
from qa.evaluation.qrels import read_questions
from qa.evaluation.report import CROSS, OVERALL, SAME
from qa.evaluation.significance import Comparison, comparison_table
from qa.evaluation.significance import compare as difference

ENDS: dict[str, bool] = {"drop": False, "finish": True}
"""The steps that end a change, and whether the candidate is searched then."""


_REINDEX = "Stop the servers and run `passerelle reindex --model NAME`."


def prepare(settings: Settings, name: str) -> ModelChange:
    """Make another model beside the one that is searched; return how far the change is.

    Raises:
        CatalogueError: there is no collection, or the change cannot be begun.
        ModelError: the model cannot be loaded.
    """
    files_of(settings.store, "A change of model while questions are answered", _REINDEX)
    with settings.store.existing() as catalogue:
        encoder = settings.changed(model=name).load_encoder()
        former = _searched(settings)
        _note(settings, "prepare", encoder.identity.name)
        with encoding_bar(show=True) as advance:
            model_switch.prepare(catalogue, former, source_of(name), encoder, advance)
    return _change(settings)


def compare(settings: Settings, file: Path) -> Comparison:
    """Measure both models of the change on a question file, and keep the figures; return what
    changes from the former one to the candidate.

    Raises:
        QuestionFileError: the file cannot be read.
        ModelChangeRefused: no change is under way.
        ModelError: one of them cannot be loaded.
    """
    questions = read_questions(file)
    change = _change(settings)
    beside = model_switch.load_changing(settings, change.other)
    with settings.store.existing() as catalogue, encoding_bar(show=True) as advance:
        views = model_switch.views_of_both(catalogue, beside, advance)
    judged = {}
    sides = (change.searched, views[0]), (change.other, views[1])
    for (side, view), encoder in zip(sides, (None, beside), strict=True):
        encoder = encoder or model_switch.load_changing(settings, side)
        with view, _asking(len(questions), side) as progress:
            judged[side.model] = judged_with(
                encoder, view, questions, settings.cache, settings.effort, progress
            )
    with settings.store.existing() as catalogue:
        catalogue.note_figures({model: figures_of(each, file) for model, each in judged.items()})
    return difference(judged[change.former.model], judged[change.candidate.model])


def switch(settings: Settings, step: Literal["take", "roll-back"]) -> ModelChange:
    """Search with the candidate, or with the former model again; return how far the change is.

    Raises:
        ModelChangeRefused: no change is under way, or it cannot be.
        ModelError: the model cannot be loaded.
    """
    change = _change(settings)
    if (change.state is State.TAKEN) == (step == "take"):
        raise ModelChangeRefused(
            f"The collection is searched with {change.searched.model} already."
        )
    check_writing(settings, change.other.model)
    encoder = model_switch.load_changing(settings, change.other)
    _note(settings, step, change.other.model.name)
    with settings.store.existing() as catalogue, encoding_bar(show=True) as advance:
        model_switch.switch(catalogue, encoder, advance)
    return _change(settings)


def end(settings: Settings, step: Literal["drop", "finish"]) -> tuple[StoredModel, StoredModel]:
    """End the change, and delete the vectors of the model that is not searched; return the model
    that is, and that one.

    Raises:
        ModelChangeRefused: there is none, or the other model is searched.
    """
    with settings.store.existing() as catalogue:
        change = _change(settings)
        _note(settings, step, change.other.model.name)
        deleted = catalogue.end_model_change(is_taken=ENDS[step])
        catalogue.forget_replaced()
        return change.searched.model, deleted


def state(settings: Settings) -> tuple[StoredModel | None, ModelChange | None]:
    """Return the model that is searched, and the change that is under way."""
    with settings.store.view() as view:
        return view.active_model(), view.model_change()


def as_text(
    searched: StoredModel | None, change: ModelChange | None, changes: Comparison | None = None
) -> str:
    """Return how things are as lines of text, for people."""
    if change is None:
        return printable(f"The collection is searched with {searched}. No change is under way.")
    lines = [
        f"searched: {change.searched.model}",
        f"beside:   {change.other.model}, {_lacking(change.lacking)}",
        f"state:    {change.state}",
    ]
    rows = [
        (name, side.figures)
        for name, side in (("former", change.former), ("candidate", change.candidate))
        if side.figures
    ]
    if rows:
        file, measured = rows[0][1].file, rows[0][1].measured
        lines += ["", f"{file}, {measured}", _HEADER, *(_row(*row) for row in rows)]
    if changes is not None:
        shown = {name: changes[name] for name in (OVERALL, SAME, CROSS) if name in changes}
        lines += ["", *comparison_table(shown).splitlines()]
    return "\n".join(map(printable, lines))


def as_json_text(
    searched: StoredModel | None, change: ModelChange | None, changes: Comparison | None = None
) -> str:
    """Return how things are as JSON."""
    shown: dict[str, Any] = {"searched": _model(searched), "change": None}
    if change is not None:
        shown["change"] = {
            "state": change.state,
            "former": _side(change.former),
            "candidate": _side(change.candidate),
            "lacking": change.lacking,
        }
    if changes is not None:
        shown["differences"] = changes
    return as_json(shown)


_HEADER = (
    f"{'':<10}{'answerable':>11}{'first':>7}{'first 5':>9}{'wrongly refused':>17}"
    f"{'unanswerable':>14}{'rightly refused':>17}"
)


def _row(name: str, found: ModelFigures) -> str:
    return (
        f"{name:<10}{found.answerable:>11}{found.first:>7}{found.first_five:>9}"
        f"{found.wrongly_refused:>17}{found.unanswerable:>14}{found.refused:>17}"
    )


def _lacking(number: int) -> str:
    return f"{number} of its vectors still to be made" if number else "with all of its vectors"


def _model(model: StoredModel | None) -> dict[str, str] | None:
    if model is None:
        return None
    return {"name": model.name, "revision": model.revision, "sha256": model.sha256}


def _side(side: ChangingModel) -> dict[str, Any]:
    figures = side.figures and {
        **side.figures._asdict(),
        "measured": side.figures.measured.isoformat(),
    }
    return {**(_model(side.model) or {}), "loaded_by": side.source, "figures": figures}


def _change(settings: Settings) -> ModelChange:
    _, change = state(settings)
    if change is None:
        raise ModelChangeRefused(
            "No change of model is under way. Begin one with `passerelle model prepare "
            "NAME_OR_FOLDER`."
        )
    return change


def _searched(settings: Settings) -> str:
    """Return by what the model is loaded that is searched, which the settings must name.

    Raises:
        ModelMismatch: they name another one.
    """
    with settings.store.view() as view:
        source = source_of(settings.model)
        successor = view.successor(source)
        if successor is None:
            check_searched(view, settings.load_encoder().identity)
        return successor or source


def _note(settings: Settings, step: str, model: str) -> None:
    audit, actor = audit_log(settings)
    audit.note(actor, Deed.CHANGED_MODEL, step=step, model=model)


@contextmanager
def _asking(number: int, side: ChangingModel) -> Iterator[Callable[[int], None]]:
    with click.progressbar(
        length=number,
        label=f"Asking {side.model.name}",
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        yield bar.update
