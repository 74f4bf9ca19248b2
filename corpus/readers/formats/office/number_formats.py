"""Numbers of a sheet as its formats show them: rounded, with leading zeros and what they count.

The marks of decimals and thousands are the reader's country's and not the file's, so a number is
written with a point, and without marks between thousands.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final, NamedTuple

MAX_DIGITS: Final = 30
"""Digits that a format may ask for; Excel keeps 15 of a number."""

_PART = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]'
    r"|(?P<colour>\[(?:Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|Color ?\d+)\])"
    r"|(?P<padding>[_*].)|(?P<digits>[#0?](?:[#0?,]*[#0?])?(?:\.[#0?]*)?|\.[#0?]+)"
    r"|(?P<sign>[-+$€£¥() %])",
    re.IGNORECASE,
)
_SECTION_END = re.compile(r'((?:"[^"]*"|\\.|[^;"\\])*)(?:;|$)')


class _Format(NamedTuple):
    """A section of a format that shows one number."""

    before: str
    after: str
    whole: int
    """Digits before the point, at least."""
    decimals: int
    """Behind it, at most."""
    fixed: int
    """Behind it, at least."""
    is_share: bool
    """It is shown in per cent."""


def shown(value: float, number_format: str) -> str | None:
    """Return a number as its format shows it; None of a format that does more than that."""
    sections = _sections(number_format)
    number = Decimal(repr(value))
    if not number.is_finite() or not sections:
        return None
    has_own = number < 0 and len(sections) > 1  # a section for what is negative says so itself
    if number == 0 and len(sections) > 2:
        return None
    section = sections[1 if has_own else 0]
    if section is None or abs(number) >= Decimal(10) ** 15:
        return None
    sign = "-" if number < 0 and not has_own else ""
    digits = _digits(abs(number), section)
    if not digits.strip("0."):
        sign = ""  # it is rounded to nothing
    return f"{sign}{section.before}{digits}{section.after}".strip()


def _digits(number: Decimal, section: _Format) -> str:
    scaled = number * 100 if section.is_share else number
    rounded = scaled.quantize(Decimal(1).scaleb(-section.decimals), ROUND_HALF_UP)
    whole, _, decimals = f"{rounded:f}".partition(".")
    decimals = decimals[: section.fixed] + decimals[section.fixed :].rstrip("0")
    return whole.zfill(section.whole) + (f".{decimals}" if decimals else "")


@lru_cache(maxsize=1024)  # a workbook may have as many as its maker likes
def _sections(number_format: str) -> tuple[_Format | None, ...]:
    """Return the sections of a format: of numbers, of negative ones and of nothing."""
    found = [match[1] for match in _SECTION_END.finditer(number_format)]
    return tuple(_section(each) for each in found[:3] if each)


def _section(text: str) -> _Format | None:
    """Return what a section shows; None if it has more to it than a number, as a date's has."""
    literals = ["", ""]
    digits: str | None = None
    at = 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None or (part["digits"] and digits is not None):
            return None
        if part["digits"]:
            digits = part["digits"]
        else:  # colours and what only takes room say nothing
            said = part["quoted"] or part["escaped"] or part["currency"] or part["sign"]
            literals[digits is not None] += said or ""
        at = part.end()
    if digits is None or sum(map(len, literals)) + len(digits) > MAX_DIGITS:
        return None
    whole, _, decimals = digits.partition(".")
    is_share = "%" in "".join(literals)
    return _Format(
        before=_spaced(literals[0]),
        after=_spaced(literals[1].replace("%", " %")),
        whole=max(1, whole.count("0")),
        decimals=len(decimals),
        fixed=decimals.count("0"),
        is_share=is_share,
    )


def _spaced(text: str) -> str:
    """Return a literal with one space wherever it has any."""
    return re.sub(r"\s+", " ", text)
