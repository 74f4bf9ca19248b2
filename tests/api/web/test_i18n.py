from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from api.web import i18n
from api.web.i18n import (
    LANGUAGES,
    choose,
    counted,
    date_in_words,
    language_in_sentence,
    language_name,
    locale_of,
    number_in_words,
    texts,
)
from corpus import errors
from corpus.errors import Refused
from corpus.types import LeftOutReason

FORM = re.compile(r"_(?:zero|one|two|few|many|other|\d+)$")
"""What the key of a plural form ends with."""

COUNTED = {FORM.sub("", key) for key in texts("en") if key.endswith("_one")}
"""Texts for a number of things."""


def plain(key: str) -> str:
    """Return a text's key without its plural form, if it has one."""
    stem = FORM.sub("", key)
    return stem if stem in COUNTED else key


def places(text: str) -> set[str]:
    return set(re.findall(r"\{\w*\}", text))


def test_every_catalogue_in_the_folder_is_a_language_of_the_interface() -> None:
    folder = Path(i18n.__file__).parent / "texts"
    assert LANGUAGES[0] == "en"
    assert {f"{code}.json" for code in LANGUAGES} == {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts_in_the_same_order(language: str) -> None:
    every = texts(language)
    assert list(dict.fromkeys(map(plain, every))) == list(dict.fromkeys(map(plain, texts("en"))))
    assert all(every[key].strip() == every[key] and every[key] for key in every)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_stands_twice_in_a_catalogue(language: str) -> None:
    path = Path(i18n.__file__).parent / "texts" / f"{language}.json"
    keys = re.findall(r'^  "(\w+)":', path.read_text("utf-8"), re.MULTILINE)
    assert keys == list(texts(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_use_typographic_apostrophes_and_no_markup(language: str) -> None:
    every = texts(language)
    assert not [key for key in every if re.search(r"['\"<>&]", every[key])]


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_no_sentence_was_left_in_english(language: str) -> None:
    english, every = texts("en"), texts(language)
    same = [key for key in every if key in english and every[key] == english[key]]
    # "{count} passages" and "Text" are the same in French.
    assert [key for key in same if " " in every[key] and plain(key) == key] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_fills_in_the_same_places(language: str) -> None:
    english, every = texts("en"), texts(language)
    for key in every:
        if plain(key) == key:
            assert places(every[key]) == places(english[key]), key
        else:
            wanted = places(english[f"{plain(key)}_other"])
            if key.endswith(("_one", "_1")):
                assert places(every[key]) | {"{count}"} == wanted, key
            else:
                assert places(every[key]) == wanted, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_has_its_plural_form_and_none_but_one_is_left_unsaid(language: str) -> None:
    needed = {locale_of(language).plural_form(number) for number in range(2, 125)}
    for key in COUNTED:
        said = {form.removeprefix(f"{key}_") for form in texts(language) if plain(form) == key}
        assert needed <= said, "CLDR's categories of whole numbers below a million"
        for number in (*range(23), 101, 112, 1_000_000):
            assert number == 1 or "{count}" in counted(key, number, language), (key, number)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_takes_the_ways_of_a_region_where_its_language_is_spoken(language: str) -> None:
    assert locale_of(language).language == language


def test_every_text_is_shown_somewhere() -> None:
    templates = Path(i18n.__file__).parent / "templates"
    shown = "".join(path.read_text("utf-8") for path in templates.iterdir())
    for module in ("citation_formats.py", "i18n.py", "job_page.py", "page.py"):
        shown += (Path(i18n.__file__).parent / module).read_text("utf-8")
    for module in ("model.py", "pages.py", "printed.py"):
        shown += (Path(i18n.__file__).parents[1] / "routes" / module).read_text("utf-8")
    for key in texts("en"):
        kinds = (
            "allows|ended|from|left_out|not_translated|not_written|outcome|refused|sign_in|stays"
            "|source|wrong"
        )
        by_case = "|".join(f"(?<=^{kind})_.*" for kind in kinds.split("|"))
        stem = re.sub(rf"_\d+(_title)?$|{by_case}", "", plain(key))
        assert re.search(rf"\b{stem}(\b|_)", shown), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_and_everything_left_out_has_its_words(language: str) -> None:
    every = set(texts(language))
    kinds = {each.__name__ for each in vars(errors).values() if _is_refusal(each)}
    assert {f"refused_{kind}" for kind in kinds} <= every
    assert {f"left_out_{reason}" for reason in LeftOutReason} <= every


def _is_refusal(each: object) -> bool:
    return isinstance(each, type) and issubclass(each, Refused) and each is not Refused


@pytest.mark.parametrize(
    ("asked", "accepted", "chosen"),
    [
        (None, "", "en"),
        (None, "nl", "nl"),
        (None, "lb-LU, fr;q=0.9", "lb"),
        (None, "sv-SE, de;q=0.8, fr;q=0.9", "fr"),
        (None, "fr;q=0, de;q=0.1", "de"),
        (None, "FR-be", "fr"),
        (None, "pt-BR, es;q=0.9", "pt"),
        (None, "*", "en"),
        (None, "fr;q=much, ,;;=,nl;q=0.2", "nl"),
        (None, "fr;Q=0.1, de ; q=0.5", "de"),
        (None, "fr;q=nan, nl;q=inf, de;q=2, lb;q=1.", "lb"),
        (None, "zz, de-CH-1996;q=0.1", "de"),
        (None, "fr, nl", "fr"),
        (None, "no, en-US;q=0, *;q=0.1", "en"),
        (None, f"fr{' ' * 60_000};, de", "de"),
        ("de", "fr", "de"),
        ("xx", "fr", "fr"),
        ("", "fr", "fr"),
    ],
)
def test_the_language_is_the_one_asked_for_or_the_best_accepted(
    asked: str | None, accepted: str, chosen: str
) -> None:
    assert choose(asked, accepted) == chosen


def test_languages_have_names_in_the_interfaces_languages() -> None:
    codes = ("en", "fr", "nl", "de", "lb")
    assert [language_name("nl", code) for code in codes] == [
        "Dutch", "Néerlandais", "Nederlands", "Niederländisch", "Hollännesch",
    ]  # fmt: skip
    assert [language_in_sentence("nl", code) for code in codes] == [
        "Dutch", "néerlandais", "Nederlands", "Niederländisch", "Hollännesch",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["0 documents", "One document", "2 documents", "21 documents", "1000000 documents"]),
        ("fr", ["0 document", "Un document", "2 documents", "21 documents", "1000000 documents"]),
        (
            "pl",
            [
                "0 dokumentów",
                "Jeden dokument",
                "2 dokumenty",
                "21 dokumentów",
                "1000000 dokumentów",
            ],
        ),
    ],
)
def test_things_are_counted_as_the_language_does(language: str, said: list[str]) -> None:
    numbers = (0, 1, 2, 21, 1_000_000)
    found = [counted("documents", each, language).format(count=each) for each in numbers]
    assert found == said


def test_numbers_are_grouped_as_the_language_does() -> None:
    assert [number_in_words(1234567, code) for code in ("en", "fr", "de", "pt")] == [
        "1,234,567", "1\u202f234\u202f567", "1.234.567", "1\u00a0234\u00a0567",
    ]  # fmt: skip


def test_a_language_without_a_name_is_shown_by_its_code() -> None:
    assert language_name("qqq", "fr") == "qqq"


def test_the_first_of_a_month_is_an_ordinal_where_it_is_one() -> None:
    assert date_in_words(date(2025, 1, 1), "fr") == "1er janvier 2025"
    assert date_in_words(date(2025, 1, 11), "fr") == "11 janvier 2025"
    assert date_in_words(date(2025, 1, 1), "it") == "1º gennaio 2025"
    assert date_in_words(date(2025, 1, 1), "es") == "1 de enero de 2025"


def test_dates_are_written_as_the_language_does() -> None:
    day = date(2018, 7, 3)
    assert {code: date_in_words(day, code) for code in LANGUAGES} == {
        "en": "3 July 2018", "fr": "3 juillet 2018", "nl": "3 juli 2018", "de": "3. Juli 2018",
        "lb": "3. Juli 2018", "es": "3 de julio de 2018", "it": "3 luglio 2018",
        "pl": "3 lipca 2018", "pt": "3 de julho de 2018",
    }  # fmt: skip
