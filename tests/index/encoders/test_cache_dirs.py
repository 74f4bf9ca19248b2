from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from index.encoders import cache_dirs


def _write(folder: Path) -> dict[str, str]:
    (folder / "one").write_bytes(os.urandom(100_000))
    (folder / "more").mkdir()
    (folder / "more" / "two").write_text("2")
    return {"made": "by a test"}


def test_a_folder_holds_what_was_written_and_what_is_known_of_it(tmp_path: Path) -> None:
    cache_dirs.make(tmp_path / "it", _write)
    assert cache_dirs.is_whole(tmp_path / "it", check_hashes=True)
    known = cache_dirs.manifest(tmp_path / "it")
    assert known["made"] == "by a test"
    assert known["files"].keys() == {"one", "more/two"}


def test_a_whole_folder_is_not_made_again(tmp_path: Path) -> None:
    cache_dirs.make(tmp_path / "it", _write)
    before = (tmp_path / "it" / "one").read_bytes()
    cache_dirs.make(tmp_path / "it", _write)
    assert (tmp_path / "it" / "one").read_bytes() == before


@pytest.mark.parametrize("missing", ["one", "more/two", cache_dirs.MANIFEST])
def test_one_that_is_not_whole_is_replaced(tmp_path: Path, missing: str) -> None:
    cache_dirs.make(tmp_path / "it", _write)
    (tmp_path / "it" / missing).unlink()
    assert not cache_dirs.is_whole(tmp_path / "it")
    cache_dirs.make(tmp_path / "it", _write)
    assert cache_dirs.is_whole(tmp_path / "it", check_hashes=True)


def test_what_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(folder: Path) -> dict[str, str]:
        _write(folder)
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        cache_dirs.make(tmp_path / "it", fail)
    assert list(tmp_path.iterdir()) == []


def test_of_many_that_need_the_same_folder_at_once_one_makes_it(tmp_path: Path) -> None:
    barrier, made = threading.Barrier(8), []

    def write(folder: Path) -> dict[str, str]:
        made.append(folder)
        return _write(folder)

    def make() -> None:
        barrier.wait()
        cache_dirs.make(tmp_path / "it", write)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["it"]
    assert cache_dirs.is_whole(tmp_path / "it", check_hashes=True)


def test_where_one_fails_the_next_that_waits_makes_it(tmp_path: Path) -> None:
    barrier = threading.Barrier(2)
    failed: list[Path] = []

    def write(folder: Path) -> dict[str, str]:
        if not failed:
            failed.append(folder)
            raise OSError("full")
        return _write(folder)

    def make() -> None:
        barrier.wait()
        with suppress(OSError):
            cache_dirs.make(tmp_path / "it", write)

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache_dirs.is_whole(tmp_path / "it", check_hashes=True)


def test_what_was_left_half_made_long_ago_is_removed(tmp_path: Path) -> None:
    old, new = tmp_path / "it.unfinished-a", tmp_path / "it.unfinished-b"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (0, 0))
    cache_dirs.make(tmp_path / "it", _write)
    assert not old.exists()
    assert new.exists()
