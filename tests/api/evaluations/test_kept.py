from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.evaluations import kept
from api.evaluations.kept import FILE_NAME, Evaluation, Share, keep
from corpus.errors import CatalogueError

MADE = datetime(2026, 11, 29, 8, 40, tzinfo=UTC)
WHOLE = Evaluation(
    MADE, "e5 (3c)", 7, 40, 2, Share(0.75, 0.6, 0.9), Share(0.9, 0.8, 1.0), 0.95, 0.05
)
BARE = Evaluation(MADE, "e5 (3c)", 7, 3, 0, None, None, 1.0, None)


def test_what_is_kept_comes_back_newest_first(tmp_path: Path) -> None:
    assert kept.kept(tmp_path) == []
    assert not list(tmp_path.iterdir())
    keep(tmp_path, WHOLE)
    keep(tmp_path, BARE)
    assert kept.kept(tmp_path) == [BARE, WHOLE]
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_the_oldest_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MAX_KEPT", 2)
    for days in range(3):
        keep(tmp_path, WHOLE._replace(made=MADE + timedelta(days)))
    assert [each.made.day for each in kept.kept(tmp_path)] == [1, 30]


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="data folder"):
        keep(tmp_path / "none", WHOLE)
