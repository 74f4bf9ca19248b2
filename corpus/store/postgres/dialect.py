"""What the catalogue's logic says in SQLite's SQL, in PostgreSQL's.

Only the words that it uses are known here. A test has every statement of the catalogue's run by
PostgreSQL, so one that is not understood cannot go unseen.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import count

_PLACEHOLDER = re.compile(r"\?(\d*)")
_CHECKSUM = re.compile(r"checksum\((?:[^()]|\([^()]*\))*\)")

_WORDS = (
    (re.compile(r"\bINDEXED BY \w+"), ""),
    (re.compile(r"CAST\(value AS TEXT\) FROM json_each\("), "value FROM each_name("),
    (re.compile(r"\bjson_each\("), "each_number("),
    # A parameter whose type nothing else tells at its first mention.
    (re.compile(r"(\?\d+) IS NULL"), r"CAST(\1 AS text) IS NULL"),
    (re.compile(r"\bIS NOT (\?\d+)"), r"IS DISTINCT FROM \1"),
    (re.compile(r"\bcasefold\("), "folded("),
    (_CHECKSUM, "NULL"),
)


@lru_cache(maxsize=512)
def translated(sql: str) -> str:
    """Return a statement in PostgreSQL's words, its parameters as ``$1`` and so on."""
    for pattern, instead in _WORDS:
        sql = pattern.sub(instead, sql)
    numbers = count(1)
    return _PLACEHOLDER.sub(lambda mark: f"${mark[1] or next(numbers)}", sql)
