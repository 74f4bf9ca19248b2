"""Accepts uploads, replacements and removals, durably, and has them carried out."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Collection, Sequence
from functools import partial
from time import monotonic
from typing import NamedTuple

from fastapi import UploadFile

from api import erasing
from api.audit.chain import Deed
from api.audit.log import AuditLog
from api.auth.middleware import Principal
from api.auth.permissions import Rights
from api.erasing import Erased
from api.jobs.worker import Worker
from api.overload import Busy, TooManyErasures
from api.problems import NotAllowed, UnknownDocument
from api.settings import Settings
from corpus.errors import ChangedMeanwhile, NotMoved
from corpus.readers import refuse_other_format
from corpus.store import reserve
from corpus.store.catalogue import Catalogue
from corpus.store.corrections import NO_CHANGES, Corrected
from corpus.store.jobs import Job, Kind
from corpus.store.quotas import UNLIMITED, Account, jobs_reached
from corpus.store.store import files_of
from corpus.store.view.listings import DocumentSummary
from corpus.uploads import Limits, Upload, offered
from index.live import LiveIndex

MAX_JOBS_TO_DO = 200
"""Jobs that wait; each may hold the largest upload on disk."""

REST_FACTOR = 4
"""Times its own length that an erasure over HTTP is followed by a rest, so that others can write
for four fifths of the time, whoever erases."""

MAX_JOBS_OF_ONE = 50
"""Of one key, unless its quota says otherwise, so that one does not fill the places of all."""


log = logging.getLogger(__name__)
REMOVED_AT_A_TIME = 50
"""Documents of one transaction, for which whoever else writes waits."""


class Stayed(NamedTuple):
    """A document that was not moved."""

    document: DocumentSummary
    why: NotMoved | ChangedMeanwhile

    @property
    def kind(self) -> str:
        """The name of what it is about."""
        return type(self.why).__name__


class Moved(NamedTuple):
    """What became of documents that were to be moved."""

    number: int
    stayed: tuple[Stayed, ...]


class Uploads:
    """What may change the collection over HTTP."""

    def __init__(
        self, settings: Settings, worker: Worker, reader: LiveIndex, audit: AuditLog
    ) -> None:
        self._settings = settings
        self._worker = worker
        self._readers: tuple[LiveIndex, ...] = (reader,)
        self._audit = audit
        self._erasing = threading.Lock()
        self._may_erase_at = -math.inf

    def use(self, *readers: LiveIndex) -> None:
        """Have what is removed gone from these from now on."""
        self._readers = readers

    def _refresh(self) -> None:
        for reader in self._readers:
            reader.refresh()

    def _forget(self, documents: Collection[str], generation: int) -> None:
        for reader in self._readers:
            reader.forget(documents, generation)

    def accept(
        self,
        by: Principal,
        files: Sequence[UploadFile],
        collection: str,
        confirm: Callable[[], None] = lambda: None,
    ) -> Job:
        """Accept files for a collection; they are kept when this returns.

        Just before, ``confirm`` raises what forbids it by then.

        Raises:
            NotAllowed: the collection, whether or not there is one, is not for their rights.
            Refused: none of the files can be ingested; this is the reason for the first.
            NothingOffered: there are none.
            Busy: too many jobs wait.
            QuotaReached: there would be more than the account allows.
            DiskFull: there is no room.
            CatalogueError: they cannot be kept.
        """
        if not by.rights.may_write_in(collection):
            raise NotAllowed
        account = by.account
        uploads = [Upload(file.filename or "", file.file) for file in files]
        with self._settings.store.existing() as catalogue:

            def check(job: str) -> None:
                confirm()
                _check_queue(catalogue, account)
                self._audit.note(by.actor, Deed.UPLOADED, collection=collection, job=job)

            self._check_room(catalogue, account)
            content = offered(uploads, _limits(self._settings))
            job = catalogue.jobs.accept(Kind.UPLOAD, collection, content, check, account)
        self._worker.wake()
        return job

    def accept_replacement(
        self,
        by: Principal,
        document: str,
        file: UploadFile,
        confirm: Callable[[], None] = lambda: None,
    ) -> Job:
        """Accept a document's new content; it is kept when this returns.

        Just before, ``confirm`` raises what forbids it by then.

        Raises:
            UnknownDocument: there is no such document in a collection that is for their rights.
            Refused: the content cannot be taken in.
            Busy: too many jobs wait.
            QuotaReached: there would be more than the account allows.
            DiskFull: there is no room.
            CatalogueError: it cannot be kept.
        """
        rights, account = by.rights, by.account
        with self._settings.store.existing() as catalogue:

            def check(job: str) -> None:
                confirm()
                _check_queue(catalogue, account)
                _place(catalogue, rights, document)  # it may have been removed meanwhile
                self._audit.note(
                    by.actor, Deed.REPLACED, collection=collection, document=document, job=job
                )

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

    def correct(
        self,
        by: Principal,
        document: str,
        changes: Corrected,
        expected: str | None,
        collection: str | None = None,
    ) -> None:
        """Correct what is known of a document, and move it to a ``collection`` if that is given;
        answers, filters and lists have it from now on.

        Raises:
            UnknownDocument: there is no such document in a collection that is for their rights.
            NotAllowed: the collection to move to, whether or not there is one, is not for them.
            ChangedMeanwhile: its facts no longer have the tag that is ``expected``.
            NotMoved: it cannot be moved now; the subclass says why.
            CatalogueError: it cannot be corrected.
        """
        with self._settings.store.existing() as catalogue:
            document, here = _to_change(catalogue, by, document)
            if collection is None or collection == here:
                self._audit.note(by.actor, Deed.CORRECTED, collection=here, document=document)
                is_there = catalogue.correct(document, changes, expected)
            else:
                is_there = self._move(catalogue, by, document, here, collection, changes, expected)
            if not is_there:
                raise UnknownDocument
            generation = catalogue.generation()
        self._refresh()
        if collection is not None:
            self._forget([document], generation)

    def _move(
        self,
        catalogue: Catalogue,
        by: Principal,
        document: str,
        here: str,
        collection: str,
        changes: Corrected = NO_CHANGES,
        expected: str | None = None,
    ) -> bool:
        """Move a document, and correct it; tell whether there is one."""
        if not by.rights.may_write_in(collection):
            raise NotAllowed
        self._audit.note(by.actor, Deed.MOVED, collection=here, document=document, to=collection)
        if changes:
            self._audit.note(by.actor, Deed.CORRECTED, collection=here, document=document)
        return catalogue.move(document, collection, changes, expected)

    def remove(self, by: Principal, document: str) -> None:
        """Remove a document; no question finds it after this returns.

        Raises:
            UnknownDocument: there is no such document in a collection that is for their rights.
            CatalogueError: it cannot be removed.
        """
        with self._settings.store.existing() as catalogue:
            document, collection = _to_change(catalogue, by, document)
            self._audit.note(
                by.actor, Deed.DELETED, must=True, collection=collection, document=document
            )
            if not catalogue.remove(document):
                raise UnknownDocument
            generation = catalogue.generation()
        self._refresh()
        self._forget([document], generation)

    def remove_all(self, by: Principal, documents: Sequence[DocumentSummary]) -> int:
        """Remove documents, some at a time, and return how many there still were.

        No question finds them after this returns.

        Raises:
            NotAllowed: one of them is in a collection that is not for their rights.
            CatalogueError: they cannot be removed; those before that are.
        """
        if not all(by.rights.may_write_in(each.collection) for each in documents):
            raise NotAllowed
        removed = 0
        try:
            with self._settings.store.existing() as catalogue:
                for start in range(0, len(documents), REMOVED_AT_A_TIME):
                    some = documents[start : start + REMOVED_AT_A_TIME]
                    for each in some:
                        self._audit.note(
                            by.actor,
                            Deed.DELETED,
                            must=True,
                            collection=each.collection,
                            document=each.id,
                        )
                    removed += catalogue.remove_some([each.id for each in some])
                generation = catalogue.generation()
        finally:
            self._refresh()
        self._forget([each.id for each in documents], generation)
        return removed

    def move_all(
        self, by: Principal, documents: Sequence[DocumentSummary], collection: str
    ) -> Moved:
        """Move documents to a collection, one after the other; answers have each there from then.

        Raises:
            NotAllowed: one of the collections is not for their rights.
            CatalogueError: they cannot be moved; those before that are.
        """
        to_move = [each for each in documents if each.collection != collection]
        if not all(by.rights.may_write_in(each.collection) for each in documents):
            raise NotAllowed
        moved, stayed = [], []
        try:
            with self._settings.store.existing() as catalogue:
                for each in to_move:
                    try:
                        if self._move(catalogue, by, each.id, each.collection, collection):
                            moved.append(each.id)
                    except (NotMoved, ChangedMeanwhile) as error:
                        stayed.append(Stayed(each, error))
                generation = catalogue.generation()
        finally:
            self._refresh()
        self._forget(moved, generation)
        return Moved(len(moved), tuple(stayed))

    def erase(self, by: Principal, document: str) -> Erased:
        """Remove a document so that no byte of the data folder is of it; say what still holds it.

        The whole catalogue is rewritten, and nobody can write meanwhile. So there is one at a time,
        and then a rest.

        Raises:
            UnknownDocument: there is no such document in a collection that is for their rights.
            TooManyErasures: another one is erased, or was a moment ago; nothing is removed.
            CatalogueError: it cannot be erased.
        """
        with self._settings.store.existing() as catalogue:
            document, collection = _to_change(catalogue, by, document)
        files_of(self._settings.store, "Erasing", erasing.INSTEAD)
        if not self._erasing.acquire(blocking=False):
            raise TooManyErasures(retry_after_seconds=30)
        try:
            wait = self._may_erase_at - monotonic()
            if wait > 0:
                raise TooManyErasures(retry_after_seconds=math.ceil(wait))
            return self._erase(by, document, collection)
        finally:
            self._erasing.release()

    def _erase(self, by: Principal, document: str, collection: str) -> Erased:
        note = partial(self._audit.note, by.actor, Deed.ERASED, must=True, collection=collection)
        started = monotonic()
        try:
            erased = erasing.erase(
                self._settings.data, [document], lambda found: note(document=found)
            )
        finally:
            ended = monotonic()
            self._may_erase_at = ended + (ended - started) * REST_FACTOR
            self._refresh()
        with self._settings.store.existing() as catalogue:
            generation = catalogue.generation()
        self._forget([document], generation)
        for copy in {held.copy for held in erased.held}:
            log.warning("%s still holds %s, which was erased", copy, document)
        return erased


def _to_change(catalogue: Catalogue, by: Principal, document: str) -> tuple[str, str]:
    """Return the id that is meant, and the document's collection, if they may change it."""
    document = catalogue.meant(document)
    collection = catalogue.collection_of(document)
    if collection is None or not by.rights.may_write_in(collection):
        raise UnknownDocument
    return document, collection


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
