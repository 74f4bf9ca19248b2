"""Numbers of a sheet as its formats show them: rounded, with leading zeros and what they count.

The marks of decimals and thousands are the reader's country's and not the file's, so a number is
written with a point, and without marks between thousands.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Final, NamedTuple

MAX_FORMAT: Final = 255
"""Characters of a format, as Excel has it; a longer one is nobody's, and is not looked through."""

MAX_SHOWN: Final = 30
"""Characters of a section that are shown: the digits it asks for and the text around them. Excel
keeps 15 digits of a number."""

_PART = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]'
    r"|(?P<colour>\[(?:Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|Color ?\d+)\])"
    r"|(?P<padding>[_*].)|(?P<digits>[#0?](?:[#0?,]*[#0?])?(?:\.[#0?]*)?|\.[#0?]+)"
    r"|(?P<sign>[-+$€£¥() %])",
    re.IGNORECASE,
)
_PIECE = re.compile(r'"[^"]*"|\\.|.', re.DOTALL)
_NO_SIGN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|[_*].', re.DOTALL)
_EXACT = Context(prec=15 + 2 + MAX_SHOWN)  # digits of the largest number, of a share, and decimals


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
    if len(number_format) > MAX_FORMAT:
        return None
    sections = _sections(number_format)
    number = Decimal(repr(value))
    if not number.is_finite() or (number == 0 and len(sections) > 2):
        return None
    has_own = number < 0 and len(sections) > 1  # a section for what is negative says so itself
    section = sections[1 if has_own else 0]
    if section is None or abs(number) >= Decimal(10) ** 15:
        return None
    sign = "-" if number < 0 and not has_own else ""
    digits = _digits(abs(number), section)
    if not digits.strip("0."):
        sign = ""  # it is rounded to nothing
    return f"{sign}{section.before}{digits}{section.after}".strip()


def is_share(value: float, number_format: str) -> bool:
    """Tell whether a format, whatever else it does, shows a number in per cent."""
    if len(number_format) > MAX_FORMAT:
        return False
    sections = _split(number_format)
    own = 1 if value < 0 else 2 if value == 0 else 0
    return "%" in _NO_SIGN.sub("", sections[own if own < len(sections) else 0])


def _digits(number: Decimal, section: _Format) -> str:
    scaled = number * 100 if section.is_share else number
    rounded = scaled.quantize(Decimal(1).scaleb(-section.decimals), ROUND_HALF_UP, _EXACT)
    whole, _, decimals = f"{rounded:f}".partition(".")
    decimals = decimals[: section.fixed] + decimals[section.fixed :].rstrip("0")
    return whole.zfill(section.whole) + (f".{decimals}" if decimals else "")


@lru_cache(maxsize=1024)  # a workbook may have as many as its maker likes
def _sections(number_format: str) -> tuple[_Format | None, ...]:
    """Return the sections of a format: of numbers, of negative ones and of nothing."""
    return tuple(_section(each) for each in _split(number_format)[:3])


def _split(number_format: str) -> list[str]:
    sections = [""]
    for piece in _PIECE.findall(number_format):
        if piece == ";":
            sections.append("")
        else:
            sections[-1] += piece
    return sections


def _section(text: str) -> _Format | None:
    """Return what a section shows; None if it has more to it than a number, as a date's has."""
    literals = ["", ""]
    digits: str | None = None
    shares = 0
    at = 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None or (part["digits"] and digits is not None):
            return None
        if part["digits"]:
            digits = part["digits"]
        else:  # colours and what only takes room say nothing
            shares += part["sign"] == "%"
            literals[digits is not None] += _said(part)
        at = part.end()
    if digits is None or shares > 1 or sum(map(len, literals)) + len(digits) > MAX_SHOWN:
        return None
    whole, _, decimals = digits.partition(".")
    return _Format(
        before=_spaced(literals[0]),
        after=_spaced(literals[1]),
        whole=max(1, whole.count("0")),
        decimals=len(decimals),
        fixed=decimals.count("0"),
        is_share=shares == 1,
    )


def _said(part: re.Match[str]) -> str:
    """Return what a part adds to the digits; a sign of per cent has a space before it."""
    if part["sign"] == "%":
        return " %"
    return part["quoted"] or part["escaped"] or part["currency"] or part["sign"] or ""


def _spaced(text: str) -> str:
    """Return a literal with one space wherever it has any."""
    return re.sub(r"\s+", " ", text)
