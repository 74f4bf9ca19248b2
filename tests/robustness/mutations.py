"""What broken and hostile files do to the service: each must be added, or refused with a reason.

    python -m tests.robustness.mutations --out FILE.json [--files 10000] [--seed 1] [--seconds 200]

uploads mutated files of every format over HTTP and takes them in; vectors are not made. Where
FILE.json is there already, it goes on from what that holds, so that it can run in parts. A file
is known by the seed and its number, so that what went wrong can be had again with ``file_of``.
"""

from __future__ import annotations

import io
import json
import random
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Final

import click
from starlette.testclient import TestClient

from api.app import create_app
from api.service import open_service
from api.settings import Settings
from corpus.sandbox.warmup import specimens
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import State
from corpus.uploads import take_in_next

FILES_AT_ONCE: Final = 20

_TOKENS: Final = (
    b"\0", b"\xff\xfe", b"<!ENTITY a SYSTEM 'file:///etc/passwd'>", b"&a;", b"]]>", b"<!--",
    b"PK\3\4", b"%PDF-1.7", b"%%EOF", b"stream\n", b"endstream", b"/Length 99999999999", b"-1",
    b"4294967296", b"{\\rtf1", b"\\bin99999999 ", b"\\u-1 ", b'{"text":', b'\n,,"', b"1e999",
    b"Content-Type: multipart/mixed; boundary=a\n", b"charset=utf-7", b"../../../etc/passwd",
    "\u202e\ufeff\U0010ffff".encode(), b"\xed\xa0\x80",
)  # fmt: skip


@dataclass
class Tally:
    """What became of the files so far."""

    seed: int
    files: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    by_format: dict[str, dict[str, int]] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    without_a_reason: list[int] = field(default_factory=list)
    seconds: float = 0.0
    finished: str = ""


def file_of(seed: int, number: int) -> tuple[str, bytes]:
    """Return the name and bytes of a mutated file; the same ones every time."""
    rng = random.Random(f"{seed} {number}")
    formats = _formats()
    suffix = list(formats)[number % len(formats)]
    content = formats[suffix]
    mutate = _repacked if content.startswith(b"PK") and rng.random() < 0.8 else _mutated
    return f"{number}{suffix}", mutate(content, rng)


def try_files(data: Path, tally: Tally, files: int, seconds: float) -> None:
    """Upload and take in files until there are so many, or the time is over."""
    started = monotonic()
    with _opened(data) as (client, catalogue):
        while tally.files < files and monotonic() - started < seconds:
            last = min(tally.files + FILES_AT_ONCE, files)
            _try_some(client, catalogue, tally, range(tally.files, last))
    tally.seconds += monotonic() - started


def _try_some(client: TestClient, catalogue: Catalogue, tally: Tally, numbers: range) -> None:
    sent = [("files", file_of(tally.seed, number)) for number in numbers]
    response = client.post("/v1/documents", files=sent, data={"collection": "mutated"})
    tally.statuses[str(response.status_code)] += 1
    tally.files += len(numbers)
    outcomes: dict[str, list[tuple[str, str | None]]] = {}
    if response.status_code == 202:
        job = catalogue.jobs.get(response.json()["id"])
        assert job
        while take_in_next(catalogue, job):
            pass
        catalogue.jobs.note(job, State.DONE)  # or else too many would wait
        for file in catalogue.jobs.files(job):
            name = file.file.partition("/")[0]
            outcomes.setdefault(name, []).append((file.outcome or "none", file.reason))
    for number, (_, (name, _content)) in zip(numbers, sent, strict=True):
        suffix = name.partition(".")[2]
        for outcome, reason in outcomes.get(name, [("refused", response.json().get("detail"))]):
            tally.outcomes[outcome] += 1
            of_format = tally.by_format.setdefault(suffix, {})
            of_format[outcome] = of_format.get(outcome, 0) + 1
            if outcome == "refused":
                tally.reasons[(reason or "").partition(".")[0][:80]] += 1
            if outcome not in ("added", "updated", "unchanged") and not reason:
                tally.without_a_reason.append(number)


@contextmanager
def _opened(data: Path) -> Iterator[tuple[TestClient, Catalogue]]:
    settings = Settings(data=data, requests_per_minute=1_000_000)
    Catalogue(data).close()
    with open_service(settings) as service, Catalogue.existing(data) as catalogue:
        local = ("127.0.0.1", 50_000)
        app = create_app(service)
        yield TestClient(app, "http://127.0.0.1", False, client=local), catalogue


@cache
def _formats() -> dict[str, bytes]:
    table = b"text,title,date\nLa police patrouille.,Note,2020-12-14\nDe politie rijdt.,Nota,\n"
    lines = b'{"text": "La police patrouille."}\n{"text": "De politie rijdt.", "lang": "nl"}\n'
    made = {**specimens(), ".csv": table, ".jsonl": lines}
    return {
        suffix: _undated(content) if content.startswith(b"PK") else content
        for suffix, content in made.items()
    }


def _undated(content: bytes) -> bytes:
    """Return an archive without the time of its making, so that it is the same every time."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for entry in old.infolist():
            new.writestr(zipfile.ZipInfo(entry.filename), old.read(entry), entry.compress_type)
    return file.getvalue()


def _mutated(content: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        content = rng.choice(_MUTATIONS)(content, rng)
    return content


def _repacked(content: bytes, rng: random.Random) -> bytes:
    """Mutate the parts of an archive, whose checksums are right again then."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        entries = old.infolist()
        chosen = rng.sample(entries, min(len(entries), rng.choice((1, 1, 2))))
        for entry in entries:
            part = old.read(entry)
            new.writestr(entry, _mutated(part, rng) if entry in chosen else part)
    return file.getvalue()


def _flipped(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _without(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content) + 1)
    return content[:start] + content[start + rng.randint(1, 64) :]


def _inserted(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + rng.choice(_TOKENS) * rng.choice((1, 1, 3, 20)) + content[at:]


def _doubled(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content) + 1)
    piece = content[start : start + rng.randint(1, 256)]
    return content[:start] + piece * rng.choice((2, 5, 20)) + content[start:]


def _numbered(content: bytes, rng: random.Random) -> bytes:
    digits = [at for at, byte in enumerate(content) if 48 <= byte < 58]
    if not digits:
        return content
    at = rng.choice(digits)
    return (
        content[:at]
        + rng.choice((b"0", b"-1", b"99999999999999999999", b"1e9"))
        + content[at + 1 :]
    )


_MUTATIONS: Final[tuple[Callable[[bytes, random.Random], bytes], ...]] = (
    _flipped, _cut, _without, _inserted, _doubled, _numbered,
)  # fmt: skip


def _read_tally(path: Path, seed: int) -> Tally:
    if not path.exists():
        return Tally(seed)
    kept = Tally(**json.loads(path.read_text("utf-8")))
    kept.outcomes, kept.statuses, kept.reasons = map(
        Counter, (kept.outcomes, kept.statuses, kept.reasons)
    )
    return kept


@click.command(help=__doc__)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--files", default=10_000)
@click.option("--seed", default=1)
@click.option("--seconds", default=200.0)
def main(out: Path, files: int, seed: int, seconds: float) -> None:
    """Go on until there are so many files, or the time is over."""
    tally = _read_tally(out, seed)
    with tempfile.TemporaryDirectory() as folder:
        try_files(Path(folder), tally, files, seconds)
    tally.finished = datetime.now(UTC).isoformat(timespec="seconds")
    out.write_text(json.dumps(vars(tally), indent=1, ensure_ascii=False) + "\n", "utf-8")
    click.echo(f"{tally.files} files: {dict(tally.outcomes)}, responses {dict(tally.statuses)}")


if __name__ == "__main__":
    main()
