"""What the command line prints, for people and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_core import to_jsonable_python

from api.audit.chain import Record, Verified
from api.auth.keys import Key
from api.auth.people import Known
from api.cli.doctor import Finding
from corpus.store.quotas import Quota, Usage
from corpus.store.view.listings import DocumentSummary
from corpus.types import Document, FileReport, Outcome
from qa.advice.advising import NO_ADVICE, Advice
from qa.types import Abstention, Answer, CitedPassage


def as_json(value: Any) -> str:
    """Return a dataclass, a pydantic model, or a list or dict of them, as indented JSON."""
    return json.dumps(_rounded(to_jsonable_python(value)), ensure_ascii=False, indent=2)


def file_line(report: FileReport) -> str:
    """Return one file's report as a line."""
    line = f"{report.outcome:<9}  {report.file}"
    if report.left_out:
        left_out = ", ".join(f"{reason} {number}" for reason, number in report.left_out.items())
        line += f" (not in the text: {left_out})"
    return printable(f"{line}: {report.reason}" if report.reason else line)


def printable(line: str) -> str:
    """Return a line with what could move or colour a terminal's cursor written out.

    Names and titles come from strangers.
    """
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in line
    )


def ingest_summary(reports: Sequence[FileReport]) -> str:
    """Return how many files had each outcome, as a line."""
    counts = Counter(report.outcome for report in reports)
    parts = [f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]]
    return ", ".join(parts) if parts else "No files to ingest."


def ingest_json(reports: Sequence[FileReport]) -> str:
    """Return every file's report, and how many had each outcome, as JSON."""
    counts = Counter(report.outcome for report in reports)
    return as_json(
        {"files": reports, "counts": {str(outcome): counts[outcome] for outcome in Outcome}}
    )


def answer(outcome: Answer | Abstention, advice: Advice = NO_ADVICE) -> str:
    """Return an answer with its sources, or the nearest passages said to be no more than that."""
    if isinstance(outcome, Answer):
        return "\n\n".join(_passage(passage) for passage in outcome.passages)
    parts = ["\n".join(["Nothing in the collection answers this.", *_advice(advice)])]
    if advice.containing:
        found = [each.passage for each in advice.containing]
        parts += ["Passages with these words:", *map(_passage, found)]
    elif outcome.nearest:
        parts += ["The nearest passages:", *map(_passage, outcome.nearest)]
    return "\n\n".join(parts)


def _advice(advice: Advice) -> Iterator[str]:
    for name in advice.missing.collections:
        yield printable(f"There is no collection {name}. `passerelle documents list` shows them.")
    for language in advice.missing.languages:
        yield printable(f"No passage is in the language {language}. Leave --language out.")
    if advice.missing.dates:
        first, last = advice.missing.dates
        yield f"The documents are dated from {first} to {last}. Ask for a day in between."
    if advice.missing.is_undated:
        yield "None of the documents has a date. Leave the dates out."
    if advice.corrected:
        yield printable(f"Did you mean: {advice.corrected}")


def documents(total: int, page: Sequence[DocumentSummary]) -> str:
    """Return documents as a table."""
    lines = [
        printable(
            f"{document.id}  {document.language:<3}  {document.published or ''!s:<10}  "
            f"{document.passages:>5}  {document.collection}/{document.file}  {document.title}"
        )
        for document in page
    ]
    header = f"{'id':<18}  {'':<3}  {'published':<10}  {'pass.':>5}  file  title"
    return "\n".join([header, *lines, f"{len(page)} of {total} documents"])


def document(
    found: Document,
    copies: Sequence[DocumentSummary] = (),
    translations: Sequence[DocumentSummary] = (),
) -> str:
    """Return a document's source, where copies and translations of it are, and its cleaned text."""
    facts = {
        "id": found.id,
        "file": f"{found.collection}/{found.file}",
        "publisher": found.publisher,
        "published": found.published,
        "language": found.language,
        "url": found.url,
        "sha256": found.sha256,
    }
    lines = [found.title, *(f"{name}: {value}" for name, value in facts.items() if value)]
    lines += [f"same file: {copy.collection}/{copy.file} ({copy.id})" for copy in copies]
    lines += [f"also in [{each.language}]: {each.url} ({each.id})" for each in translations]
    lines = [printable(line) for line in lines]
    return "\n".join([*lines, "", found.text])


def key(found: Key) -> dict[str, Any]:
    """Return what is known of a key, to be printed as JSON."""
    return {
        "id": found.id,
        "name": found.name,
        "scopes": sorted(found.scopes),
        "collections": None if found.collections is None else sorted(found.collections),
        "created": found.created.isoformat(),
        "revoked": found.revoked and found.revoked.isoformat(),
        "quota": found.quota._asdict(),
    }


def person(found: Known) -> dict[str, Any]:
    """Return what is known of a person, to be printed as JSON."""
    return {**found._asdict(), "signed_in": found.signed_in.isoformat()}


def person_line(found: Known) -> str:
    """Return what is known of a person as a line."""
    sessions = f"{found.sessions} session{'' if found.sessions == 1 else 's'}"
    return printable(f"{found.id}  {found.signed_in:%Y-%m-%d}  {sessions}  {found.name}".rstrip())


def quota(limits: Quota, usage: Usage) -> dict[str, Any]:
    """Return what a key may have and has, to be printed as JSON."""
    return {"quota": limits._asdict(), "usage": usage._asdict()}


def quota_lines(shown: dict[str, Any]) -> str:
    """Return the same as lines."""
    return "\n".join(
        f"{name}: {used:,} of {'any number' if (most := shown['quota'][name]) is None else most}"
        for name, used in shown["usage"].items()
    )


def key_line(found: Key) -> str:
    """Return what is known of a key as a line."""
    where = "all" if found.collections is None else ",".join(sorted(found.collections))
    limits = ", ".join(
        f"{limit:,} {name}" for name, limit in found.quota._asdict().items() if limit is not None
    )
    quota = f"  at most {limits}" if limits else ""
    gone = f"  revoked {found.revoked:%Y-%m-%d}" if found.revoked else ""
    return printable(
        f"{found.id}  {found.created:%Y-%m-%d}  {','.join(sorted(found.scopes)):<16}  {where:<16}  "
        f"{found.name}{quota}{gone}"
    )


def audit_line(record: Record) -> str:
    """Return one line of the audit log."""
    on = "  ".join(f"{kind} {what}" for kind, what in record.on.items())
    who = f"{record.key} {record.name}".strip()
    return printable(f"{record.number:>6}  {record.time[:19]}Z  {record.deed:<13}  {who}  {on}")


def verified(found: Verified) -> str:
    """Return what was found in the audit log."""
    if found.fault:
        file, line, fact = found.fault
        return printable(f"WRONG: line {line} of {file} {fact}. The lines before it are sound.")
    if not found.last:
        return "The audit log has no lines yet."
    older = f" Lines before number {found.first} are not here." if found.first > 1 else ""
    return (
        f"Lines {found.first} to {found.last} are as they were written.{older} To prove that "
        f"later, keep the last hash elsewhere, and give it with --knows:\n{found.sha256}"
    )


def findings(found: Sequence[Finding]) -> str:
    """Return what the checks found, a line each, remedies below what is wrong."""
    lines = []
    for finding in found:
        lines.append(f"{'WRONG' if finding.remedy else 'ok':<7}{finding.subject}: {finding.fact}")
        if finding.remedy:
            lines.append(f"{'':<7}{finding.remedy}")
    return "\n".join(lines)


def _passage(passage: CitedPassage) -> str:
    source = passage.citation.document
    facts = [
        source.title,
        source.publisher,
        source.published and source.published.isoformat(),
        passage.citation.page and f"p. {passage.citation.page}",
        passage.citation.recognised and "recognised by OCR",
        f"{source.collection}/{source.file}",
    ]
    start, end = passage.answer
    text = f"{passage.text[:start]}>>{passage.text[start:end]}<<{passage.text[end:]}"
    return "\n".join(
        [
            printable(
                f"{passage.rank}. [{passage.language}] "
                + " · ".join(str(fact) for fact in facts if fact)
            ),
            f"   {passage.citation.link}",
            *(
                printable(f"   same file: {copy.collection}/{copy.file} ({copy.id})")
                for copy in passage.citation.copies
            ),
            *(
                f"   also in [{translation.language}]: {translation.citation.link}"
                for translation in passage.also_in
            ),
            *(f"   {line}" for line in text.splitlines()),
        ]
    )


def _rounded(value: Any) -> Any:
    match value:
        case dict():
            return {name: _rounded(item) for name, item in value.items()}
        case list():
            return [_rounded(item) for item in value]
        case float():
            return round(value, 4)
        case _:
            return value
