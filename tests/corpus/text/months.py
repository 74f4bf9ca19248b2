"""``python -m tests.corpus.text.months`` writes the months of ``corpus/text`` from Babel's data.

With ``--print`` it writes to standard output instead.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from babel import Locale, localedata
from babel.dates import get_month_names

from corpus.text.language_id import known_languages

FILE = Path(__file__).parents[3] / "corpus" / "text" / "months.json"


def months_by_babel(language: str) -> dict[str, int]:
    """Return full and abbreviated names, in lower case and without full stop."""
    # Or else Babel mixes into a language's names those of languages whose data it read before:
    # they are merged in place into what all share.
    localedata._cache.clear()
    locale = Locale.parse(language)
    return {
        name.casefold().rstrip("."): number
        for context in ("stand-alone", "format")
        for width in ("abbreviated", "wide")
        for number, name in get_month_names(width, context, locale).items()
        if not name[0].isdigit()
    }


def content() -> str:
    """Return what the file is to hold, a language a line."""
    lines = (
        f'"{language}": {json.dumps(months_by_babel(language), ensure_ascii=False)}'
        for language in known_languages()
    )
    return "{" + ",\n".join(lines) + "}\n"


if __name__ == "__main__":
    if "--print" in sys.argv:
        sys.stdout.buffer.write(content().encode())
    else:
        FILE.write_text(content(), "utf-8")
