"""The audit log: every line is bound to the one before, and what was done to it shows."""

from __future__ import annotations

import fcntl
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from api.audit import chain, log
from api.audit.chain import Actor, Deed, Record
from api.audit.log import AuditLog
from corpus.errors import InUse

WHO = Actor("3f9c5e0a71b2", "Reading room")


def written(folder: Path, lines: int = 8) -> AuditLog:
    audit = AuditLog(folder)
    for number in range(lines):
        audit.note(WHO, Deed.READ_ORIGINAL, document=f"d-{number}")
    return audit


def lines_in(folder: Path) -> list[bytes]:
    return b"".join(path.read_bytes() for path in chain.files_in(folder)).splitlines(keepends=True)


def only_file(folder: Path) -> Path:
    (path,) = chain.files_in(folder)
    return path


def test_a_line_says_who_did_what_to_what_and_when(tmp_path: Path) -> None:
    AuditLog(tmp_path).note(WHO, Deed.DELETED, document="d-1", collection="press")
    (record,) = AuditLog(tmp_path).records()
    assert record == Record(
        number=1,
        time=record.time,
        key="3f9c5e0a71b2",
        name="Reading room",
        deed=Deed.DELETED,
        on={"document": "d-1", "collection": "press"},
    )
    assert record.time.endswith("+00:00")


def test_its_files_are_their_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        written(tmp_path)
    finally:
        os.umask(before)
    files = [*chain.files_in(tmp_path), tmp_path / chain.HEAD_NAME]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_log_that_nobody_touched_is_sound(tmp_path: Path) -> None:
    found = written(tmp_path).verified()
    assert (found.first, found.last, found.fault) == (1, 8, None)
    assert found.sha256.encode() in lines_in(tmp_path)[-1]


def test_an_empty_folder_has_a_sound_log(tmp_path: Path) -> None:
    assert AuditLog(tmp_path).verified() == (0, 0, chain.BEGINNING, None)


def test_a_log_that_is_switched_off_writes_nothing(tmp_path: Path) -> None:
    AuditLog(tmp_path, is_on=False).note(WHO, Deed.DELETED, document="d-1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("position", range(8))
def test_a_line_that_was_altered_is_found(tmp_path: Path, position: int) -> None:
    audit = written(tmp_path)
    lines = lines_in(tmp_path)
    lines[position] = lines[position].replace(b"Reading", b"Writing")
    only_file(tmp_path).write_bytes(b"".join(lines))
    fault = audit.verified().fault
    assert fault is not None
    assert fault.line == position + 1


@pytest.mark.parametrize("position", range(8))
def test_a_line_that_was_removed_is_found(tmp_path: Path, position: int) -> None:
    audit = written(tmp_path)
    lines = lines_in(tmp_path)
    del lines[position]
    only_file(tmp_path).write_bytes(b"".join(lines))
    fault = audit.verified().fault
    assert fault is not None
    assert fault.line == position + 1


@pytest.mark.parametrize("position", range(7))
def test_lines_that_changed_places_are_found(tmp_path: Path, position: int) -> None:
    audit = written(tmp_path)
    lines = lines_in(tmp_path)
    lines[position : position + 2] = reversed(lines[position : position + 2])
    only_file(tmp_path).write_bytes(b"".join(lines))
    fault = audit.verified().fault
    assert fault is not None
    assert fault.line == position + 1


def test_a_line_that_was_put_in_or_said_twice_is_found(tmp_path: Path) -> None:
    audit = written(tmp_path)
    lines = lines_in(tmp_path)
    forged, _ = chain.line_of(Record(4, "now", "", "nobody", Deed.DELETED), lines[2][:64].decode())
    for put_in in (forged, lines[2]):
        only_file(tmp_path).write_bytes(b"".join([*lines[:3], put_in, *lines[3:]]))
        fault = audit.verified().fault
        assert fault is not None
        assert fault.line in (4, 5)


def test_wherever_the_file_is_cut_off_that_is_found(tmp_path: Path) -> None:
    audit = written(tmp_path, 3)
    content = only_file(tmp_path).read_bytes()
    for size in range(0, len(content), 7):
        only_file(tmp_path).write_bytes(content[:size])
        fault = audit.verified().fault
        assert fault is not None
        assert fault.line == content[:size].count(b"\n") + 1


def test_a_file_or_a_head_that_is_gone_is_found(tmp_path: Path) -> None:
    audit = written(tmp_path)
    head = (tmp_path / chain.HEAD_NAME).read_bytes()
    (tmp_path / chain.HEAD_NAME).unlink()
    assert audit.verified().fault is not None
    (tmp_path / chain.HEAD_NAME).write_bytes(head)
    assert audit.verified().fault is None
    only_file(tmp_path).unlink()
    assert audit.verified().fault is not None


def add(file: Path, content: bytes) -> None:
    file.write_bytes(file.read_bytes() + content)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut off": lambda folder: os.truncate(only_file(folder), 500),
    "removed": lambda folder: only_file(folder).unlink(),
    "without its head": lambda folder: (folder / chain.HEAD_NAME).unlink(),
    "with an altered head": lambda folder: (folder / chain.HEAD_NAME).write_text("x"),
    "with lines of another's": lambda folder: add(only_file(folder), b"forged\n"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_after_damage_it_goes_on_and_the_damage_still_shows(tmp_path: Path, damage: str) -> None:
    audit = written(tmp_path)
    DAMAGE[damage](tmp_path)
    audit.note(WHO, Deed.DELETED, document="d-later")
    audit.note(WHO, Deed.DELETED, document="d-last")
    assert audit.verified().fault is not None
    assert [each.on.get("document") for each in audit.records()][-2:] == ["d-later", "d-last"]


def test_a_hash_that_was_noted_elsewhere_tells_a_chain_that_was_made_anew(tmp_path: Path) -> None:
    audit = written(tmp_path)
    noted = audit.verified().sha256
    audit.note(WHO, Deed.DELETED, document="d-1")
    assert audit.verified(noted).fault is None
    for path in tmp_path.iterdir():
        path.unlink()
    written(tmp_path, 9)
    assert audit.verified().fault is None
    assert audit.verified(noted).fault is not None


def test_it_goes_on_in_another_file_and_the_chain_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MAX_FILE_BYTES", 1000)
    audit = written(tmp_path, 30)
    files = chain.files_in(tmp_path)
    assert len(files) > 3
    assert max(path.stat().st_size for path in files) < 1500
    assert audit.verified().fault is None
    documents = [each.on["document"] for each in audit.records() if each.deed != Deed.ROTATED]
    assert documents == [f"d-{number}" for number in range(30)]

    middle = files[1].read_bytes()
    files[1].unlink()
    assert audit.verified().fault is not None
    files[1].write_bytes(middle)
    files[0].unlink()  # the operator may take away the oldest
    found = audit.verified()
    assert found.fault is None
    assert found.first > 1
    files[-1].unlink()
    assert audit.verified().fault is not None


def test_ended_amid_a_line_that_is_cut_off_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MAX_FILE_BYTES", 1000)
    audit, mended = written(tmp_path), 0
    path = chain.files_in(tmp_path)[-1]
    whole, _ = chain.line_of(Record(99, "now", "", "", Deed.DELETED), "0" * 64)
    for size in range(1, len(whole), 7):  # as much of the next line as the process had written
        with path.open("ab") as file:
            file.write(whole[:size])
        before = [each for each in audit.records() if each.deed == Deed.READ_ORIGINAL]
        assert audit.verified().fault is not None
        AuditLog(tmp_path).mend()
        mended += 1
        assert audit.verified().fault is None
        assert [each for each in audit.records() if each.deed == Deed.READ_ORIGINAL] == before
        path = chain.files_in(tmp_path)[-1]
    assert [each.deed for each in audit.records()].count(Deed.MENDED) == mended


def test_a_line_whose_process_was_ended_before_it_noted_so_stays(tmp_path: Path) -> None:
    audit = written(tmp_path)
    head = (tmp_path / chain.HEAD_NAME).read_bytes()
    audit.note(WHO, Deed.DELETED, document="d-1")
    (tmp_path / chain.HEAD_NAME).write_bytes(head)
    audit.mend()
    audit.note(WHO, Deed.DELETED, document="d-2")
    found = audit.verified()
    assert (found.last, found.fault) == (10, None)


def test_a_rotation_that_was_cut_off_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = written(tmp_path)
    (tmp_path / chain.name_of(9)).write_bytes(b"half a li")
    monkeypatch.setattr(log, "MAX_FILE_BYTES", 1)
    audit.note(WHO, Deed.DELETED, document="d-1")
    assert audit.verified().fault is None
    assert len(chain.files_in(tmp_path)) == 2


def test_many_write_at_once_and_the_chain_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "WAIT_SECONDS", 60.0)
    threads = [threading.Thread(target=written, args=(tmp_path, 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = AuditLog(tmp_path).verified()
    assert (found.last, found.fault) == (40, None)


def test_who_keeps_it_locked_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "WAIT_SECONDS", 0.0)
    audit = written(tmp_path)
    with (tmp_path / chain.HEAD_NAME).open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(InUse):
            audit.note(WHO, Deed.DELETED, document="d-1")
    audit.note(WHO, Deed.DELETED, document="d-1")
    assert audit.verified().fault is None


def test_a_line_is_bounded_however_long_a_name_is(tmp_path: Path) -> None:
    AuditLog(tmp_path).note(Actor("3f9c5e0a71b2", "x" * 10**6), Deed.SIGNED_IN)
    assert only_file(tmp_path).stat().st_size < 1000
