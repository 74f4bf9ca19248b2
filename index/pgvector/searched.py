"""What is searched follows the catalogue: in the transaction that makes documents live, or lets
them go, their rows come and go too. So text and vectors are one state for whoever reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.store.postgres.connection import PostgresConnection, Raw
from corpus.store.postgres.reading import WritersReading
from corpus.store.view import View
from corpus.types import StoredModel
from index.encoders.protocol import Vectors
from index.pgvector.words import as_vector, words_of
from index.rows import DOCUMENTS_AT_A_TIME, load_rows
from index.vectors.columns import PassageRows
from index.vectors.neighbour_smoothing import CONTEXT_SHARE

Level = tuple[int, NDArray[np.float64]]
"""How many passages, and the sum of their vectors."""

_STALE: Final = """
    WITH live AS (
        SELECT key, collection, published,
        count(*) OVER (PARTITION BY collection, language, title) > 1 AS common
        FROM documents WHERE live = 1
    )
    SELECT s.key IS NOT NULL, live.key IS NOT NULL, coalesce(live.key, s.key), live.common,
    live.collection, live.published
    FROM live FULL JOIN searched_documents s ON s.key = live.key
    WHERE s.key IS NULL OR live.key IS NULL
    OR (live.common, live.collection) <> (s.common, s.collection)
    OR live.published IS DISTINCT FROM s.published
    ORDER BY 3
    """


class _Changes(NamedTuple):
    """Document versions whose rows are to go, and those whose rows are to come."""

    gone: list[int]
    came: list[tuple[int, bool, str, str | None]]
    """Key, whether with a common title, collection, date."""


def follow(connection: PostgresConnection) -> None:
    """Bring the rows that are searched up to what the catalogue says in this transaction."""
    raw = connection.raw
    view = View(WritersReading(connection))
    model = view.active_model()
    if not _is_of(raw, model):
        _clear(raw)
    changes = _changes(raw)
    _remove(raw, changes.gone)
    for start in range(0, len(changes.came), DOCUMENTS_AT_A_TIME):
        _add(raw, view, model, changes.came[start : start + DOCUMENTS_AT_A_TIME])


def _is_of(raw: Raw, model: StoredModel | None) -> bool:
    """Tell whether what is there was made by a model."""
    row = raw.execute("SELECT model FROM searched_model").fetchone()
    return row is None or (model is not None and row[0] == model.id)


def _clear(raw: Raw) -> None:
    """Begin anew: the vectors of another model are of another length."""
    for (partition,) in raw.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'searched'::regclass"
    ).fetchall():
        raw.execute(f"DROP TABLE {partition}".encode())
    for table in ("documents", "model", "levels", "words"):
        raw.execute(f"DELETE FROM searched_{table}".encode())  # noqa: S608


def _changes(raw: Raw) -> _Changes:
    changes = _Changes([], [])
    for was_there, is_there, key, *facts in raw.execute(_STALE.encode()):
        if was_there:
            changes.gone.append(key)
        if is_there:
            changes.came.append((key, *facts))
    return changes


def _remove(raw: Raw, keys: Sequence[int]) -> None:
    if not keys:
        return
    raw.execute("DELETE FROM searched_documents WHERE key = ANY ($1)", [list(keys)])
    levels: dict[tuple[str, str], Level] = {}
    words: Counter[str] = Counter()
    for language, collection, vector, of_passage in raw.execute(
        "DELETE FROM searched WHERE document_key = ANY ($1)"
        " RETURNING language, collection, vector::real[], tsvector_to_array(words)",
        [list(keys)],
    ):
        passages, total = levels.get((language, collection), (0, np.float64(0)))
        levels[language, collection] = passages - 1, total - np.array(vector, np.float64)
        words.subtract(of_passage)
    _change_levels(raw, levels)
    _count_words(raw, words)
    raw.execute("DELETE FROM searched_levels WHERE passages <= 0")
    raw.execute("DELETE FROM searched_words WHERE passages <= 0")


def _add(
    raw: Raw,
    view: View,
    model: StoredModel | None,
    documents: Sequence[tuple[int, bool, str, str | None]],
) -> None:
    cursor = raw.cursor()
    cursor.executemany("INSERT INTO searched_documents VALUES ($1, $2, $3, $4)", documents)
    keys = [key for key, *_ in documents]
    found = load_rows(view, keys, CONTEXT_SHARE)
    if not found or model is None:
        return
    texts, ids = _texts(raw, keys), _ids(raw, keys)
    facts = {key: (ids[key], collection, published) for key, _, collection, published in documents}
    levels: dict[tuple[str, str], Level] = {}
    words: Counter[str] = Counter()
    for language, rows in sorted(found.items()):
        _make_partition(raw, model, language, rows.vectors.shape[1])
        cursor.executemany(
            "INSERT INTO searched (passage, document_key, document, language, collection,"
            " published, vector, sentences, sentence_count, words)"
            " VALUES ($1, $2, $3, $4, $5, CAST($6 AS date), CAST($7 AS halfvec), $8, $9,"
            " CAST($10 AS tsvector))",
            _written(rows, language, facts, texts),
        )
        for key, vector in zip(rows.document_keys.tolist(), halved(rows.vectors), strict=True):
            place = language, facts[key][1]
            passages, total = levels.get(place, (0, np.float64(0)))
            levels[place] = passages + 1, total + vector.astype(np.float64)
        for passage in rows.ids.tolist():
            words.update(set(words_of(texts[passage])))
    _change_levels(raw, levels)
    _count_words(raw, words)


def _written(
    rows: PassageRows,
    language: str,
    facts: dict[int, tuple[str, str, str | None]],
    texts: dict[int, str],
) -> Iterator[tuple[Any, ...]]:
    ends = np.cumsum(rows.sentence_counts)
    for place, (passage, key) in enumerate(
        zip(rows.ids.tolist(), rows.document_keys.tolist(), strict=True)
    ):
        document, collection, published = facts[key]
        count = int(rows.sentence_counts[place])
        some = slice(int(ends[place]) - count, int(ends[place]))
        sentences = rows.sentences.codes[some].tobytes() + rows.sentences.scales[some].tobytes()
        vector = as_text(rows.vectors[place])
        facts_of = (document, language, collection, published)
        yield passage, key, *facts_of, vector, sentences, count, as_vector(texts[passage])


def _make_partition(raw: Raw, model: StoredModel, language: str, dimension: int) -> None:
    """Make a language's partition, with its graph, if there is none."""
    raw.execute(
        "INSERT INTO searched_model SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM searched_model)",
        [model.id, dimension],
    )
    name = f"searched_{language.encode().hex()}"
    if raw.execute("SELECT to_regclass($1)", [name]).fetchone() != (None,):
        return
    # Named in hexadecimal, so that nothing in a language's code is syntax. To attach it waits for
    # nobody, while to make it as a partition would wait until no question is answered.
    value = f"convert_from('\\x{language.encode().hex()}', 'UTF8')"
    raw.execute(f"CREATE TABLE {name} (LIKE searched INCLUDING ALL)".encode())
    raw.execute(
        f"CREATE INDEX ON {name} USING hnsw"
        f" ((vector::halfvec({dimension:d})) halfvec_ip_ops)".encode()
    )
    raw.execute(f"ALTER TABLE searched ATTACH PARTITION {name} FOR VALUES IN ({value})".encode())


def _texts(raw: Raw, keys: Sequence[int]) -> dict[int, str]:
    return dict(
        raw.execute(
            "SELECT p.id, t.text FROM passages p JOIN texts t ON t.id = p.text_id"
            " WHERE p.document_key = ANY ($1)",
            [list(keys)],
        ).fetchall()
    )


def _ids(raw: Raw, keys: Sequence[int]) -> dict[int, str]:
    query = "SELECT key, id FROM documents WHERE key = ANY ($1)"
    return dict(raw.execute(query, [list(keys)]).fetchall())


def _change_levels(raw: Raw, changes: dict[tuple[str, str], Level]) -> None:
    """Add to how many passages there are, and to their sums."""
    for (language, collection), (passages, total) in changes.items():
        row = raw.execute(
            "SELECT passages, total FROM searched_levels WHERE language = $1 AND collection = $2",
            [language, collection],
        ).fetchone()
        known = row or (0, np.zeros_like(total))
        raw.execute(
            "INSERT INTO searched_levels VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (language, collection)"
            " DO UPDATE SET passages = excluded.passages, total = excluded.total",
            [language, collection, known[0] + passages, (np.array(known[1]) + total).tolist()],
        )


def _count_words(raw: Raw, changes: Counter[str]) -> None:
    """Add to the number of passages that words are in."""
    changed = {word: number for word, number in sorted(changes.items()) if number}
    raw.execute(
        "INSERT INTO searched_words SELECT * FROM unnest($1::text[], $2::bigint[])"
        " ON CONFLICT (word) DO UPDATE SET passages = searched_words.passages + excluded.passages",
        [list(changed), list(changed.values())],
    )


def halved(vectors: Vectors) -> NDArray[np.float16]:
    """Return vectors as they are kept, in 16 bits a component."""
    return vectors.astype(np.float16)


def as_text(vector: Vectors) -> str:
    """Return a vector as pgvector reads it, rounded to 16 bits a component here."""
    return f"[{','.join(map(str, halved(vector).tolist()))}]"
