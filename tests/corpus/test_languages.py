from __future__ import annotations

import subprocess
import sys
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import corpus.languages
from corpus.languages import COMMON, BadLanguageFile, Language, any_of, language, languages, read
from corpus.text.boilerplate import _boilerplate, is_boilerplate
from corpus.text.dates import months_of
from corpus.text.sentences import sentences
from corpus.types import UNKNOWN_LANGUAGE
from tests.corpus.text.months import english_name

FOLDER = Path(corpus.languages.__file__).parent
FILES = sorted(FOLDER.glob("*.toml"))
INVENTED = """\
[names]
english = "Invented"

[abbreviations]
titles = ["zor"]

[months]
5 = ["blim", "blimbel"]

[boilerplate]
lines = ["flim (?:flam|flum)"]
"""


def contents() -> Iterator[tuple[str, dict[str, dict[str, Any]]]]:
    for file in FILES:
        yield file.stem, tomllib.loads(file.read_text("utf-8"))


def lists() -> Iterator[tuple[str, list[str]]]:
    for code, content in contents():
        for section, keys in content.items():
            for key, value in keys.items():
                if isinstance(value, list):
                    yield f"{code}: {section}.{key}", value


def test_every_file_is_read() -> None:
    expected = {UNKNOWN_LANGUAGE if file.stem == COMMON else file.stem for file in FILES}
    assert set(languages()) == expected
    assert {"en", "fr", "de", "nl", "lb"} < expected
    assert languages() is languages()


def test_every_file_says_whose_it_is() -> None:
    named = {code: each.names.english for code, each in languages().items()}
    assert named.pop(UNKNOWN_LANGUAGE) == ""
    assert named == {code: english_name(code) for code in named}


def test_words_are_written_as_they_are_looked_up() -> None:
    for where, words in lists():
        for word in words:
            assert word == word.lower(), (where, word)
            assert word == unicodedata.normalize("NFC", word), (where, word)
            assert word == " ".join(word.split()), (where, word)


def test_nothing_is_listed_twice() -> None:
    for where, words in lists():
        assert len(words) == len(set(words)), where
        assert words, where


def test_sections_and_keys_come_in_the_same_order_everywhere() -> None:
    order = [field.name for field in fields(Language)]
    for code, content in contents():
        assert list(content) == sorted(content, key=order.index), code
        for section, keys in content.items():
            assert keys, (code, section)
            kind = getattr(Language(), section)
            if is_dataclass(kind):
                known = [field.name for field in fields(kind)]
                assert list(keys) == sorted(keys, key=known.index), (code, section)
            else:
                assert list(keys) == sorted(keys, key=int), (code, section)


@pytest.mark.parametrize("code", ["xx", "", "../fr", COMMON])
def test_of_a_language_without_a_file_nothing_is_known(code: str) -> None:
    assert language(code) == Language()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[month]\n", "qaa.toml: month is no section"),
        ("names = 3\n", "qaa.toml: names has to be a section"),
        ("[names]\nfrench = 'x'\n", "qaa.toml: names.french is no key"),
        ("[names]\nenglish = 3\n", "qaa.toml: names.english has to be a word"),
        ("[dates]\neverywhere = 1\n", "qaa.toml: dates.everywhere has to be true"),
        (
            "[article_words]\nwords = 'two, three'\n",
            "qaa.toml: article_words.words has to be a list",
        ),
        ("[article_words]\nwords = ['two', 3]\n", "qaa.toml: article_words.words has to be a list"),
        ("[article_words]\nwords = ['']\n", "qaa.toml: article_words.words has to be a list"),
        ("[months]\n13 = ['x']\n", "qaa.toml: months.13 is no key"),
        ("[months]\n1 = ['x']\n2 = ['X']\n", "qaa.toml: months.2: X is another number's already"),
        ("[boilerplate]\nlines = ['(']\n", "qaa.toml: boilerplate.lines: ( is no pattern"),
        ("[names\n", "qaa.toml is no TOML"),
    ],
)
def test_a_bad_file_is_refused_by_its_name_and_key(
    tmp_path: Path, content: str, message: str
) -> None:
    (tmp_path / "qaa.toml").write_text(content, "utf-8")
    with pytest.raises(BadLanguageFile) as refusal:
        read(tmp_path)
    assert str(refusal.value).startswith(message)


@pytest.fixture
def invented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A language that is one more file beside the others; for private use, so no other's code."""
    for file in FILES:
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "qaa.toml").write_text(INVENTED, "utf-8")
    monkeypatch.setattr(
        corpus.languages, "resources", SimpleNamespace(files=lambda package: tmp_path)
    )
    caches = (languages, _boilerplate)
    for cached in caches:
        cached.cache_clear()
    yield "qaa"
    for cached in caches:
        cached.cache_clear()


def test_a_language_is_added_by_one_file(invented: str) -> None:
    assert months_of(invented) == {"blim": 5, "blimbel": 5}
    assert is_boilerplate("Flim flum")
    text = "Flor zor. Blan vin. Flor blin."
    assert [text[start:end] for start, end in sentences(text, invented)] == [
        "Flor zor. Blan vin.",
        "Flor blin.",
    ]


def test_the_longest_word_is_taken() -> None:
    assert any_of(["jui", "juin", "a.m"]) == r"(?:juin|a\.m|jui)"
    assert any_of([]) == r"(?!)"


def test_help_needs_no_language() -> None:
    code = (
        "import sys\n"
        "from api.cli.main import main\n"
        "main(['--help'], standalone_mode=False)\n"
        "sys.exit('corpus.languages' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL).returncode == 0
