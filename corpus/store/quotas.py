"""How much of the collection, and of its queue, one key may have."""

from __future__ import annotations

from typing import NamedTuple

from corpus.errors import JobsReached, QuotaReached


class Usage(NamedTuple):
    """What an owner has."""

    documents: int
    """Those that were sent last by this owner, and those that are to be."""
    bytes: int
    """Of their files."""
    jobs: int
    """Those that are not done."""


class Quota(NamedTuple):
    """What an owner may have; None: any amount."""

    documents: int | None = None
    bytes: int | None = None
    jobs: int | None = None

    def check(self, usage: Usage) -> None:
        """Compare it with what an owner would have.

        Raises:
            QuotaReached: that is more. Of jobs, it is the subclass JobsReached.
        """
        if self.jobs is not None and usage.jobs > self.jobs:
            raise jobs_reached(self.jobs)
        if self.documents is not None and usage.documents > self.documents:
            raise QuotaReached(
                f"This key may keep {self.documents:,} documents; with this it would have "
                f"{usage.documents:,}. {_REMEDY}"
            )
        if self.bytes is not None and usage.bytes > self.bytes:
            raise QuotaReached(
                f"This key may keep files of {_mib(self.bytes)} MiB; with this it would have "
                f"{_mib(usage.bytes)} MiB. {_REMEDY}"
            )


UNLIMITED = Quota()


class Account(NamedTuple):
    """Whom what is accepted counts for, and how much that may be."""

    owner: str = ""
    """The id of a key; empty for who needs none."""
    quota: Quota = UNLIMITED


def jobs_reached(most: int) -> JobsReached:
    """Return the error of a key that may have so many unfinished jobs, and has."""
    return JobsReached(f"This key may have {most:,} unfinished jobs. Wait until one is done.")


_REMEDY = "Delete some of its documents, or ask the operator of the server for a larger quota."


def _mib(size: int) -> str:
    return f"{size / 2**20:,.3g}"
