"""Files from the network: checked, unpacked, and ingested by a job."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import BinaryIO, NamedTuple

from corpus import readers
from corpus.errors import BadFileName, FileTooLarge, Refused, too_large
from corpus.ingest import UPLOADED, Source, keeping, planned
from corpus.readers import archives
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Job, Kind, Offered, Pending
from corpus.store.versions import Sender
from corpus.types import FileReport, Outcome, Passage
from corpus.unpacking import (
    MAX_ENTRIES,
    checked_name,
    documents_in,
    is_archive,
    refuse,
    too_many_files,
)

MAX_SHOWN_NAME = 100
"""Characters that are repeated of a name that is refused."""


class Limits(NamedTuple):
    """How much is taken at once, in bytes."""

    file: int
    upload: int
    """All files of one upload together, unpacked."""


class Upload(NamedTuple):
    """A file as it was sent."""

    name: str
    stream: BinaryIO


def offered(uploads: Iterable[Upload], limits: Limits) -> Iterator[Offered]:
    """Yield every file, those in ZIP archives one by one, with its bytes or why it is refused.

    What a file is shows in its first bytes; whether it can be read, only later.

    Raises:
        FileTooLarge: all of them together are over the limit, or there are too many.
    """
    announced = held = number = 0
    for upload in uploads:
        for name, size, read in _each_file(upload, limits.file):
            number += 1
            if number > MAX_ENTRIES:
                raise too_many_files(MAX_ENTRIES)
            announced += size
            _check_size(announced, limits.upload)
            file = _checked(name, read)
            if isinstance(file.content, bytes):
                held += len(file.content)  # rows repeat the names of their columns
                _check_size(held, limits.upload)
            yield file


def take_in_next(catalogue: Catalogue, job: Job) -> FileReport | None:
    """Ingest the next file of a job, as ``take_in`` does; None if there is none left."""
    pending = catalogue.jobs.next_file(job)
    return take_in(catalogue, pending) if pending else None


def take_in(catalogue: Catalogue, pending: Pending) -> FileReport:
    """Ingest a file that waits and note its outcome, at one instant.

    One that was removed meanwhile is left out.

    Raises:
        CatalogueError: the catalogue cannot be used; the file is as it was.
    """
    change = planned(
        catalogue,
        Source(UPLOADED, pending.file),
        partial(catalogue.blobs.content, pending.collection, pending.sha256),
        pending.collection,
        takes_over=pending.kind == Kind.REPLACE,
    )
    with keeping(catalogue, change, Sender(pending.owner, pending.job)) as keep:
        if catalogue.jobs.is_pending(pending.job, pending.position):
            report = keep()
            catalogue.jobs.settle_as(pending.job, pending.position, report)
            if change.made and report.outcome != Outcome.REFUSED:
                catalogue.jobs.note_texts(pending.job, found=_texts_in(change.made.passages))
            return report
    return change.report


def _texts_in(passages: Sequence[Passage]) -> int:
    """Return how many texts a model is given of passages, if none has a title of its document."""
    return sum(1 + len(passage.sentences) for passage in passages)


def _each_file(upload: Upload, max_bytes: int) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    """Yield the name of each file that was sent, how much of it will be read, and what reads it
    or raises Refused.

    An archive's first file comes with the size of all, so that none is unpacked in vain.
    """
    if not is_archive(upload.name):
        size = upload.stream.seek(0, io.SEEK_END)
        upload.stream.seek(0)
        for file, read in documents_in(upload.name, partial(_read, upload.stream, max_bytes)):
            yield file, min(size, max_bytes), read
            size = 0
        return
    try:
        with archives.opened(upload.stream) as archive:
            entries = list(archives.files_in(archive))
            left = sum(entry.file_size for entry in entries if entry.file_size <= max_bytes)
            for entry in entries:
                read = partial(archives.read, archive, entry, max_bytes)
                for file, read_it in documents_in(entry.filename, read):
                    yield file, left, read_it
                    left = 0
    except Refused as refusal:
        yield upload.name, 0, partial(refuse, refusal)


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise FileTooLarge(
            f"The files are larger than {limit / 2**20:,.0f} MiB together. Send fewer at once, or "
            "raise PASSERELLE_MAX_UPLOAD_MB."
        )


def _checked(name: str, read: Callable[[], bytes]) -> Offered:
    try:
        file = checked_name(name)
    except BadFileName as refusal:
        return Offered(_shown(name), refusal)
    try:
        content = read()
        readers.media_type_of(file, content)
    except Refused as refusal:
        return Offered(file, refusal)
    return Offered(file, content)


def _read(stream: BinaryIO, max_bytes: int) -> bytes:
    content = stream.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise too_large(max_bytes)
    return content


def _shown(name: str) -> str:
    printable = "".join(letter if letter.isprintable() else "�" for letter in name)
    return printable[:MAX_SHOWN_NAME] or "-"
