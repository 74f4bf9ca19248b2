"""Models and their vectors: what is still to be encoded, in which order, and what was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import sleep
from typing import NamedTuple

from corpus.errors import CatalogueError
from corpus.store import steps
from corpus.store.engine import Part, distinct_owners
from corpus.types import StoredModel


class Text(NamedTuple):
    """A text that a model is to encode."""

    id: int
    text: str
    is_sentence: bool
    """Whether it is one somewhere; it may be a passage as well."""


class EncodedText(NamedTuple):
    """What a model made of a text."""

    id: int
    vector: bytes
    """Little-endian float32."""
    tokens: bytes = b""
    """What the reader compares, empty if nothing."""


class Missing(NamedTuple):
    """Texts that a model has still to encode."""

    number: int
    first: int
    """Lowest id of them; 0 if there are none."""


_EVERY_TEXT = "SELECT id FROM texts"

_WAITING_TEXTS = """
    WITH waiting AS MATERIALIZED (SELECT key FROM documents WHERE live = 0)
    SELECT p.text_id AS id FROM waiting w JOIN passages p ON p.document_key = w.key
    UNION SELECT p.bare_text_id FROM waiting w JOIN passages p ON p.document_key = w.key
    WHERE p.bare_text_id NOTNULL
    UNION SELECT s.text_id FROM waiting w JOIN passages p ON p.document_key = w.key
    JOIN sentences s ON s.passage_id = p.id
    """


class WaitingDocument(NamedTuple):
    """A version of a document that is not live yet."""

    key: int
    job: int | None
    """Number of the job that brought it."""


class Models(Part):
    """The models and vectors of a catalogue, and the documents that wait for them."""

    def waiting(self) -> int:
        """Return how many documents have a version that is not live yet."""
        row = self._one("SELECT count(*) FROM documents WHERE live = 0", ())
        assert row is not None
        return int(row[0])

    def active_model(self) -> StoredModel | None:
        """Return the model whose vectors are searched; None before the first one."""
        row = self._one(
            "SELECT id, name, revision, sha256 FROM models WHERE id = ?",
            (self._active_model_id(),),
        )
        return StoredModel(*row) if row else None

    def register_model(self, name: str, revision: str, sha256: str) -> StoredModel:
        """Return the model of that hash, made known by this name and revision if it was not.

        If it was replaced before, what is left of its vectors is used from now on.
        """
        with self.transaction():
            self._connection.execute(
                "INSERT INTO models (name, revision, sha256) VALUES (?, ?, ?)"
                " ON CONFLICT (sha256) DO UPDATE SET replaced = 0 WHERE models.replaced <> 0",
                (name, revision, sha256),
            )
            row = self._connection.execute(
                "SELECT id, name, revision, sha256 FROM models WHERE sha256 = ?", (sha256,)
            ).fetchone()
        return StoredModel(*row)

    def adopt_model(self, model: StoredModel) -> None:
        """Search this model's vectors if there is no active model yet."""
        with self.transaction():
            if self._active_model_id() is None:
                self._set("active_model", str(model.id))

    def activate_model(self, model: StoredModel) -> bool:
        """Search this model's vectors from now on; every other model is replaced.

        Nothing is changed, and False returned, while a text lacks its vector. The others' vectors
        are still to be swept. A change of model that was under way is over.

        Raises:
            CatalogueError: it was replaced itself meanwhile.
        """
        with self._activating(model) as is_whole:
            if is_whole:
                self._connection.execute("DELETE FROM model_change")
                self._connection.execute("DELETE FROM model_figures")
                self._connection.execute("UPDATE models SET source = NULL")
                self._replace("id <> ?", model.id)
        return is_whole

    @contextmanager
    def _activating(self, model: StoredModel) -> Iterator[bool]:
        """Search a model's vectors, in a transaction, unless a text lacks its vector.

        Yield whether that is so, inside of it.

        Raises:
            CatalogueError: it was replaced meanwhile.
        """
        newest = self.newest_text()
        is_whole = not self.missing(model).number
        with self.transaction():
            self._check_in_use(model)
            # To look at all again would keep others from writing; ids are never used twice.
            is_whole = is_whole and not self.texts_without_vectors(model, 1, newest)
            if is_whole:
                self._set("active_model", str(model.id))
                self._bump_generation()
            yield is_whole

    def _replace(self, where: str, *parameters: object) -> None:
        """Have the vectors of some models deleted; it is part of the caller's transaction."""
        self._connection.execute(
            "UPDATE models SET replaced = 1, encoded_to = 0"  # noqa: S608, ours
            f" WHERE replaced = 0 AND {where}",
            parameters,
        )

    def sweep_vectors(self) -> None:
        """Delete the vectors of models that were replaced, in steps."""
        going = [row[0] for row in self._rows("SELECT id FROM models WHERE replaced = 1")]
        listed, last = (json.dumps(going),), 0
        while some := self._rows_to_sweep(listed, last):
            with self.transaction():
                # One that is used again since has what is left.
                self._connection.execute(
                    "DELETE FROM vectors WHERE rowid IN (SELECT value FROM json_each(?))"
                    " AND model_id IN (SELECT id FROM models WHERE replaced = 1)",
                    (json.dumps(some),),
                )
            last = some[-1]
            sleep(steps.PAUSE_SECONDS)
        if going:
            with self.transaction():
                self._connection.execute(
                    "UPDATE models SET replaced = 2"
                    " WHERE replaced = 1 AND id IN (SELECT value FROM json_each(?))",
                    listed,
                )

    def drop_replaced(self) -> None:
        """Delete at once the vectors of models that were replaced: in a copy of nobody else's."""
        with self.transaction():
            self._connection.execute(
                "DELETE FROM vectors WHERE model_id IN (SELECT id FROM models WHERE replaced = 1)"
            )
            self._connection.execute("UPDATE models SET replaced = 2 WHERE replaced = 1")

    def _rows_to_sweep(self, models: tuple[str], last: int) -> list[int]:
        """Return the first vectors of some models after one, looked for without a lock."""
        rows = self._rows(
            "SELECT rowid FROM vectors"
            " WHERE rowid > ?2 AND model_id IN (SELECT value FROM json_each(?1))"
            " ORDER BY rowid LIMIT ?3",
            (*models, last, steps.ROWS_PER_STEP),
        )
        return [row[0] for row in rows]

    def newest_text(self) -> int:
        """Return the highest id of a text; 0 if there is none."""
        row = self._one("SELECT coalesce(max(id), 0) FROM texts", ())
        assert row is not None
        return int(row[0])

    def _check_in_use(self, model: StoredModel) -> None:
        """Refuse to go on with a model that was replaced since it was registered."""
        if self._one("SELECT 1 FROM models WHERE id = ? AND replaced = 0", (model.id,)) is None:
            raise CatalogueError(
                f"The model {model} was replaced or dropped meanwhile. To have it back, run "
                "`passerelle model prepare` or `passerelle reindex` again."
            )

    def missing(self, model: StoredModel) -> Missing:
        """Return how many texts ``model`` has still to encode, and where they begin.

        Of the active model those are in documents that wait: to look at the others' texts would
        take seconds at a million passages, for every document that comes.
        """
        is_active = self._active_model_id() == model.id
        row = self._one(
            "SELECT count(*), coalesce(min(id), 0)"  # noqa: S608, constants of ours
            f" FROM ({_WAITING_TEXTS if is_active else _EVERY_TEXT}) t WHERE NOT EXISTS"
            " (SELECT 1 FROM vectors v WHERE v.model_id = ? AND v.text_id = t.id)",
            (model.id,),
        )
        assert row is not None
        return Missing(*row)

    def texts_without_vectors(self, model: StoredModel, limit: int, after: int = 0) -> list[Text]:
        """Return up to ``limit`` texts that ``model`` has still to encode, oldest first.

        Only those with an id over ``after``, so that no one looks twice at what is done.
        """
        rows = self._rows(
            "SELECT t.id, t.text, EXISTS (SELECT 1 FROM sentences s WHERE s.text_id = t.id)"
            " FROM texts t LEFT JOIN vectors v ON v.text_id = t.id AND v.model_id = ?"
            " WHERE t.id > ? AND v.text_id IS NULL ORDER BY t.id LIMIT ?",
            (model.id, after, limit),
        )
        return [Text(id_, text, bool(is_sentence)) for id_, text, is_sentence in rows]

    def put_vectors(self, model: StoredModel, vectors: Iterable[EncodedText]) -> None:
        """Keep what ``model`` made of texts, in one transaction.

        A text that was removed meanwhile is passed over.

        Raises:
            CatalogueError: it was replaced by another model meanwhile.
        """
        with self.transaction():
            self._check_in_use(model)
            self._connection.executemany(
                "INSERT INTO vectors (model_id, text_id, data, tokens, crc)"
                " SELECT ?1, id, ?3, ?4, checksum(?3, ?4) FROM texts WHERE id = ?2"
                " ON CONFLICT (text_id, model_id) DO UPDATE SET data = excluded.data,"
                " tokens = excluded.tokens, crc = excluded.crc",
                ((model.id, *encoded) for encoded in vectors),
            )

    def waiting_owners(self) -> list[str]:
        """Return whose documents wait, without a look at all of them."""
        query = distinct_owners("documents", "documents_queue", "live = 0")
        return [row[0] for row in self._rows(query)]

    def waiting_documents(self, owner: str, limit: int) -> list[WaitingDocument]:
        """Return an owner's first documents that wait, those of the smallest files first."""
        rows = self._rows(
            "SELECT key, job FROM documents INDEXED BY documents_queue"
            " WHERE live = 0 AND owner = ? ORDER BY bytes, key LIMIT ?",
            (owner, limit),
        )
        return [WaitingDocument(*row) for row in rows]

    def passages_after(self, key: int, passage: int, limit: int) -> list[int]:
        """Return the ids of a document's first passages over one, in the order of the text."""
        rows = self._rows(
            "SELECT id FROM passages WHERE document_key = ? AND id > ? ORDER BY id LIMIT ?",
            (key, passage, limit),
        )
        return [row[0] for row in rows]

    def texts_in(self, passages: Sequence[int]) -> list[int]:
        """Return the ids of all that a model is given of some passages, each as often as it is
        there: the passages, those without their title, and their sentences."""
        rows = self._rows(
            "WITH wanted AS (SELECT value AS id FROM json_each(?))"
            " SELECT text_id FROM wanted JOIN passages USING (id) UNION ALL"
            " SELECT bare_text_id FROM wanted JOIN passages USING (id)"
            " WHERE bare_text_id NOTNULL UNION ALL"
            " SELECT text_id FROM wanted JOIN sentences ON passage_id = wanted.id",
            (json.dumps(passages),),
        )
        return [row[0] for row in rows]

    def without_vectors(self, model: StoredModel, texts: Iterable[int]) -> list[Text]:
        """Return those of some texts, by their ids, that a model has still to encode."""
        rows = self._rows(
            "SELECT t.id, t.text, EXISTS (SELECT 1 FROM sentences s WHERE s.text_id = t.id)"
            " FROM json_each(?) w JOIN texts t ON t.id = w.value"
            " WHERE NOT EXISTS (SELECT 1 FROM vectors WHERE model_id = ? AND text_id = t.id)",
            (json.dumps(sorted(set(texts))), model.id),
        )
        return [Text(id_, text, bool(is_sentence)) for id_, text, is_sentence in rows]

    def _active_model_id(self) -> int | None:
        row = self._one("SELECT value FROM settings WHERE name = 'active_model'", ())
        return int(row[0]) if row else None

    def generation(self) -> int:
        """Return the number of times that what can be found had changed."""
        row = self._one("SELECT value FROM settings WHERE name = 'generation'", ())
        return int(row[0]) if row else 0

    def _bump_generation(self) -> None:
        self._set("generation", str(self.generation() + 1))
        self._connection.changed()

    def _set(self, name: str, value: str) -> None:
        self._connection.execute(
            "INSERT INTO settings (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )
