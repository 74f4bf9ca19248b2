"""A row of a table, as JSON: one object with a document's fields by their names."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from corpus.errors import DamagedFile, NoText
from corpus.readers.encoding import decode
from corpus.text.dates import written_date
from corpus.types import Block, BlockKind, Fact, Metadata, Origin, RawDocument

TEXT_NAMES: Final = ("text", "content", "body")
"""Names that the field with the text may have, in any case; the first that is there counts."""

_TITLE_NAMES = ("title", "headline")
_DATE_NAMES = ("date", "published")
_LANGUAGE_NAMES = ("language", "lang")
_URL_NAMES = ("url", "link")
_PUBLISHER_NAMES = ("publisher", "source")

TITLE_LENGTH: Final = 80
"""Characters of the text that stand for a title where there is none."""


def read_row(content: bytes) -> RawDocument:
    """Return a row's text under its title, and what its other fields say.

    Raises DamagedFile if it is no JSON object or a field is not what its name says, NoText if
    it has no text.
    """
    from corpus.readers.formats.plain_text import read_text

    row = _object(content)
    text = found_in(row, TEXT_NAMES)
    if not text:
        raise NoText("There is no text. Put it into a field named text.")
    title = found_in(row, _TITLE_NAMES)
    heading = (Block(BlockKind.HEADING, title),) if title else ()
    return RawDocument(
        (*heading, *read_text(text.encode()).blocks),
        Metadata(
            title=title or textwrap.shorten(text, TITLE_LENGTH, placeholder=" …"),
            publisher=found_in(row, _PUBLISHER_NAMES) or None,
            published=_day(found_in(row, _DATE_NAMES)),
            url=found_in(row, _URL_NAMES) or None,
            origins={} if title else {Fact.TITLE: Origin.TEXT},
        ),
        language=_code(found_in(row, _LANGUAGE_NAMES)),
    )


def found_in(row: Mapping[str, object], names: Sequence[str]) -> str:
    """Return what the first field with one of these names holds, "" if there is none.

    Raises DamagedFile if it holds something else than text.
    """
    by_name = {name.casefold(): value for name, value in row.items()}
    for name in names:
        value = by_name.get(name)
        if value not in (None, ""):
            if not isinstance(value, str):
                raise DamagedFile(
                    f"The field {name} contains no text. Put its value in quotation marks."
                )
            return value.encode("utf-8", "replace").decode().strip()
    return ""


def _object(content: bytes) -> dict[str, Any]:
    try:
        row = json.loads(decode(content))
    except (ValueError, RecursionError) as error:
        raise DamagedFile("This is not valid JSON. Check it, or save it again.") from error
    if not isinstance(row, dict):
        raise DamagedFile(
            "This is not one JSON object. Put several documents into a .jsonl file, one per line."
        )
    return row


def _day(stated: str) -> date | None:
    if not stated:
        return None
    found = written_date(stated)
    if found is None:
        raise DamagedFile("The date cannot be parsed. Write it as YYYY-MM-DD.")
    return found


def _code(stated: str) -> str | None:
    """Return a language's code without its country: ``fr`` of ``fr-BE``."""
    code = stated.replace("_", "-").partition("-")[0].lower()
    if code and not (code.isascii() and code.isalpha() and len(code) in (2, 3)):
        raise DamagedFile("The language is not a language code. Use a code such as fr, nl or de.")
    return code or None
