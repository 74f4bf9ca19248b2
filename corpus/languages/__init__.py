"""What the service knows of each language, one file of data for each: ``<code>.toml``.

``common.toml`` holds what is the same in every language, and what holds where a language is not
known or has nothing of its own; it goes by the code of an unknown language, ``und``.
``docs/languages.md`` says how to add a language.

All words are in lower case and in Unicode's normal form C, as a text is when it is looked up;
those that are patterns are regular expressions, matched whatever the case.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Final, NewType, get_type_hints

from corpus.types import UNKNOWN_LANGUAGE

Pattern = NewType("Pattern", str)
"""A regular expression."""

COMMON: Final = "common"
"""What the file is called that belongs to no language."""

_SUFFIX: Final = ".toml"
_NEVER: Final = r"(?!)"


class BadLanguageFile(ValueError):
    """A file has a key or a value that it should not have; the message names both."""


@dataclass(frozen=True, slots=True)
class Names:
    """The language's name, and what people's names look like in it."""

    english: str = ""
    """What English calls the language."""


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """Words whose full stop does not end a sentence, written without it."""

    titles: tuple[str, ...] = ()
    """A name or number follows these, so their full stop never ends a sentence."""
    before_numbers: tuple[str, ...] = ()
    """After these a sentence may end, but not where a digit follows: "art. 5"."""
    after_ordinals: tuple[str, ...] = ()
    """Words, beside months, that go on a sentence after a number with a full stop:
    "19. Jahrhundert"."""
    split_like: str = ""
    """Code of the language whose rules sentencex takes, where those it would take do not fit."""


@dataclass(frozen=True, slots=True)
class Hyphens:
    """What may stand beside a hyphen that is at a line's end."""

    conjunctions: tuple[str, ...] = ()
    """A word that ends in a hyphen stays as it is before these: "Ein- und Ausfuhr"."""
    clitics: tuple[str, ...] = ()
    """Words that are written behind a hyphen: "dit-elle"."""


@dataclass(frozen=True, slots=True)
class Dates:
    """How dates are written, beside the months' names."""

    everywhere: bool = False
    """The months are read in texts and questions of every language, not in its own only."""
    month_first: bool = False
    """A month may be written before its day."""
    day_endings: tuple[str, ...] = ()
    """What may be written after a day's number: "th"."""
    before_date: tuple[str, ...] = ()
    """Words before a date: "updated *on* 3 May"."""
    before_month: tuple[str, ...] = ()
    """Words between day and month: "3 *de* mayo"."""
    before_year: tuple[str, ...] = ()
    """Words between month and year: "mayo *de* 2020"."""
    published: tuple[str, ...] = ()
    """What a line says before the date of its document: "*published on* 3 May 2021"."""
    weekdays: tuple[str, ...] = ()
    """Full and abbreviated names."""
    begins_places: tuple[str, ...] = ()
    """First words of places' names that are no name by themselves: "*The* Hague"."""
    inside_places: tuple[str, ...] = ()
    """Words inside places' names: "Frankfurt *am* Main"."""


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """Whole lines that belong to the page and not to the document.

    Inside a sentence the same words are the document's.
    """

    lines: tuple[Pattern, ...] = ()
    updated: tuple[Pattern, ...] = ()
    """What goes before the date of the page's last change."""
    shared: tuple[Pattern, ...] = ()
    """Offers to print or share, which may go on with a network's name."""
    on: tuple[str, ...] = ()
    """Words before the network's name: "share *on* Facebook"."""
    networks: tuple[str, ...] = ()
    """Where pages are shared."""


@dataclass(frozen=True, slots=True)
class Publishers:
    """How a line names the publisher."""

    introductions: tuple[Pattern, ...] = ()
    """What goes before the name: "press release by"."""
    articles: tuple[str, ...] = ()
    """Definite articles, which are left out of the name; one with an apostrophe stands right
    before it."""


@dataclass(frozen=True, slots=True)
class ArticleWords:
    """Words before the number of an article of a law; all languages' mean the same."""

    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Files:
    """What programs that speak the language write into files."""

    heading_styles: tuple[str, ...] = ()
    """Beginnings of what word processors call the styles of headings."""
    untitled: tuple[Pattern, ...] = ()
    """Titles of documents that have none."""
    accounts: tuple[str, ...] = ()
    """Authors that are an account's name: "user"."""
    pages: tuple[str, ...] = ()
    """Words before a page's number."""
    short_pages: tuple[str, ...] = ()
    """Letters before a page's number, which count on a line with nothing else only."""
    of: tuple[str, ...] = ()
    """Words between a page's number and how many there are: "page 3 *of* 7"."""
    encoding: str = ""
    """The encoding of files that are not in Unicode, where there is one only."""
    parts: tuple[str, ...] = ()
    """Headings of a document's parts, which are never its title: "table of contents"."""


@dataclass(frozen=True, slots=True)
class Questions:
    """What is typed where a question is asked, and asks nothing."""

    thanks: tuple[str, ...] = ()
    """Whole messages that say thank you, without punctuation."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What turns a sentence round; a sentence that a machine wrote is held against it."""

    negations: tuple[str, ...] = ()
    """Words and phrases that deny, prepositions such as "without" among them."""
    no_negations: tuple[str, ...] = ()
    """Phrases with such a word that deny nothing: "not only"."""
    refusals: tuple[str, ...] = ()
    """Words that say of themselves that something is not so: "forbidden"."""
    number_joiners: tuple[str, ...] = ()
    """What stands between the parts of a number: "vier*und*zwanzig", "treinta *y* cinco"."""


@dataclass(frozen=True, slots=True)
class Places:
    """What places are called."""

    spellings: tuple[str, ...] = ()
    """All that one place is called in any language, between bars: "luik|liège|lüttich". Those that
    are spelt alike, and what the Unicode locale data have, need not be here."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language's file, section by section in this order; any may be left out."""

    names: Names = field(default_factory=Names)
    abbreviations: Abbreviations = field(default_factory=Abbreviations)
    hyphens: Hyphens = field(default_factory=Hyphens)
    months: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """The month's number by its full and abbreviated names, case-folded, without full stop."""
    dates: Dates = field(default_factory=Dates)
    boilerplate: Boilerplate = field(default_factory=Boilerplate)
    publishers: Publishers = field(default_factory=Publishers)
    article_words: ArticleWords = field(default_factory=ArticleWords)
    files: Files = field(default_factory=Files)
    questions: Questions = field(default_factory=Questions)
    claims: Claims = field(default_factory=Claims)
    numbers: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Numbers by their words in any form, the least 2: those up to 20, tens, hundreds, and so on;
    and ordinal numbers up to 12."""
    weekdays: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """The weekday's number, a Monday's 1, by forms of its name that the Unicode locale data do not
    have: "montags"."""
    month_forms: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """The month's number by such forms: "w *czerwcu*"."""
    places: Places = field(default_factory=Places)


_NOTHING: Final = Language()

_NUMBERED: Final = {
    "months": range(1, 13),
    "numbers": range(2, 10**9 + 1),
    "weekdays": range(1, 8),
    "month_forms": range(1, 13),
}
"""The sections that are words by their number, and the numbers there are."""


@cache
def languages() -> Mapping[str, Language]:
    """Return what is known of every language, by its ISO 639-1 code.

    The files are read once, all together (some 30 ms): most who ask need the words of all.
    """
    return read(resources.files(__name__))


def language(code: str) -> Language:
    """Return what is known of a language; nothing of one that has no file."""
    return languages().get(code, _NOTHING)


def words_of_all(words: Callable[[Language], Iterable[str]]) -> tuple[str, ...]:
    """Return the words that ``words`` takes out of each language, each word once."""
    return tuple(dict.fromkeys(word for each in languages().values() for word in words(each)))


def any_of(words: Iterable[str]) -> str:
    """Return the regular expression of any of ``words``, the longest that fits."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return f"(?:{'|'.join(map(re.escape, longest_first))})" if longest_first else _NEVER


def read(folder: Traversable) -> Mapping[str, Language]:
    """Read every language's file in ``folder``.

    Raises:
        BadLanguageFile: one of them is not as it should be.
    """
    found = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(_SUFFIX):
            code = file.name.removesuffix(_SUFFIX)
            found[UNKNOWN_LANGUAGE if code == COMMON else code] = _language(file)
    return MappingProxyType(found)


def _language(file: Traversable) -> Language:
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadLanguageFile(f"{file.name} is no TOML in UTF-8: {error}") from error
    sections: dict[str, Any] = {}
    for name, section in content.items():
        where = f"{file.name}: {name}"
        kind = _types_of(Language).get(name)
        if kind is None:
            raise BadLanguageFile(f"{where} is no section. There are {_listed(Language)}.")
        if not isinstance(section, dict):
            raise BadLanguageFile(f"{where} has to be a section, [{name}].")
        if name in _NUMBERED:
            sections[name] = _numbered(section, where, _NUMBERED[name])
        else:
            sections[name] = _section(kind, section, where)
    return Language(**sections)


def _section(kind: type, section: Mapping[str, object], where: str) -> Any:
    types = _types_of(kind)
    for key in section:
        if key not in types:
            raise BadLanguageFile(f"{where}.{key} is no key. There are {_listed(kind)}.")
    values = {key: _value(types[key], value, f"{where}.{key}") for key, value in section.items()}
    return kind(**values)


def _value(kind: Any, value: object, where: str) -> object:
    if kind in (str, bool):
        if type(value) is not kind:
            raise BadLanguageFile(f"{where} has to be {'a word' if kind is str else 'true'}.")
        return value
    words = _words(value, where)
    if kind == tuple[Pattern, ...]:
        for word in words:
            try:
                re.compile(word)
            except re.error as error:
                raise BadLanguageFile(f"{where}: {word} is no pattern: {error}.") from error
    return words


def _words(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise BadLanguageFile(f'{where} has to be a list of words, ["…", "…"].')
    return tuple(value)


def _numbered(section: Mapping[str, object], where: str, known: range) -> Mapping[str, int]:
    """Return what is a number in ``known`` by its words, from the words by the number."""
    by_word: dict[str, int] = {}
    for key, names in section.items():
        if not (key.isascii() and key.isdecimal() and int(key) in known):
            raise BadLanguageFile(
                f"{where}.{key} is no key. There are {known.start} to {known.stop - 1}."
            )
        for name in _words(names, f"{where}.{key}"):
            if by_word.setdefault(name.casefold(), int(key)) != int(key):
                raise BadLanguageFile(f"{where}.{key}: {name} is another number's already.")
    return MappingProxyType(by_word)


@cache
def _types_of(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _listed(kind: type) -> str:
    return ", ".join(_types_of(kind))
