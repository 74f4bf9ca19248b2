"""From the catalogue to a snapshot: whole at the start, then by what was added and removed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from corpus.store.view import View
from index import persistence
from index.encoders.model_hash import check_searched
from index.encoders.protocol import ModelIdentity
from index.errors import CannotKeep
from index.faiss_snapshot import FaissSnapshot
from index.rows import load_rows
from index.vectors.neighbour_smoothing import CONTEXT_SHARE
from index.vectors.partition import Partition

NO_MODEL: Final = 0
"""In place of the number of a model that has no vectors; the catalogue counts from 1."""

log = logging.getLogger(__name__)


def load_snapshot(
    folder: Path, identity: ModelIdentity, context: float = CONTEXT_SHARE
) -> FaissSnapshot:
    """Return what can be found in the data folder ``folder`` now.

    ``context`` is the share of its neighbours that a passage's vector takes.

    Raises:
        CatalogueError: there is no catalogue, or it cannot be read.
        ModelMismatch: its vectors are another model's.
        ModelSwitched: those of one that took this one's place in a change of model.
    """
    view = View.open(folder)
    try:
        check_searched(view, identity)
        known = persistence.read(view, context)
        return _snapshot(view, known.documents, known.partitions, context)
    except BaseException:
        view.close()
        raise


def snapshot_of(view: View, context: float = CONTEXT_SHARE) -> FaissSnapshot:
    """Return what can be found in a state of the catalogue, by the model that it is read with.

    Passages of which that model has no vector are not there.

    Raises:
        CatalogueError: the catalogue cannot be read.
    """
    return _snapshot(view, {}, {}, context)


def persist_index(folder: Path, context: float = CONTEXT_SHARE) -> None:
    """Keep on disk what can be found, if much of it is not, so that the next start is quick.

    Where that is impossible, each start rebuilds it.

    Raises:
        CatalogueError: there is no catalogue, or it cannot be read.
    """
    with View.open(folder) as view:
        if persistence.passages_missing(view) < persistence.MIN_PASSAGES:
            return
        known = persistence.read(view, context)
        try:
            persistence.keep(_snapshot(view, known.documents, known.partitions, context))
        except CannotKeep as error:
            log.warning("%s", error)


def refresh(snapshot: FaissSnapshot, identity: ModelIdentity) -> FaissSnapshot:
    """Return the newest state, made from ``snapshot`` by what was added and removed since.

    The same object comes back if nothing was. Partitions that nothing touched are shared.

    Raises:
        CatalogueError: the catalogue cannot be read.
        ModelMismatch: the catalogue was given to another model meanwhile.
        ModelSwitched: to one that took this one's place in a change of model.
    """
    view = View.open(snapshot.view.folder)
    try:
        if view.generation() == snapshot.generation:
            view.close()
            return snapshot
        check_searched(view, identity)
        known = {key: facts.has_common_title for key, facts in snapshot.documents.items()}
        return _snapshot(view, known, snapshot.partitions, snapshot.context)
    except BaseException:
        view.close()
        raise


def reopened(snapshot: FaissSnapshot) -> FaissSnapshot:
    """Return the same snapshot over a newer view, if nothing that can be found has changed."""
    view = View.open(snapshot.view.folder)
    if view.generation() != snapshot.generation:
        view.close()
        return snapshot
    return replace(snapshot, view=view)


def outlived(snapshot: FaissSnapshot) -> FaissSnapshot:
    """Return what is left of a snapshot whose model is not searched any more, over a newer view.

    Nothing new is in it. What its model kept of tokens is read only as long as the change lasts, as
    it is deleted then.

    Raises:
        CatalogueError: the catalogue cannot be read.
    """
    model = snapshot.view.active_model()
    view = View.open(snapshot.view.folder, model)
    change = view.model_change()
    if model and not (change and change.other.model == model):
        view.close()
        view = View.open(snapshot.view.folder, replace(model, id=NO_MODEL))
    there = view.documents_by_key().keys()
    left = snapshot.without(snapshot.documents.keys() - there)
    return replace(left, view=view.without(there - left.documents.keys()))


def _snapshot(
    view: View,
    known: Mapping[int, bool],
    partitions: Mapping[str, Partition],
    context: float,
) -> FaissSnapshot:
    """Make the view's snapshot out of older partitions, which hold the ``known`` documents.

    Those whose title has become a common one since, or is no longer, are read again.
    """
    documents = view.documents_by_key()
    same = {key for key, facts in documents.items() if known.get(key) == facts.has_common_title}
    removed = np.array(sorted(known.keys() - same), np.int64)
    added = load_rows(view, sorted(documents.keys() - same), context)
    changed: dict[str, Partition] = {}
    for language in partitions.keys() | added.keys():
        partition = partitions.get(language, Partition(language, ()))
        partition = partition.changed(removed, added.get(language))
        if len(partition):
            changed[language] = partition
    return FaissSnapshot(view, view.generation(), documents, changed, context)
