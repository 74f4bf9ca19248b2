"""The room that is given up on a full disk; ``tests.robustness.test_full_disk`` has real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import DiskFull
from corpus.store import reserve


def test_a_change_is_made_in_the_room_that_another_one_gave_up_meanwhile(tmp_path: Path) -> None:
    assert reserve.keep(tmp_path)
    tried: list[bool] = []

    def change() -> str:
        tried.append(reserve.is_kept(tmp_path))
        if tried == [True]:
            (tmp_path / reserve.FILE_NAME).unlink()
            raise DiskFull("The disk is full.")
        return "made"

    assert reserve.on_reserve(tmp_path, change) == "made"
    assert tried == [True, False]


def test_a_change_for_which_there_is_no_room_either_way_is_refused(tmp_path: Path) -> None:
    assert reserve.keep(tmp_path)

    def change() -> None:
        raise DiskFull("The disk is full.")

    with pytest.raises(DiskFull):
        reserve.on_reserve(tmp_path, change)
    assert not reserve.is_kept(tmp_path)
