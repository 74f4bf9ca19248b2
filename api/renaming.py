"""Renaming a collection: its documents move to the new name one after the other."""

from __future__ import annotations

from typing import Final, NamedTuple

from api.audit.chain import Deed
from api.auth.middleware import Principal
from api.jobs.uploads import Moved
from api.problems import NotAllowed
from api.service import Service
from corpus.store.view.filters import DocumentFilter

AT_ONCE: Final = 1_000
"""Documents that move before whoever waits is told how far it is: some 15 s, or a minute."""


class Renamed(NamedTuple):
    """How far a renaming is."""

    moved: Moved
    """By now, in this step."""
    left: int
    """Documents that have the old name."""

    @property
    def is_done(self) -> bool:
        """Whether nothing has the old name any more."""
        return self.left == 0


def may_rename(by: Principal, collection: str) -> bool:
    """Tell whether a principal may rename a collection: keys that name it are changed too."""
    return by.rights.is_admin and by.rights.may_write_in(collection)


def rename(service: Service, by: Principal, collection: str, to: str) -> Renamed:
    """Move up to AT_ONCE documents of a collection to its new name; to be called until it is done.

    Keys that open the collection by its name open both until then, and the new name only after.

    Raises:
        NotAllowed: one of the names is not for their rights, or they are no admin.
        CatalogueError: it cannot be done; what was moved before is.
    """
    if not (may_rename(by, collection) and may_rename(by, to)) or collection == to:
        raise NotAllowed
    view = service.live.newest().within(by.rights.reads).view
    wanted = DocumentFilter(collections=frozenset({collection}))
    total, documents = view.list_documents(wanted, 0, AT_ONCE)
    if not total:
        return Renamed(Moved(0, ()), 0)
    if to not in {each.collection for each in view.collections()}:
        _let_keys_open(service, by, collection, to, keep=True)
    moved = service.uploads.move_all(by, documents, to)
    left = total - moved.number
    if not (left or _is_awaited(service, collection)):
        _let_keys_open(service, by, collection, to, keep=False)
        service.asked.rename(collection, to)
    return Renamed(moved, left)


def _is_awaited(service: Service, collection: str) -> bool:
    """Tell whether a job has still to add something under a name."""
    with service.settings.store.existing() as catalogue:
        return any(job.collection == collection for job in catalogue.jobs.to_do())


def _let_keys_open(service: Service, by: Principal, old: str, new: str, *, keep: bool) -> None:
    """Have keys that open the old name open the new one, and ``keep`` the old one or not."""
    keys = service.keys.naming(old)
    if not keep:
        keys = [key for key in keys if key.collections and new in key.collections]
    for key in keys:
        service.audit.note(by.actor, Deed.CHANGED_KEY, key=key.id, collection=old, to=new)
    service.keys.let_open(keys, {old: keep, new: True})
