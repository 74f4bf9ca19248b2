"""The path of a document: read, clean, detect language, chunk, store.

``ingest`` takes files and folders and reports each file as it goes; a bad one is refused
with its reason, and ingest carries on. Vectors are made later, by ``index.writer``.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from corpus import disk, sandbox
from corpus.disk import MAX_FILE_BYTES
from corpus.errors import IdTaken, NameTaken, Refused
from corpus.store.catalogue import Catalogue, Version
from corpus.store.versions import COMMAND_LINE, NewVersion, Sender
from corpus.store.web import FROM_THE_WEB
from corpus.types import (
    Document,
    Fact,
    FileReport,
    LeftOut,
    LeftOutReason,
    Origin,
    Outcome,
    Passage,
    RecognisedPage,
    document_id,
)
from corpus.unpacking import Read, documents_in, documents_in_archive, is_archive, refuse

TEXT_VERSION = 10
"""Raised when readers, cleaning or segmentation change what they make of the same bytes, so
that the next ``ingest`` reads every file again."""

DEFAULT_COLLECTION = "default"

UPLOADED = Path()
"""The folder of what came over HTTP."""

WEB = Path(FROM_THE_WEB)
"""The folder of what was fetched from the web."""


class Source(NamedTuple):
    """A file to ingest: ``root / file`` on disk, ``file`` with forward slashes."""

    root: Path
    file: str
    may_link_out: bool = False
    """It was named itself, so a link to another folder is what was meant."""
    url: str | None = None
    """Where on the web it is from."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.root / self.file

    @property
    def below(self) -> Path | None:
        """The folder that it must lie in, all links followed; None if anywhere will do."""
        return None if self.may_link_out else self.root


class Made(NamedTuple):
    """What a file was made into."""

    document: Document
    passages: tuple[Passage, ...]
    content: bytes
    left_out: tuple[LeftOut, ...] = ()
    recognised: tuple[RecognisedPage, ...] = ()


class Change(NamedTuple):
    """What is done with a file, and what to store for it, if anything."""

    report: FileReport
    made: Made | None = None


def find_sources(paths: Sequence[Path]) -> list[Source]:
    """Return the files that ``paths`` name or hold, sorted, each once.

    Folders are walked to the bottom; hidden files and folders are passed over, and symbolic
    links to folders are not followed, so that loops end. Files in a folder are named
    relative to it, a file named itself by its last part.
    """
    sources: dict[Path, Source] = {}
    for path in paths:
        # One spelling for one place, so that a folder is known again and can be pruned.
        is_folder = os.path.isdir(path)  # noqa: PTH112, it may be unreadable
        root = Path(os.path.realpath(path if is_folder else path.parent))
        found = _walk(root) if is_folder else [Source(root, path.name, may_link_out=True)]
        for source in found:
            sources.setdefault(source.path, source)
    return list(sources.values())


def ingest(
    catalogue: Catalogue,
    sources: Sequence[Source],
    collection: str = DEFAULT_COLLECTION,
    max_file_bytes: int = MAX_FILE_BYTES,
) -> Iterator[FileReport]:
    """Bring each source into the catalogue and yield its outcome, in order.

    What an archive, a table or a message holds are documents of their own, below its name.

    Raises:
        CatalogueError: the catalogue cannot be written; what was reported before is kept.
        ReadingUnavailable: there is no process to read files.
    """
    catalogue.tidy()
    if sources:
        sandbox.prepare()
    for source in sources:
        for file, read in _documents_in(source, max_file_bytes):
            yield keep(catalogue, planned(catalogue, source._replace(file=file), read, collection))


def planned(
    catalogue: Catalogue,
    source: Source,
    read: Callable[[], bytes],
    collection: str,
    *,
    takes_over: bool = False,
) -> Change:
    """Return what is done with a file, and what to store for it; a bad one is refused.

    With ``takes_over`` it replaces a document of its name, whatever folder that came from.

    Raises:
        CatalogueError: the catalogue cannot be used.
        ReadingUnavailable: there is no process to read files.
    """
    try:
        return _plan(catalogue, source, read(), collection, takes_over)
    except Refused as refusal:
        return Change(_refused(source.file, refusal))


def keep(catalogue: Catalogue, change: Change, sender: Sender = COMMAND_LINE) -> FileReport:
    """Keep what ``planned`` made of a file that came from ``sender``; return what was done.

    Raises:
        CatalogueError: the catalogue cannot be written.
    """
    with keeping(catalogue, change, sender) as kept:
        return kept()


@contextmanager
def keeping(
    catalogue: Catalogue, change: Change, sender: Sender
) -> Iterator[Callable[[], FileReport]]:
    """Begin a transaction, and yield what keeps a change in it, as ``keep`` does.

    A large document is written before, where nobody sees it.
    """
    if change.made is None:
        with catalogue.transaction():
            yield lambda: change.report
        return
    document, passages, content, left_out, recognised = change.made
    version = NewVersion(document, passages, TEXT_VERSION, content, left_out, sender, recognised)
    with catalogue.putting(version) as put:
        yield partial(_kept, put, change.report)


def _kept(put: Callable[[], None], report: FileReport) -> FileReport:
    try:
        put()
    except IdTaken as refusal:
        return _refused(report.file, refusal)
    return report


def _refused(file: str, refusal: Refused) -> FileReport:
    kind = type(refusal).__name__
    return FileReport(_shown(file), Outcome.REFUSED, reason=str(refusal), refusal=kind)


def prune(catalogue: Catalogue, folders: Sequence[Path], collection: str) -> Iterator[FileReport]:
    """Remove the documents that came from these folders and whose file, or row, is gone.

    A folder that is not there removes nothing: it may be a disk that is not mounted.
    """
    for folder in folders:
        root = Path(os.path.realpath(folder))
        if not root.is_dir():
            continue
        files_in = cache(_files_in)
        for document, file in catalogue.files(collection, str(root)):
            if _is_gone(root / file, files_in):
                catalogue.remove(document)
                yield FileReport(file, Outcome.REMOVED, document)


def make_document(
    content: bytes, source: Source, collection: str, known: str | None = None
) -> Made:
    """Return what one file's bytes make.

    If it is ``known`` by an id already, it has that.

    Raises:
        Refused: the bytes cannot be read, or hold no text; the subclass says why.
        ReadingUnavailable: there is no process to read them.
    """
    extract = sandbox.extract(content, source.file)
    metadata = extract.metadata
    document = Document(
        id=known or document_id(collection, source.file),
        collection=collection,
        file=source.file,
        root=str(source.root),
        media_type=extract.media_type,
        sha256=hashlib.sha256(content).hexdigest(),
        language=extract.language,
        title=metadata.title or Path(source.file).stem,
        publisher=metadata.publisher,
        published=metadata.published,
        url=source.url or metadata.url,
        text=extract.text,
        # An address that was fetched is where the file lay, as its name is.
        origins={**metadata.origins, **({Fact.URL: Origin.FILE} if source.url else {})},
    )
    return Made(document, extract.passages, content, extract.left_out, extract.recognised)


def _plan(
    catalogue: Catalogue, source: Source, content: bytes, collection: str, takes_over: bool
) -> Change:
    known = _known(catalogue, source, collection)
    collection = known.collection if known else collection
    if known and known.root != str(source.root) and not takes_over:
        _settle_move(catalogue, known, source, collection, content)
    if known and _is_same(known, content):
        catalogue.blobs.keep(collection, content)  # an older release kept none
        return Change(FileReport(source.file, Outcome.UNCHANGED, known.id))
    made = make_document(content, source, collection, catalogue.id_of(collection, source.file))
    outcome = Outcome.UPDATED if known else Outcome.ADDED
    report = FileReport(source.file, outcome, made.document.id, left_out=_counted(made.left_out))
    return Change(report, made)


def _known(catalogue: Catalogue, source: Source, collection: str) -> Version | None:
    """Return what a file was ingested as before, wherever a person has moved that.

    Whoever sends a file over HTTP sends it to a collection, and need not know of others.
    """
    known = catalogue.newest_version(collection, source.file)
    if known or source.root == UPLOADED:
        return known
    return catalogue.moved_version(collection, source.file, str(source.root))


def _counted(left_out: Sequence[LeftOut]) -> Mapping[LeftOutReason, int]:
    numbers: Counter[LeftOutReason] = Counter()
    for each in left_out:
        numbers[each.reason] += each.number
    return dict(numbers)


def _is_same(known: Version, content: bytes) -> bool:
    return (
        known.text_version == TEXT_VERSION and known.sha256 == hashlib.sha256(content).hexdigest()
    )


def _settle_move(
    catalogue: Catalogue, known: Version, source: Source, collection: str, content: bytes
) -> None:
    """Tell a folder that was moved from two folders that hold files of the same name.

    With a folder that is gone, all of its documents move, those too whose files are gone.
    """
    if known.sha256 != hashlib.sha256(content).hexdigest():
        raise _name_taken(known, source)
    if {str(UPLOADED), str(WEB)} & {known.root, str(source.root)}:
        return  # the same bytes: it stays what came first
    if os.path.isdir(known.root):  # noqa: PTH112, it may be unreadable
        catalogue.note_root(known.id, str(source.root))
    else:
        catalogue.note_folder(collection, known.root, str(source.root))


def _name_taken(known: Version, source: Source) -> NameTaken:
    if source.root == UPLOADED:  # whoever sent it need not know the folders here
        return NameTaken(
            f"The collection already has another document with this name, {known.id}, from a "
            "folder. Send this file to another collection, or replace or delete that document."
        )
    origins = {str(UPLOADED): "from an upload", str(WEB): "from the web"}
    origin = origins.get(known.root, f"from {known.root}")
    return NameTaken(
        f"The collection already has another document with this name, {origin}. Ingest this file "
        f"with --collection NAME, or run `passerelle documents remove {known.id}` first."
    )


def _is_gone(path: Path, files_in: Callable[[Path], frozenset[str]]) -> bool:
    """Tell whether a file, or what a file held, no longer exists. What cannot be looked at may
    still be there."""
    try:
        for holder in path.parents:
            if holder.is_file():
                return path.relative_to(holder.parent).as_posix() not in files_in(holder)
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, Refused):
        return False
    return False


def _files_in(holder: Path) -> frozenset[str]:
    """Return the names of what a file holds, which begin with its own.

    Raises:
        Refused: it cannot be opened.
    """
    found = list(_documents_in(Source(holder.parent, holder.name, True), MAX_FILE_BYTES))
    for name, read in found:
        if name == holder.name:
            read()
    return frozenset(name for name, _ in found)


def _documents_in(source: Source, max_file_bytes: int) -> Iterator[tuple[str, Read]]:
    """Yield what is to be a document of its own in a source."""
    if not is_archive(source.file):
        yield from documents_in(
            source.file, partial(disk.read, source.path, source.below, max_file_bytes)
        )
        return
    try:
        stream = disk.opened(source.path, source.below)
    except Refused as refusal:
        yield source.file, partial(refuse, refusal)
        return
    with stream:
        yield from documents_in_archive(source.file, stream, max_file_bytes)


def _walk(root: Path) -> list[Source]:
    """Return the files below ``root``; a folder that cannot be listed is named in their place."""
    paths: list[Path] = []

    def keep_unreadable(error: OSError) -> None:
        paths.append(Path(error.filename))

    for folder, folders, files in os.walk(root, onerror=keep_unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths += [Path(folder) / name for name in files if not name.startswith(".")]
    return sorted(Source(root, path.relative_to(root).as_posix()) for path in paths)


def _shown(file: str) -> str:
    """Return a file name that can be printed: bytes that are no UTF-8 as ``\\xNN``."""
    return os.fsencode(file).decode("utf-8", "backslashreplace")
