"""What the properties of PDF and office files are worth: programs fill them in too."""

from __future__ import annotations

import re
from functools import cache

from corpus.languages import any_of, words_of_all

_SOFTWARE = (
    r"microsoft|adobe|acrobat|libreoffice|openoffice|pdf|word|excel|powerpoint|latex"
    r"|python-docx|python-pptx|openpyxl|xlsxwriter|fpdf|canon|scanner|windows|anonymous|unspecified"
)
_FILE_NAME = (
    r"microsoft (?:word|powerpoint|excel)\b.*"
    r"|.*\.(?:docx?|pdf|rtf|od[tsp]|indd|qxd|txt|pptx?|xlsx?|dvi|e?ps|tex|ai|svg|html?|md|epub)"
    r"|[\w.-]*(?:/[\w.-]+){2,}"  # its path
    r"|(?-i:[a-z\d]+(?:[-_][a-z\d]+)+)"  # a name without spaces: "developers-reference"
)


def meaningful_title(stated: str) -> str | None:
    """Return a title property, or None if it is a program's or a file's name."""
    title = stated.strip(" \0\t\r\n")
    return None if not title or _no_title().fullmatch(title) else title


def institution(stated: str) -> str | None:
    """Return an author or company property, or None if a program or account put it in."""
    name = stated.strip(" \0\t\r\n")
    has_letters = re.search(r"[^\W\d_]", name) is not None
    return name if has_letters and not _no_institution().match(name) else None


@cache
def _no_title() -> re.Pattern[str]:
    untitled = words_of_all(lambda language: language.files.untitled)
    return re.compile("|".join((_FILE_NAME, *untitled)), re.IGNORECASE)


@cache
def _no_institution() -> re.Pattern[str]:
    accounts = any_of(words_of_all(lambda language: language.files.accounts))
    return re.compile(rf"\W*(?:{_SOFTWARE}|{accounts})\b", re.IGNORECASE)
