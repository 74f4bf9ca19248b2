from __future__ import annotations

import pytest

from corpus.sandbox.limits import MIB, limits_for


def test_a_small_file_may_take_little_time_unless_its_text_is_packed() -> None:
    assert limits_for(b"![" * 100).seconds == 10
    assert limits_for(bytes(MIB // 2)).seconds == 40
    assert limits_for(b"PK" + bytes(100)).seconds == 60
    assert limits_for(b"%PDF-1.7" + bytes(100)).seconds == 60


@pytest.mark.parametrize("begin", [b"a", b"PK", b"%PDF"])
def test_more_is_allowed_as_a_file_grows(begin: bytes) -> None:
    small, large = limits_for(begin), limits_for(begin + bytes(8 * MIB))
    assert all(most > least for least, most in zip(small, large, strict=True) if most)
    assert large.waiting_seconds > small.waiting_seconds


def test_time_to_recognise_words_is_allowed_where_there_may_be_pictures() -> None:
    begins = (b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
    assert [limits_for(begin).recognition_seconds // 1 for begin in begins] == [120] * 5
    assert limits_for(b"%PDF-1.7" + bytes(60 * MIB)).recognition_seconds == 1_800
    assert limits_for(b"PK").recognition_seconds == limits_for(b"a").recognition_seconds == 0
