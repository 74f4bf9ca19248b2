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
    assert all(most > least for least, most in zip(small, large, strict=True))
