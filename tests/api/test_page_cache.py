"""Pictures are kept in bounds and for a while, and leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api import page_cache
from api.page_cache import MAX_SECONDS, PageCache


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(tmp_path: Path, clock: Clock) -> Iterator[PageCache]:
    cache = PageCache(tmp_path, clock)
    yield cache
    cache.clear()


def test_what_was_put_is_there_as_often_as_it_is_asked_for(cache: PageCache) -> None:
    cache.put("a", b"picture")
    assert cache.get("a") == cache.get("a") == b"picture"
    assert cache.get("b") is None
    cache.put("a", b"")
    assert cache.get("a") == b""


def test_nothing_of_it_has_a_name_on_the_disk(cache: PageCache, tmp_path: Path) -> None:
    cache.put("a", b"secret" * 10_000)
    assert list(tmp_path.iterdir()) == []


def test_it_is_forgotten_after_its_time(cache: PageCache, clock: Clock) -> None:
    cache.put("a", b"picture")
    clock.now = MAX_SECONDS - 1
    assert cache.get("a") == b"picture"
    clock.now = MAX_SECONDS
    assert cache.get("a") is None
    assert cache.size == 0


def test_it_is_forgotten_after_its_time_though_nobody_asks(cache: PageCache, clock: Clock) -> None:
    cache.put("a", b"picture")
    clock.now = MAX_SECONDS
    cache._on_time()
    assert cache.size == 0


def test_of_too_many_those_go_that_nobody_asked_for(
    cache: PageCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_cache, "MAX_PICTURES", 2)
    for key in "ab":
        cache.put(key, b"picture")
    cache.get("a")
    cache.put("c", b"picture")
    assert [cache.get(key) for key in "abc"] == [b"picture", None, b"picture"]


def test_where_there_is_no_room_nothing_is_kept_and_nothing_breaks(tmp_path: Path) -> None:
    cache = PageCache(tmp_path / "nowhere")
    cache.put("a", b"picture")
    assert cache.get("a") is None


@settings(max_examples=25)
@given(sizes=st.lists(st.integers(0, 70), max_size=20))
def test_the_bytes_stay_in_bounds(
    sizes: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_cache, "MAX_BYTES", 64)
        cache = PageCache(tmp_path_factory.getbasetemp())
        for key, size in enumerate(sizes):
            cache.put(key, bytes(size))
            assert cache.size <= 64
        cache.clear()
