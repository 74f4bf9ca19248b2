"""What SQLite's SQL becomes, where the words differ."""

from __future__ import annotations

import pytest

from corpus.store.postgres.dialect import translated


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("SELECT a FROM t WHERE b = ? AND c = ?", "SELECT a FROM t WHERE b = $1 AND c = $2"),
        ("SELECT ?2, ?1, ?2", "SELECT $2, $1, $2"),
        ("SELECT 1 FROM t INDEXED BY i WHERE a = ?", "SELECT 1 FROM t  WHERE a = $1"),
        (
            "id IN (SELECT value FROM json_each(?1))",
            "id IN (SELECT value FROM each_number($1))",
        ),
        (
            "c IN (SELECT CAST(value AS TEXT) FROM json_each(?1))",
            "c IN (SELECT value FROM each_name($1))",
        ),
        ("?1 IS NULL OR a = ?1", "CAST($1 AS text) IS NULL OR a = $1"),
        ("a IS NOT ?3", "a IS DISTINCT FROM $3"),
        ("checksum(a, coalesce(b, ?1), c), d", "NULL, d"),
        ("casefold(a)", "folded(a)"),
    ],
)
def test_each_word_that_differs_is_said_otherwise(said: str, meant: str) -> None:
    assert translated(said) == meant
