"""What was found, to be taken elsewhere: as a table, or for programs that keep references."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final, Literal

from api.contract.answers import ask_response
from api.web.citation_formats import bibtex, web_address
from qa.advice.advising import NO_ADVICE, Advice
from qa.types import Abstention, Answer, CitedPassage

Format = Literal["csv", "json", "ris", "bibtex"]

MEDIA_TYPES: Final[dict[Format, str]] = {
    "json": "application/json",
    "csv": "text/csv",
    "ris": "application/x-research-info-systems",
    "bibtex": "application/x-bibtex",
}

ENDINGS: Final[dict[Format, str]] = {"json": "json", "csv": "csv", "ris": "ris", "bibtex": "bib"}

COLUMNS: Final = (
    "rank", "outcome", "title", "publisher", "published", "language", "collection", "file", "page",
    "start", "end", "answer", "text", "link", "url",
)  # fmt: skip

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes a cell for that it has to work out, if it begins so."""


def exported(
    outcome: Answer | Abstention, format_: Format, base: str, advice: Advice = NO_ADVICE
) -> str:
    """Return what was found in a format; links begin with ``base``.

    Where nothing answers, that is the nearest passages; the formats for references do not say so,
    but ``file_name`` does.
    """
    found = outcome.passages if isinstance(outcome, Answer) else outcome.nearest
    match format_:
        case "json":
            return ask_response(outcome, advice).model_dump_json()
        case "csv":
            return _csv(found, ask_response(outcome).outcome, base)
        case "ris":
            return "".join(_ris(each, base) for each in found)
        case "bibtex":
            return "".join(f"{bibtex(each, base + each.citation.link)}\n\n" for each in found)


def file_name(outcome: Answer | Abstention, format_: Format) -> str:
    """Return what a file with it may be called."""
    return f"passerelle-{ask_response(outcome).outcome}.{ENDINGS[format_]}"


def wanted(accept: str) -> Format:
    """Return the first format that an Accept header names; JSON if it names none."""
    named = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    for media_type in named:
        for format_, known in MEDIA_TYPES.items():
            if media_type == known:
                return format_
    return "json"


def _csv(found: Sequence[CitedPassage], outcome: str, base: str) -> str:
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS)
    for cited in found:
        document, citation = cited.citation.document, cited.citation
        row = (
            cited.rank, outcome, document.title, document.publisher, document.published,
            cited.language, document.collection, document.file, citation.page,
            citation.span.start, citation.span.end, cited.text[slice(*cited.answer)], cited.text,
            base + citation.link, document.url,
        )  # fmt: skip
        table.writerow([_cell(value) for value in row])
    return written.getvalue()


def _cell(value: object) -> str:
    """Return a value as text that no spreadsheet works out: documents are written by strangers."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _ris(cited: CitedPassage, base: str) -> str:
    """Return a record of https://en.wikipedia.org/wiki/RIS_(file_format), a line each."""
    document, citation = cited.citation.document, cited.citation
    day = document.published
    fields = [
        ("TY", "ELEC" if web_address(document.url) else "GEN"),
        ("TI", document.title),
        ("PB", document.publisher),
        ("PY", day and f"{day:%Y}"),
        ("DA", day and f"{day:%Y/%m/%d}/"),
        ("LA", cited.language),
        ("SP", citation.page),
        ("UR", web_address(document.url) or base + citation.link),
        ("L2", base + citation.link),
        ("N1", cited.text[slice(*cited.answer)]),
        ("ID", f"{document.id}-{citation.span.start}"),
    ]
    lines = [f"{tag}  - {' '.join(str(value).split())}" for tag, value in fields if value]
    return "".join(f"{line}\r\n" for line in [*lines, "ER  - ", ""])
