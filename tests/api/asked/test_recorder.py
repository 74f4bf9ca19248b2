from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from threading import Thread

import pytest

from api.asked import counts
from api.asked.counts import FILE_NAME, MIN_ALIKE
from api.asked.recorder import Recorder
from api.asked.types import Outcome, Places
from api.service import open_service
from api.settings import Settings
from corpus.store.catalogue import Catalogue
from index.snapshot import EVERYTHING, Scope
from qa.types import Abstention, Answer, Question, Timings, UnderstoodQuestion
from tests.api.waiting import until

DAY = date(2026, 11, 29)
TIMINGS = Timings(1, 1, 1, 1, 1)


def recorder(folder: Path, words_days: int = 0, days_later: int = 0) -> Recorder:
    known = frozenset({"press", "laws"})
    return Recorder(folder, words_days, lambda: known, lambda: DAY + timedelta(days_later))


def ask(
    of: Recorder,
    text: str = "Wann?",
    reads: Places = None,
    collections: frozenset[str] = frozenset(),
    *,
    answered: bool = True,
    is_sure: bool = True,
) -> None:
    understood = UnderstoodQuestion(text, "de", text)
    scope = Scope(collections=collections) if collections else EVERYTHING
    outcome = (
        Answer(understood, 0.9, is_sure, (), TIMINGS)
        if answered
        else Abstention(understood, 0.1, (), TIMINGS)
    )
    of.note(Question(text, scope=scope), outcome, reads)


def test_what_came_of_questions_is_counted(tmp_path: Path) -> None:
    asked = recorder(tmp_path)
    ask(asked)
    ask(asked, is_sure=False)
    ask(asked, answered=False)
    ask(asked, "Vielen Dank!", answered=False)
    assert asked.figures(7, None).outcomes == dict.fromkeys(Outcome, 1)


def test_no_word_is_written_unless_the_operator_says_so(tmp_path: Path) -> None:
    for words_days in (0, 30):
        asked = recorder(tmp_path, words_days)
        for _ in range(MIN_ALIKE):
            ask(asked, "Wo ist die Sardine?")
        asked.close()
        kept = (tmp_path / FILE_NAME).read_bytes()
        assert (b"sardine" in kept) == bool(words_days)
        assert bool(asked.figures(7, None).often) == bool(words_days)


def test_turned_off_it_deletes_the_words_at_the_next_start(tmp_path: Path) -> None:
    asked = recorder(tmp_path, 30)
    ask(asked, "Wo ist die Sardine?")
    asked.close()
    off = recorder(tmp_path)
    off.start()
    off.close()
    assert b"sardine" not in (tmp_path / FILE_NAME).read_bytes()
    assert off.figures(7, None).untold == 1


def test_what_runs_beside_a_server_counts_and_deletes_none_of_its_words(tmp_path: Path) -> None:
    server = recorder(tmp_path, 30)
    for _ in range(MIN_ALIKE):
        ask(server, "Wo ist die Sardine?")
    server.close()
    beside = Recorder(tmp_path, 0, frozenset, lambda: DAY + timedelta(1), forgets=False)
    beside.start()
    ask(beside, "Wo ist der Hering?")
    beside.close()
    assert b"hering" not in (tmp_path / FILE_NAME).read_bytes()
    found = recorder(tmp_path, 30, days_later=1).figures(7, None)
    assert (found.number, [each.number for each in found.often]) == (MIN_ALIKE + 1, [MIN_ALIKE])


def test_a_service_that_is_no_server_forgets_nothing_and_writes_what_is_asked_meanwhile(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.asked.recorder.BATCH_SECONDS", 0.01)
    Catalogue(tmp_path).close()
    server = Recorder(tmp_path, 30, frozenset)
    ask(server, "Wo ist die Sardine?")
    server.close()
    with open_service(Settings(data=tmp_path, cache=cache)) as beside:
        ask(beside.asked, "Wann?")
        until(lambda: counts.figures(tmp_path, date.min, date.max, None).number == 2)
    assert b"sardine" in (tmp_path / FILE_NAME).read_bytes()


def test_words_go_while_the_server_runs(tmp_path: Path) -> None:
    today = [DAY]
    asked = Recorder(tmp_path, 2, frozenset, lambda: today[0])
    for _ in range(MIN_ALIKE):
        ask(asked, "Sardine")
    assert asked.figures(30, None).often
    for _ in range(2):
        today[0] += timedelta(1)
        asked.write()
    assert b"sardine" not in (tmp_path / FILE_NAME).read_bytes()
    assert asked.figures(30, None).number == MIN_ALIKE


@pytest.mark.parametrize(
    ("named", "reads", "told_to"),
    [
        ({"press"}, None, {"press"}),
        ({"press"}, {"press", "laws"}, {"press"}),
        ({"press", "secret"}, {"press", "laws"}, {"press"}),
        ({"secret"}, {"press"}, {"press"}),
        (set(), {"press"}, {"press"}),
        ({"press", "laws"}, None, None),
        ({"unknown"}, None, None),
        (set(), None, None),
    ],
)
def test_a_question_is_told_to_who_reads_all_that_it_was_asked_in(
    tmp_path: Path, named: set[str], reads: set[str] | None, told_to: set[str] | None
) -> None:
    asked = recorder(tmp_path)
    ask(asked, reads=None if reads is None else frozenset(reads), collections=frozenset(named))
    for within in ({"press"}, {"laws"}, {"unknown"}, {"secret"}):
        expected = told_to is not None and told_to <= within
        assert asked.figures(7, frozenset(within)).number == expected
    assert asked.figures(7, None).number == 1


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """A file of counts that another program has locked, without an end."""
    monkeypatch.setattr(counts, "LOCK_SECONDS", 0.01)
    asked = recorder(tmp_path)
    ask(asked)
    asked.close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield other


def test_a_file_that_cannot_be_written_is_said_once_and_loses_no_more_than_it_must(
    tmp_path: Path, locked: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    asked = recorder(tmp_path)
    for _ in range(3):
        ask(asked)
        asked.write()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "cannot be counted" in caplog.text
    locked.execute("ROLLBACK")
    assert asked.figures(7, None).number == 4


def test_a_folder_that_is_gone_stops_no_question_and_no_end(tmp_path: Path) -> None:
    asked = recorder(tmp_path / "gone", 30)
    asked.start()
    ask(asked)
    asked.rename("press", "news")
    asked.close()
    assert not (tmp_path / "gone").exists()


def test_what_waits_while_nothing_can_be_written_is_bounded(tmp_path: Path) -> None:
    asked = recorder(tmp_path / "gone")
    for _ in range(10_050):
        ask(asked)
    asked.write()
    (tmp_path / "gone").mkdir()
    assert asked.figures(7, None).number == 10_000


def test_questions_that_come_at_once_are_all_counted(tmp_path: Path) -> None:
    asked = recorder(tmp_path, 30)

    def some() -> None:
        for _ in range(3):
            for _ in range(20):
                ask(asked)
            asked.write()

    threads = [Thread(target=some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = asked.figures(7, None)
    assert (found.number, found.often[0].number) == (240, 240)
