"""The path of a document: read, clean, detect language, segment, keep.

``ingest`` takes files and folders and reports each file as it goes; a bad one is refused
with its reason and the rest goes on. Vectors are made later, by ``index.builder``.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from corpus import readers
from corpus.catalogue import Catalogue, Version, document_id
from corpus.cleaning import clean
from corpus.errors import (
    BadFileName,
    CatalogueError,
    FileTooLarge,
    NameTaken,
    NoText,
    Refused,
    UnreadableFile,
)
from corpus.segmentation import segment
from corpus.types import UNKNOWN_LANGUAGE, Document, Passage

TEXT_VERSION = 1
"""Raised when readers, cleaning or segmentation change what they make of the same bytes, so
that the next ``ingest`` reads every file again."""

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Largest file that is read: some 10,000 pages of text, which is a collection, not a
document; cleaning takes about 15 times as much memory."""

DEFAULT_COLLECTION = "default"

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What became of a file."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    UPDATED = "updated"
    REMOVED = "removed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file, and why if it was refused."""

    file: str
    outcome: Outcome
    document: str | None = None
    reason: str | None = None


class Source(NamedTuple):
    """A file to ingest: ``root / file`` on disk, ``file`` with forward slashes."""

    root: Path
    file: str

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.root / self.file


def find_sources(paths: Sequence[Path]) -> list[Source]:
    """Return the files that ``paths`` name or hold, sorted, each once.

    Folders are walked to the bottom; hidden files and folders are passed over, and symbolic
    links to folders are not followed, so that loops end. Files in a folder are named
    relative to it, a file named itself by its last part.
    """
    sources: dict[Path, Source] = {}
    for path in paths:
        # One spelling for one place, so that a folder is known again and can be pruned.
        root = Path(os.path.realpath(path if os.path.isdir(path) else path.parent))  # noqa: PTH112
        found = _walk(root) if os.path.isdir(path) else [Source(root, path.name)]  # noqa: PTH112
        for source in found:
            sources.setdefault(source.path, source)
    return list(sources.values())


def ingest(
    catalogue: Catalogue,
    sources: Sequence[Source],
    collection: str = DEFAULT_COLLECTION,
    max_file_bytes: int = MAX_FILE_BYTES,
) -> Iterator[FileReport]:
    """Bring each source into the catalogue and yield what became of it, in order.

    Raises:
        CatalogueError: the catalogue cannot be written; what was reported before is kept.
    """
    for source in sources:
        shown = _shown(source.file)
        try:
            yield _ingest_one(catalogue, source, collection, max_file_bytes)
        except Refused as refusal:
            yield FileReport(shown, Outcome.REFUSED, reason=str(refusal))
        except CatalogueError:
            raise
        except Exception as error:
            # A library met something that nobody foresaw; that must not stop the other files.
            log.exception("Reading %s failed", shown)
            reason = (
                f"The file cannot be read ({type(error).__name__}: {error}). "
                "Save it anew, or in another format."
            )
            yield FileReport(shown, Outcome.REFUSED, reason=reason)


def prune(catalogue: Catalogue, folders: Sequence[Path], collection: str) -> Iterator[FileReport]:
    """Remove the documents that came from these folders and whose file is gone.

    A folder that is not there removes nothing: it may be a disk that is not mounted.
    """
    for folder in folders:
        root = Path(os.path.realpath(folder))
        if not root.is_dir():
            continue
        for document, file in catalogue.files(collection, str(root)):
            if _is_gone(root / file):
                catalogue.remove(document)
                yield FileReport(file, Outcome.REMOVED, document)


def make_document(
    content: bytes, source: Source, collection: str
) -> tuple[Document, tuple[Passage, ...]]:
    """Read, clean, detect languages and segment one file's bytes.

    Raises:
        Refused: the bytes cannot be read, or hold no text; the subclass says why.
    """
    media_type = readers.media_type_of(source.file, content)
    cleaned = clean(readers.read(content, media_type))
    passages = segment(cleaned)
    if not passages:
        raise NoText("The file holds no text. Leave it out, or give a version that does.")
    metadata = cleaned.metadata
    document = Document(
        id=document_id(collection, source.file),
        collection=collection,
        file=source.file,
        root=str(source.root),
        media_type=media_type,
        sha256=hashlib.sha256(content).hexdigest(),
        language=_main_language(passages),
        title=metadata.title or Path(source.file).stem,
        publisher=metadata.publisher,
        published=metadata.published,
        url=metadata.url,
        text=cleaned.text,
    )
    return document, passages


def _ingest_one(
    catalogue: Catalogue, source: Source, collection: str, max_file_bytes: int
) -> FileReport:
    _check_name(source)
    content = _read(source.path, max_file_bytes)
    known = catalogue.newest_version(collection, source.file)
    if known and known.root != str(source.root):
        _settle_move(catalogue, known, source, collection, content)
    if known and _is_same(known, content):
        return FileReport(source.file, Outcome.UNCHANGED, known.id)
    document, passages = make_document(content, source, collection)
    catalogue.put(document, passages, TEXT_VERSION)
    return FileReport(source.file, Outcome.UPDATED if known else Outcome.ADDED, document.id)


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
        raise NameTaken(
            f"The collection already holds another document of this name, from {known.root}. "
            f"Ingest this one with --collection NAME, or run `passerelle documents remove "
            f"{known.id}` first."
        )
    if os.path.isdir(known.root):  # noqa: PTH112, it may be unreadable
        catalogue.move(known.id, str(source.root))
    else:
        catalogue.move_folder(collection, known.root, str(source.root))


def _is_gone(path: Path) -> bool:
    """Tell whether there is no such file any more; one that cannot be looked at may be there."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _walk(root: Path) -> list[Source]:
    """Return the files below ``root``; a folder that cannot be listed is named in their place."""
    paths: list[Path] = []

    def keep_unreadable(error: OSError) -> None:
        paths.append(Path(error.filename))

    for folder, folders, files in os.walk(root, onerror=keep_unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths += [Path(folder) / name for name in files if not name.startswith(".")]
    return sorted(Source(root, path.relative_to(root).as_posix()) for path in paths)


def _check_name(source: Source) -> None:
    try:
        str(source.path).encode()
    except UnicodeEncodeError:
        raise BadFileName(
            "The file's name or folder is not written in UTF-8. Rename it and ingest it again."
        ) from None


def _read(path: Path, max_file_bytes: int) -> bytes:
    try:
        if not path.exists():
            raise UnreadableFile("There is no such file. Check the path.")
        if path.is_dir():
            raise UnreadableFile("The folder cannot be listed. Check its permissions.")
        if not path.is_file():
            raise UnreadableFile("This is a device or a pipe, not a file. Leave it out.")
        size = path.stat().st_size
        if size > max_file_bytes:
            raise FileTooLarge(
                f"The file has {size / 2**20:,.0f} MiB; {max_file_bytes / 2**20:,.0f} MiB are read "
                "at most. Split it, or raise PASSERELLE_MAX_FILE_MB."
            )
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            f"The file cannot be read ({error.strerror}). Check its permissions."
        ) from error


def _main_language(passages: Sequence[Passage]) -> str:
    """Return the language that most of the text is in."""
    amounts: Counter[str] = Counter()
    for passage in passages:
        amounts[passage.language] += len(passage.text)
    del amounts[UNKNOWN_LANGUAGE]
    return amounts.most_common(1)[0][0] if amounts else UNKNOWN_LANGUAGE


def _shown(file: str) -> str:
    """Return a file name that can be printed: bytes that are no UTF-8 as ``\\xNN``."""
    return os.fsencode(file).decode("utf-8", "backslashreplace")
