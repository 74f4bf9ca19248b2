"""Which paragraphs are worth learning from."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from corpus.text.language_id import language_of
from training.types import PIVOT, Paragraph

MIN_LENGTH = 50
"""Characters of the English text: under it are labels and headings."""

MAX_LENGTH = 350
"""Characters of a text in any language: a passage's worth, which keeps the batches small."""

_RATIO = (0.5, 2.0)
_RATIO_OF_DENSE_SCRIPTS = (0.15, 0.9)  # a Chinese text has a third of the English one's characters
_DENSE_SCRIPTS = frozenset({"ja", "ko", "zh"})

_MENU_PATH = re.compile(
    r"[▸▶→⇒]|\S > \S"  # File > Save
    r"|\w [-–] [^-–.]{2,40} [-–] \w"  # Tools - Options - View
    r"|^(?:Choose|Open|Select|Menu|Go to|In the)\b[^.]* [-–] [A-Z]"  # Choose Edit - Find.
)
_CODE = re.compile(
    r"[{}<>\\|=_$^`~]|%[a-z0-9(]|&\w+;"  # operators, place-holders, file names
    r"|\w\((?!s\))|(?:^|\s)--?\w|\w::|(?:^|\s)[/#@]\w|\w/\w+/|://|www\."  # calls, addresses
)
_MARKUP = re.compile(r"[{}|\\$]|\w/\w+/|://")  # what a translation alone may have
_SENTENCE = re.compile(r"[A-Z“\"'(].*[.!?:][)”\"']?$", re.DOTALL)
_NUMBER = re.compile(r"\d+")
_MIN_WORDS = 7
_ORNAMENT = re.compile(r"^[\d.]+\s+|\s*¶$")  # a section's number, the sign for its address
_MIN_HEADING_WORDS = 3  # "Overview" and "Related topics" ask for nothing
_MIN_LETTERS = 0.75  # of all characters but spaces
_COPIED = 0.8  # share of a translation's words that are in the English text: it is that text
_SUSPECT = 0.3  # ... from which it is worth asking what language it is


def clean(paragraphs: Iterable[Paragraph]) -> Iterator[Paragraph]:
    """Leave out what is no prose, not translated or there already, text by text.

    A paragraph stays as long as a second language does; one that goes takes no other's place.
    """
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for paragraph in paragraphs:
        english = paragraph.texts.get(PIVOT, "")
        if not is_prose(english) or letters_of(english) in seen[PIVOT]:
            continue
        texts = {
            language: text
            for language, text in paragraph.texts.items()
            if language == PIVOT
            or (is_translation(text, language, english) and _is_new(text, seen[language]))
        }
        if len(texts) > 1:
            seen[PIVOT].add(letters_of(english))
            headings = _headings(paragraph.headings, texts)
            yield paragraph._replace(texts=texts, headings=headings)


def is_prose(english: str) -> bool:
    """Tell whole sentences from labels, menu paths, code and what is too short or too long."""
    return (
        MIN_LENGTH <= len(english) <= MAX_LENGTH
        and _SENTENCE.match(english) is not None
        and len(english.split()) >= _MIN_WORDS
        and _share_of_letters(english) >= _MIN_LETTERS
        and not _MENU_PATH.search(english)
        and not _CODE.search(english)
    )


def is_translation(text: str, language: str, english: str) -> bool:
    """Tell whether ``text`` can be what ``english`` says in ``language``."""
    shortest, longest = _RATIO_OF_DENSE_SCRIPTS if language in _DENSE_SCRIPTS else _RATIO
    return (
        len(text) <= MAX_LENGTH
        and shortest <= len(text) / len(english) <= longest
        and _agree_on_numbers(text, english)
        and not _is_english(text, english)
        and not _MARKUP.search(text)
    )


def _headings(headings: Mapping[str, str], texts: Collection[str]) -> dict[str, str]:
    """Return those that could be asked for, in the languages of the texts; none without English."""
    bare = {
        language: _ORNAMENT.sub("", heading)
        for language, heading in headings.items()
        if language in texts
    }
    english = bare.get(PIVOT, "")
    if len(english.split()) < _MIN_HEADING_WORDS or _CODE.search(english):
        return {}
    return {
        language: heading
        for language, heading in bare.items()
        if heading
        and len(heading) <= MAX_LENGTH
        and (language == PIVOT or not _is_english(heading, english))
    }


def counts(paragraphs: Iterable[Paragraph]) -> dict[str, int]:
    """Return how many texts there are in each language, most first."""
    found: defaultdict[str, int] = defaultdict(int)
    for paragraph in paragraphs:
        for language in paragraph.texts:
            found[language] += 1
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def letters_of(text: str) -> str:
    """Return what two texts share that differ in numbers, case and punctuation only."""
    return "".join(filter(str.isalpha, text.casefold()))


def _is_new(text: str, seen: set[str]) -> bool:
    """Tell whether no text with the same letters was seen, and remember this one.

    "Step 1 of 3" and "Step 2 of 3" teach the same.
    """
    letters = letters_of(text)
    new = letters not in seen
    seen.add(letters)
    return new


def _share_of_letters(text: str) -> float:
    dense = "".join(text.split())
    return sum(map(str.isalpha, dense)) / max(len(dense), 1)


def _agree_on_numbers(text: str, english: str) -> bool:
    """A different set of numbers is the sign of a translation that is of another text."""
    ours, theirs = _numbers(text), _numbers(english)
    return len(ours & theirs) * 2 >= len(ours | theirs)


def _numbers(text: str) -> set[int]:
    # One-digit numbers are often spelt out.
    return {int(number) for number in _NUMBER.findall(text) if len(number) > 1}


def _is_english(text: str, english: str) -> bool:
    words = _words(text)
    common = len(words & _words(english)) / max(len(words), 1)
    if common < _SUSPECT:
        return False
    return common >= _COPIED or language_of(text) == PIVOT


def _words(text: str) -> set[str]:
    return {
        word
        for word in re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold())
        if not word.isdigit()
    }
