"""A change of model: another model is made beside the one that is searched, then taken or not.

Each step is one transaction, so whoever is ended amid one leaves the collection searched by one of
the two models, with all of its vectors.
"""

from __future__ import annotations

from corpus.errors import ModelChangeRefused
from corpus.store import model_change
from corpus.store.model_change import ModelChange, ModelFigures, State
from corpus.store.models import Models
from corpus.types import StoredModel


class ModelChanges(Models):
    """The models of a catalogue, and the change from one to another."""

    def model_change(self) -> ModelChange | None:
        """Return the change that is under way; None if there is none."""
        return model_change.under_way(self._rows)

    def successor(self, former: str) -> str | None:
        """Return by what the model is loaded that is searched now, as ``View.successor`` does."""
        return model_change.successor(self._rows, former)

    def begin_model_change(self, former_source: str, candidate: StoredModel, source: str) -> None:
        """Begin to have ``candidate``, which ``source`` loads, beside the model that is searched.

        That one is loaded by ``former_source``. A change to the same candidate goes on.

        Raises:
            ModelChangeRefused: it is searched already, nothing is, or another change is under way.
        """
        with self.transaction():
            searched, change = self._active_model_id(), self.model_change()
            if searched is None:
                raise ModelChangeRefused(
                    "The collection is empty, so there is nothing to make beside. Run `passerelle "
                    "ingest` with --model to begin with that model."
                )
            if change and change.state is not State.TAKEN and change.candidate.model == candidate:
                self._execute("UPDATE model_change SET source = ?", (source,))
                return
            if searched == candidate.id:
                raise ModelChangeRefused(f"The collection is searched with {candidate} already.")
            if change:
                raise ModelChangeRefused(
                    f"A change from {change.former.model} to {change.candidate.model} is under "
                    "way. End it with `passerelle model finish` or `passerelle model drop` first."
                )
            self._execute("UPDATE models SET source = ? WHERE id = ?", (former_source, searched))
            self._execute(
                "INSERT INTO model_change (id, former, candidate, source) VALUES (1, ?, ?, ?)",
                (searched, candidate.id, source),
            )

    def note_encoded(self, model: StoredModel, text: int) -> None:
        """Note that a model has encoded all texts up to an id."""
        with self.transaction():
            self._execute(
                "UPDATE models SET encoded_to = ?2 WHERE id = ?1 AND encoded_to < ?2"
                " AND replaced = 0",
                (model.id, text),
            )

    def switch_model(self, model: StoredModel) -> bool:
        """Search the other one of the change's two models, and keep the one that was.

        Nothing is changed, and False returned, while a text lacks its vector.

        Raises:
            ModelChangeRefused: no change is under way that it is part of.
        """
        former = self.active_model()
        assert former is not None
        lacking = self.texts_without_vectors(former, 1)
        encoded_to = lacking[0].id - 1 if lacking else self.newest_text()
        with self._activating(model) as is_whole:
            if is_whole:
                change = self.model_change()
                if change is None or (change.searched.model, change.other.model) != (model, former):
                    raise _no_change()
                self._execute(
                    "UPDATE models SET source = ? WHERE id = ?", (change.searched.source, model.id)
                )
                self._execute(
                    "UPDATE models SET encoded_to = ? WHERE id = ?", (encoded_to, former.id)
                )
                self._execute("UPDATE model_change SET was_taken = 1")
        return is_whole

    def end_model_change(
        self, other: StoredModel | None = None, *, is_taken: bool | None = None
    ) -> StoredModel:
        """Keep the model that is searched, and have the other one's vectors deleted; return that.

        They are still to be swept. With ``other`` the change is ended only if that is the other
        one, with ``is_taken`` only if the candidate is searched, or is not.

        Raises:
            ModelChangeRefused: there is no such change.
        """
        with self.transaction():
            change = self.model_change()
            if change is None or other not in (None, change.other.model):
                raise _no_change()
            if is_taken not in (None, change.state is State.TAKEN):
                raise _other_way(change)
            self._execute("DELETE FROM model_change")
            self._execute("DELETE FROM model_figures")
            self._replace("id = ?", change.other.model.id)
        return change.other.model

    def note_figures(self, figures: dict[StoredModel, ModelFigures]) -> None:
        """Keep what the models of the change found for the operator's questions."""
        with self.transaction():
            self._connection.executemany(
                "DELETE FROM model_figures WHERE model_id = ?", [(model.id,) for model in figures]
            )
            self._connection.executemany(
                "INSERT INTO model_figures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (model.id, each.file, each.measured.isoformat(), *each[2:])
                    for model, each in figures.items()
                ],
            )

    def forget_sources(self) -> None:
        """Forget by what models are loaded, and end what change is under way: where the catalogue
        came from somebody else, who must not choose what is loaded here."""
        if self.model_change():
            self.end_model_change()
        with self.transaction():
            self._execute("UPDATE models SET source = NULL")


def _other_way(change: ModelChange) -> ModelChangeRefused:
    """Return why a change is not ended as it is ended in its other state."""
    candidate = change.candidate.model
    if change.state is State.TAKEN:
        return ModelChangeRefused(
            f"The collection is searched with {candidate}, so it cannot be dropped. Keep it with "
            "`passerelle model finish`, or go back with `passerelle model roll-back` first."
        )
    return ModelChangeRefused(
        f"The collection is not searched with {candidate}, so the change cannot be finished. Take "
        "it with `passerelle model take` first, or leave it with `passerelle model drop`."
    )


def _no_change() -> ModelChangeRefused:
    return ModelChangeRefused(
        "No change of model is under way in which this could be done. `passerelle model show` says "
        "how things are."
    )
