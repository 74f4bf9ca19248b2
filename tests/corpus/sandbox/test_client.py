"""Whatever reading a file does to the process that reads it, the next file is read."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from corpus import progress, readers
from corpus.errors import DamagedFile, ReadingUnavailable, Refused, TooCostly
from corpus.progress import Progress
from corpus.readers import tables
from corpus.sandbox import server
from corpus.sandbox.client import ReadingProcess
from corpus.sandbox.extract import extract
from corpus.sandbox.limits import Limits, limits_for
from corpus.sandbox.warmup import specimens

NOTE = b"Patrouilles mixtes\n\nLes deux polices patrouillent ensemble le long de la Moselle.\n"
WORDY = NOTE * 5
SPECIMENS = {**specimens(), ".csv": b"text\nOne row.\n", ".jsonl": b'{"text": "One row."}\n'}
FAULTY = "tests.corpus.sandbox.faults"
SLOW = b"\n\n\n"
PATIENCE_SECONDS = 60
FAULTS = {
    "hang": (TooCostly, "longer than the 0 seconds"),
    "spin": (TooCostly, "longer than the 0 seconds"),
    "stop": (TooCostly, "longer than the 0 seconds"),
    "memory": (TooCostly, "more memory"),
    "memory-in-c": (DamagedFile, "Aborted"),
    "crash": (DamagedFile, "Segmentation fault"),
    "killed": (DamagedFile, "Killed"),
    "end": (DamagedFile, "it ended too soon"),
    "fail": (DamagedFile, "ZeroDivisionError: in a library"),
    "recurse": (DamagedFile, "too deep"),
    "open": (DamagedFile, "Too many open files"),
    "babble": (DamagedFile, "The reader crashed"),
}


def limits(content: bytes) -> Limits:
    """Return the usual limits, except for the files that are to meet them."""
    usual = limits_for(content)
    if content == WORDY:
        return usual._replace(answer_bytes=200)
    if content.endswith(SLOW):
        return usual._replace(seconds=0.05, recognition_seconds=0.01)
    return usual


@pytest.fixture(scope="module")
def process() -> Iterator[ReadingProcess]:
    opened = ReadingProcess(limits, FAULTY)
    yield opened
    opened.close()


def read_by(process: ReadingProcess, content: bytes, file: str) -> object:
    read = process.members if tables.is_table(file) else process.extract
    return read(content, file)


def processes(server: str = FAULTY) -> list[psutil.Process]:
    """Return those that read files by ``server``: a browser's may come and go meanwhile."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if server in " ".join(child.cmdline()):
                found.append(child)
    return found


def test_there_is_a_file_of_each_format_to_warm_up_with() -> None:
    warmed = {readers.MEDIA_TYPES[suffix] for suffix in specimens()}
    assert warmed == set(readers.MEDIA_TYPES.values())


@pytest.mark.parametrize("suffix", SPECIMENS)
def test_a_file_is_read_as_it_would_be_here(process: ReadingProcess, suffix: str) -> None:
    content, file = SPECIMENS[suffix], f"note{suffix}"
    inside = f"{file}/" if tables.is_table(file) else file
    assert read_by(process, content, file) == server.read_file(content, inside)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("a.txt", ("Полиция двух стран патрулирует берег реки Мозель.\n" * 3).encode("koi8-r")),
        ("a.txt", ("Η αστυνομία περιπολεί μαζί στις όχθες του ποταμού.\n" * 3).encode("cp1253")),
        ("a.txt", ("警察は毎週川沿いを一緒に巡回している。\n" * 3).encode("shift_jis")),
        (
            "a.html",
            b"<html><head><link rel=canonical href='file:///a'><meta "
            b"property='article:published_time' content='Mon, 14 Dec 2020 10:00:00 GMT'></head>"
            b"<body><p>La police patrouille le long de la Moselle.</p></body></html>",
        ),
        (
            "a.eml",
            b"Date: Mon, 14 Dec 2020 10:00:00 +0100\nSubject: =?koi8-r?B?8M/Mycu=?=\n\nNote.",
        ),
    ],
)
def test_what_libraries_load_late_is_there(
    process: ReadingProcess, file: str, content: bytes
) -> None:
    assert process.extract(content, file) == extract(content, file)


@pytest.mark.parametrize("fault", ["hang", "memory", "crash"])
@pytest.mark.parametrize("suffix", SPECIMENS)
def test_a_reader_that_misbehaves_costs_its_file_only(
    process: ReadingProcess, suffix: str, fault: str
) -> None:
    kind, reason = FAULTS[fault]
    process.extract(NOTE, "before.txt")
    before = {child.pid for child in processes()}
    content = SPECIMENS[suffix] + SLOW * (fault == "hang")
    with pytest.raises(kind, match=reason) as refused:
        read_by(process, content, f"{fault}{suffix}")
    assert str(refused.value).endswith(".")
    after = {child.pid for child in processes()}
    assert len(after) == len(before)
    assert len(after & before) == len(before) - 1, "the child is gone, and another there"
    assert process.extract(NOTE, "next.txt") == extract(NOTE, "next.txt")


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {"hang", "memory", "crash"}))
def test_however_it_misbehaves(process: ReadingProcess, fault: str) -> None:
    kind, reason = FAULTS[fault]
    content = NOTE + SLOW * (kind is TooCostly)
    with pytest.raises(kind, match=reason):
        process.extract(content, f"{fault}.txt")
    assert process.extract(NOTE, "next.txt") == extract(NOTE, "next.txt")


def test_how_far_a_file_is_that_takes_long_is_noted_here(process: ReadingProcess) -> None:
    heard: list[Progress] = []
    with progress.told(heard.append):
        assert process.extract(NOTE, "count.txt") == extract(NOTE, "count.txt")
    assert heard
    assert heard == sorted(heard)


def test_a_refusal_comes_through_as_it_was_raised(process: ReadingProcess) -> None:
    for content, name in [(b"", "a.txt"), (b"%PDF-1.7\n", "a.pdf"), (NOTE, "a.xyz")]:
        with pytest.raises(Refused) as here:
            extract(content, name)
        with pytest.raises(type(here.value)) as apart:
            process.extract(content, name)
        assert str(apart.value) == str(here.value)


def test_an_answer_over_the_limit_is_refused(process: ReadingProcess) -> None:
    with pytest.raises(TooCostly, match="more text"):
        process.extract(WORDY, "a.txt")


def test_a_file_is_read_although_the_processes_were_killed_before_it(
    process: ReadingProcess,
) -> None:
    process.extract(NOTE, "a.txt")
    parent, child = sorted(processes(), key=lambda each: each.create_time())[-2:]
    child.kill()
    assert process.extract(NOTE, "a.txt").language == "fr"
    parent.kill()
    assert process.extract(NOTE, "a.txt").language == "fr"


@pytest.mark.slow
def test_nothing_is_left_when_the_service_is_killed_while_a_file_is_read() -> None:
    service = os.fork()
    if service == 0:
        try:
            ReadingProcess(server=FAULTY).extract(NOTE, "hang.txt")
        finally:
            os._exit(1)
    started = psutil.Process(service)
    left: list[psutil.Process] = []
    end = time.monotonic() + PATIENCE_SECONDS
    while len(left) < 2:
        assert time.monotonic() < end, "no process reads the file"
        time.sleep(0.05)
        left = started.children(recursive=True)
    os.kill(service, signal.SIGKILL)
    os.waitpid(service, 0)
    _, alive = psutil.wait_procs(left, timeout=PATIENCE_SECONDS)
    assert alive == []


def test_a_server_that_does_not_start_is_no_fault_of_the_file() -> None:
    process = ReadingProcess(server="tests.corpus.sandbox.nothing")
    with pytest.raises(ReadingUnavailable):
        process.extract(NOTE, "a.txt")


def test_the_process_takes_nothing_from_its_surroundings_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("socket", "corpus", "lxml", "encodings", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.setenv("PASSERELLE_SECRET", "secret")
    before = set(processes("corpus.sandbox.server"))
    process = ReadingProcess()
    assert process.extract(NOTE, "a.txt").language == "fr"
    parent, child = set(processes("corpus.sandbox.server")) - before
    for each in (parent, child):
        assert not any(name.startswith("PASSERELLE") for name in each.environ())
    process.close()
    assert set(processes("corpus.sandbox.server")) <= before
    assert not (tmp_path / "ran").exists()
