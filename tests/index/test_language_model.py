"""What languages are told by is the same out of the cache as out of its package."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.text import language_id
from index.encoders import cache_dirs
from index.encoders.background_texts import background_texts
from index.language_model import prepare_languages


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Load it anew in each test, and leave what the package has to the tests after it."""
    language_id._identifier.cache_clear()
    yield
    language_id._unpacked.clear()
    language_id._identifier.cache_clear()


TEXTS = [text.passage for text in background_texts()]


def ranked() -> list[list[tuple[str, float]]]:
    return [language_id._identifier().rank(text) for text in TEXTS]


def folder_in(cache: Path) -> Path:
    (folder,) = (cache / "languages").iterdir()
    return folder


def test_each_language_is_as_likely_out_of_the_cache(tmp_path: Path) -> None:
    packed = ranked()
    language_id._identifier.cache_clear()
    prepare_languages(tmp_path)
    assert language_id._unpacked == [folder_in(tmp_path)]
    assert ranked() == packed


def test_what_was_changed_in_the_cache_is_made_again(tmp_path: Path) -> None:
    prepare_languages(tmp_path)
    told = [language_id.language_of(text) for text in TEXTS]
    folder = folder_in(tmp_path)
    with (folder / "nb_pc.npy").open("r+b") as file:
        file.seek(200)
        file.write(b"\xff\xff\xff\x7f")
    language_id._identifier.cache_clear()
    prepare_languages(tmp_path)
    assert cache_dirs.is_whole(folder, check_hashes=True)
    assert [language_id.language_of(text) for text in TEXTS] == told


def test_a_cache_that_cannot_be_written_leaves_the_package(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "languages").write_text("a file")
    prepare_languages(tmp_path)
    assert language_id._unpacked == []
    assert language_id.language_of("Wann beginnt die Schule in diesem Jahr?") == "de"
    assert "Each start takes longer" in caplog.text
