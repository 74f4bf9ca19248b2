from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.asked import counts
from api.asked.counts import FILE_NAME, MIN_ALIKE, add, figures, forget, rename, since
from api.asked.types import Alike, Figures, Kind, Outcome, Places
from api.contract.question_responses import MAX_DAYS
from corpus.errors import CatalogueError
from corpus.store import backup, sqlite
from corpus.store.catalogue import Catalogue

TODAY = date(2026, 11, 29)
PRESS, LAWS, BOTH = frozenset({"press"}), frozenset({"laws"}), frozenset({"press", "laws"})


def asked(
    number: int = 1,
    words: str = "",
    places: Places = None,
    outcome: Outcome = Outcome.ANSWERED,
    days_ago: int = 0,
) -> Counter[Kind]:
    return Counter({Kind(TODAY - timedelta(days_ago), places, outcome, words): number})


def told(folder: Path, days: int = 30, within: Places = None, worded: int = 30) -> Figures:
    return figures(folder, since(TODAY, days), since(TODAY, worded), within)


def test_where_nothing_was_asked_nothing_is_told_and_no_file_is_made(tmp_path: Path) -> None:
    assert told(tmp_path).number == 0
    forget(tmp_path, TODAY, 0)
    rename(tmp_path, "press", "laws")
    assert list(tmp_path.iterdir()) == []


def test_a_row_has_the_day_and_nothing_about_who_asked(tmp_path: Path) -> None:
    add(tmp_path, asked(3, "wann", PRESS))
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(asked)")]
        rows = connection.execute("SELECT * FROM asked").fetchall()
    assert columns == ["day", "places", "outcome", "words", "number"]
    assert rows == [("2026-11-29", '["press"]', "answered", "wann", 3)]
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_words_are_told_from_five_alike_on_and_the_others_counted(tmp_path: Path) -> None:
    add(tmp_path, asked(MIN_ALIKE - 2, "wann"))
    add(tmp_path, asked(1, "wann", outcome=Outcome.NOTHING, days_ago=3))
    add(tmp_path, asked(7))
    assert told(tmp_path).often == ()
    assert told(tmp_path).untold == MIN_ALIKE + 6
    add(tmp_path, asked(1, "wann", outcome=Outcome.PERHAPS))
    assert told(tmp_path).often == (Alike("wann", MIN_ALIKE, 1),)
    assert told(tmp_path).untold == 7
    assert told(tmp_path, days=3).often == ()  # one of the five was before
    assert told(tmp_path, worded=3).often == ()


def test_only_what_was_asked_in_ones_collections_alone_is_told(tmp_path: Path) -> None:
    for places in (PRESS, BOTH, None):
        add(tmp_path, asked(MIN_ALIKE, f"in {places and len(places)}", places))
    assert [each.words for each in told(tmp_path, within=PRESS).often] == ["in 1"]
    assert told(tmp_path, within=PRESS).number == MIN_ALIKE
    assert told(tmp_path, within=LAWS) == told(tmp_path, within=frozenset())
    assert told(tmp_path, within=LAWS).number == 0
    assert told(tmp_path, within=BOTH).number == 2 * MIN_ALIKE
    assert told(tmp_path).number == 3 * MIN_ALIKE


def test_five_alike_in_several_collections_are_not_told_to_who_reads_one(tmp_path: Path) -> None:
    add(tmp_path, asked(MIN_ALIKE - 1, "wann", PRESS))
    add(tmp_path, asked(1, "wann", BOTH))
    assert told(tmp_path).often != ()
    assert told(tmp_path, within=PRESS).often == ()


def test_words_go_after_their_days_from_every_byte_and_stay_counted(tmp_path: Path) -> None:
    for day in range(4):
        add(tmp_path, asked(MIN_ALIKE, f"sardine{day}", days_ago=day))
    forget(tmp_path, TODAY, 2)
    assert [each.words for each in told(tmp_path).often] == ["sardine0", "sardine1"]
    held = (tmp_path / FILE_NAME).read_bytes()
    assert [f"sardine{day}".encode() in held for day in range(4)] == [True, True, False, False]
    forget(tmp_path, TODAY, 0)
    assert b"sardine" not in (tmp_path / FILE_NAME).read_bytes()
    assert told(tmp_path).untold == told(tmp_path).number == 4 * MIN_ALIKE


def test_counts_go_after_a_year(tmp_path: Path) -> None:
    add(tmp_path, asked(2, days_ago=MAX_DAYS) + asked(3, days_ago=MAX_DAYS - 1))
    forget(tmp_path, TODAY, 0)
    assert told(tmp_path, days=2 * MAX_DAYS).number == 3


def test_of_too_many_words_those_asked_most_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "MAX_WORDED", 3)
    add(tmp_path, asked(MIN_ALIKE, "wann", days_ago=9))
    for number in range(9):
        add(tmp_path, asked(1, f"flood {number}"))
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        rows = connection.execute("SELECT words FROM asked WHERE words <> ''").fetchall()
    assert len(rows) == 3
    assert [each.words for each in told(tmp_path).often] == ["wann"]
    assert told(tmp_path).number == MIN_ALIKE + 9


def test_a_renamed_collection_takes_its_questions_with_it(tmp_path: Path) -> None:
    add(tmp_path, asked(1, places=PRESS) + asked(2, places=BOTH) + asked(4))
    rename(tmp_path, "press", "news")
    assert told(tmp_path, within=PRESS).number == 0
    assert told(tmp_path, within=frozenset({"news"})).number == 1
    assert told(tmp_path, within=frozenset({"news", "laws"})).number == 3
    rename(tmp_path, "news", "laws")
    assert told(tmp_path, within=LAWS).number == 3


def test_backups_and_exports_do_not_take_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    Catalogue(data).close()
    add(data, asked(MIN_ALIKE, "sardine"))
    backup.backup(data, tmp_path / "backup")
    backup.export(data, tmp_path / "export.zip")
    backup.import_archive(tmp_path / "export.zip", tmp_path / "import")
    assert (tmp_path / "import" / sqlite.FILE_NAME).exists()
    assert not list(tmp_path.glob(f"[!d]*/{FILE_NAME}"))


@pytest.mark.parametrize("content", [b"no database" * 100, json.dumps([1]).encode() * 2_000])
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(CatalogueError, match=rf"{FILE_NAME} is damaged .* Delete it"):
        told(tmp_path)


def test_a_file_with_other_tables_is_named_too(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("CREATE TABLE asked (a)")
    with pytest.raises(CatalogueError, match="Delete it"):
        add(tmp_path, asked())


KINDS = st.builds(
    Kind,
    st.integers(0, 9).map(lambda days: TODAY - timedelta(days)),
    st.sampled_from([None, PRESS, LAWS, BOTH]),
    st.sampled_from(Outcome),
    st.sampled_from(["", "wann", "où", "🚲"]),
)
STEPS = st.one_of(
    st.dictionaries(KINDS, st.integers(1, 9), max_size=8),
    st.integers(0, 9),
    st.sampled_from([("press", "laws"), ("laws", "press")]),
)


@settings(max_examples=25)
@given(st.lists(STEPS, max_size=5))
def test_whatever_is_forgotten_or_renamed_every_question_is_counted(
    steps: list[dict[Kind, int] | int | tuple[str, str]],
) -> None:
    with TemporaryDirectory() as name:
        folder, expected = Path(name), 0
        for step in steps:
            if isinstance(step, dict):
                add(folder, step)
                expected += sum(step.values())
            elif isinstance(step, int):
                forget(folder, TODAY, step)
            else:
                rename(folder, *step)
        found = told(folder)
        assert found.number == expected
        assert all(each.number >= MIN_ALIKE for each in found.often)
        assert sum(each.number for each in found.often) + found.untold == expected
        for within in (PRESS, LAWS):
            assert told(folder, within=within).number <= told(folder, within=BOTH).number
        assert told(folder, within=BOTH).number <= expected
