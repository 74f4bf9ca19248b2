"""Accepts uploads, replacements and removals, durably, and has them carried out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import UploadFile

from api.auth.permissions import Rights
from api.jobs.worker import Worker
from api.overload import Busy
from api.problems import NotAllowed, UnknownDocument
from api.settings import Settings
from corpus.readers import refuse_other_format
from corpus.store import reserve
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import MACHINE, Job, Kind
from corpus.store.quotas import UNLIMITED, Account, jobs_reached
from corpus.uploads import Limits, Upload, offered
from index.reader import IndexReader

MAX_JOBS_TO_DO = 200
"""Jobs that wait; each may hold the largest upload on disk."""

MAX_JOBS_OF_ONE = 50
"""Of one key, unless its quota says otherwise, so that one does not fill the places of all."""


class Uploads:
    """What may change the collection over HTTP."""

    def __init__(self, settings: Settings, worker: Worker, reader: IndexReader) -> None:
        self._settings = settings
        self._worker = worker
        self._reader = reader

    def accept(
        self,
        rights: Rights,
        files: Sequence[UploadFile],
        collection: str,
        confirm: Callable[[], None] = lambda: None,
        account: Account = MACHINE,
    ) -> Job:
        """Accept files for a collection; they are kept when this returns.

        Just before, ``confirm`` raises what forbids it by then.

        Raises:
            NotAllowed: the collection, whether or not there is one, is not for these rights.
            Refused: none of the files can be ingested; this is the reason for the first.
            NothingOffered: there are none.
            Busy: too many jobs wait.
            QuotaReached: there would be more than the account allows.
            DiskFull: there is no room.
            CatalogueError: they cannot be kept.
        """
        if not rights.may_write_in(collection):
            raise NotAllowed
        uploads = [Upload(file.filename or "", file.file) for file in files]
        with Catalogue.existing(self._settings.data) as catalogue:

            def check() -> None:
                confirm()
                _check_queue(catalogue, account)

            self._check_room(catalogue, account)
            content = offered(uploads, _limits(self._settings))
            job = catalogue.jobs.accept(Kind.UPLOAD, collection, content, check, account)
        self._worker.wake()
        return job

    def accept_replacement(
        self,
        rights: Rights,
        document: str,
        file: UploadFile,
        confirm: Callable[[], None] = lambda: None,
        account: Account = MACHINE,
    ) -> Job:
        """Accept a document's new content; it is kept when this returns.

        Just before, ``confirm`` raises what forbids it by then.

        Raises:
            UnknownDocument: there is no such document in a collection that is for these rights.
            Refused: the content cannot be taken in.
            Busy: too many jobs wait.
            QuotaReached: there would be more than the account allows.
            DiskFull: there is no room.
            CatalogueError: it cannot be kept.
        """
        with Catalogue.existing(self._settings.data) as catalogue:

            def check() -> None:
                confirm()
                _check_queue(catalogue, account)
                _place(catalogue, rights, document)  # it may have been removed meanwhile

            self._check_room(catalogue, account)
            document = catalogue.meant(document)
            collection, name = _place(catalogue, rights, document)
            refuse_other_format(name, file.filename or "")
            content = offered([Upload(name, file.file)], _limits(self._settings))
            job = catalogue.jobs.accept(Kind.REPLACE, collection, content, check, account)
        self._worker.wake()
        return job

    def _check_room(self, catalogue: Catalogue, account: Account) -> None:
        """Turn away before it is read what would be turned away then."""
        reserve.check(self._settings.data)
        _check_queue(catalogue, account)
        if account.quota != UNLIMITED:
            usage = catalogue.jobs.usage(account.owner)
            account.quota.check(usage._replace(jobs=usage.jobs + 1))

    def remove(self, rights: Rights, document: str) -> None:
        """Remove a document; no question finds it after this returns.

        Raises:
            UnknownDocument: there is no such document in a collection that is for these rights.
            CatalogueError: it cannot be removed.
        """
        with Catalogue.existing(self._settings.data) as catalogue:
            document = catalogue.meant(document)
            collection = catalogue.collection_of(document)
            if collection is None or not rights.may_write_in(collection):
                raise UnknownDocument
            if not catalogue.remove(document):
                raise UnknownDocument
            generation = catalogue.generation()
        self._reader.refresh()
        self._reader.forget(document, generation)


def _place(catalogue: Catalogue, rights: Rights, document: str) -> tuple[str, str]:
    """Return a document's collection and file, if these rights are for it."""
    known = catalogue.place_of(document)
    if known is None or not rights.may_write_in(known[0]):
        raise UnknownDocument
    return known


def _check_queue(catalogue: Catalogue, account: Account) -> None:
    if catalogue.jobs.count_to_do() >= MAX_JOBS_TO_DO:
        raise Busy(retry_after_seconds=30)
    has_share = account.owner and account.quota.jobs is None
    if has_share and catalogue.jobs.count_to_do(account.owner) >= MAX_JOBS_OF_ONE:
        raise jobs_reached(MAX_JOBS_OF_ONE)


def _limits(settings: Settings) -> Limits:
    return Limits(settings.max_file_bytes, settings.max_upload_bytes)
