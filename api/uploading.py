"""Accepts files and removals, durably, and has them carried out."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import UploadFile

from api.errors import Busy, UnknownDocument
from api.settings import Settings
from api.wiring import Service
from corpus.catalogue import Catalogue
from corpus.jobs import Job, Kind
from corpus.uploads import Limits, Upload, offered

MAX_JOBS_TO_DO = 200
"""Jobs that wait; each may hold the largest upload on disk."""


def accept(service: Service, files: Sequence[UploadFile], collection: str) -> Job:
    """Accept files for a collection; they are kept when this returns.

    Raises:
        Refused: none of them can be taken in; this is the reason of the first.
        NothingOffered: there are none.
        Busy: too many jobs wait.
        CatalogueError: they cannot be kept.
    """
    uploads = [Upload(file.filename or "", file.file) for file in files]
    with Catalogue.existing(service.settings.data) as catalogue:
        _check_queue(catalogue)
        job = catalogue.jobs.accept(
            Kind.UPLOAD, collection, offered(uploads, _limits(service.settings))
        )
    service.worker.wake()
    return job


def accept_replacement(service: Service, document: str, file: UploadFile) -> Job:
    """Accept a document's new content; it is kept when this returns.

    Raises:
        UnknownDocument: there is no such document.
        Refused: the content cannot be taken in.
        Busy: too many jobs wait.
        CatalogueError: it cannot be kept.
    """
    with Catalogue.existing(service.settings.data) as catalogue:
        _check_queue(catalogue)
        known = catalogue.place_of(document)
        if known is None:
            raise UnknownDocument
        collection, name = known
        content = offered([Upload(name, file.file)], _limits(service.settings))
        job = catalogue.jobs.accept(Kind.REPLACE, collection, content)
    service.worker.wake()
    return job


def remove(service: Service, document: str) -> None:
    """Remove a document; no question finds it after this returns.

    Raises:
        UnknownDocument: there is no such document.
        CatalogueError: it cannot be removed.
    """
    with Catalogue.existing(service.settings.data) as catalogue:
        if not catalogue.remove(document):
            raise UnknownDocument
    service.live.refresh()


def _check_queue(catalogue: Catalogue) -> None:
    if catalogue.jobs.count_to_do() >= MAX_JOBS_TO_DO:
        raise Busy(retry_after_seconds=30)


def _limits(settings: Settings) -> Limits:
    return Limits(settings.max_file_bytes, settings.max_upload_bytes)
