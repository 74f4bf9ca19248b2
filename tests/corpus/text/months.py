"""``python -m tests.corpus.text.months CODE`` prints what Babel knows for a language's file."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from unicodedata import normalize

from babel import Locale, localedata
from babel.dates import get_month_names


def months_by_babel(code: str) -> dict[int, list[str]]:
    """Return abbreviated and full names by number, in lower case and without full stop."""
    locale = _locale(code)
    months: dict[int, dict[str, None]] = defaultdict(dict)
    for context in ("stand-alone", "format"):
        for width in ("abbreviated", "wide"):
            for number, name in get_month_names(width, context, locale).items():
                if not name[0].isdigit():
                    months[number][normalize("NFC", name.lower().rstrip("."))] = None
    return {number: list(names) for number, names in sorted(months.items())}


def english_name(code: str) -> str | None:
    """Return what English calls the language."""
    return _locale(code).english_name


def sections(code: str) -> str:
    """Return the sections of a language's file that Babel knows."""
    months = (
        f"{number} = {json.dumps(names, ensure_ascii=False)}"
        for number, names in months_by_babel(code).items()
    )
    return "\n".join(("[names]", f'english = "{english_name(code)}"', "", "[months]", *months))


def _locale(code: str) -> Locale:
    # Or else Babel mixes into a language's names those of languages whose data it read before:
    # they are merged in place into what all share.
    localedata._cache.clear()
    return Locale.parse(code)


if __name__ == "__main__":
    print(sections(sys.argv[1]))
