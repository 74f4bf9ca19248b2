"""``python -m tests.corpus.months`` writes ``corpus/months.json``, from Babel's locale data."""

from __future__ import annotations

import json
from pathlib import Path

from babel import Locale
from babel.dates import get_month_names

from corpus.language import known_languages

FILE = Path(__file__).parents[2] / "corpus" / "months.json"


def months_by_babel(language: str) -> dict[str, int]:
    """Return full and abbreviated names, in lower case and without full stop."""
    locale = Locale.parse(language)
    return {
        name.casefold().rstrip("."): number
        for context in ("stand-alone", "format")
        for width in ("abbreviated", "wide")
        for number, name in get_month_names(width, context, locale).items()
        if not name[0].isdigit()
    }


if __name__ == "__main__":
    lines = (
        f'"{language}": {json.dumps(months_by_babel(language), ensure_ascii=False)}'
        for language in known_languages()
    )
    FILE.write_text("{" + ",\n".join(lines) + "}\n", "utf-8")
