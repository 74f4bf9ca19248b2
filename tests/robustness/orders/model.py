"""What must be gone and what must be there, though much happens at once.

Nobody outside can tell in which order two things happened that overlapped. So each has the moments
when it was begun and when it was known to be done. What was known to be done before another thing
was begun came before it; of all else either order will do.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

Moment = float

NOT_YET = math.inf


@dataclass(eq=False)
class Act:
    """Something that was asked for."""

    begun: Moment
    done: Moment = NOT_YET

    def is_before(self, other: Act) -> bool:
        """Tell whether it came first, for certain."""
        return self.done < other.begun

    @property
    def is_known(self) -> bool:
        """Whether it is known to be done."""
        return self.done < NOT_YET


@dataclass(eq=False)
class Version(Act):
    """A document's content that was sent."""

    word: str = ""
    is_refused: bool = False
    must_be_refused: bool = False
    """Whether its key was revoked before it was kept."""
    holder: Holder | None = None
    """Whose key it was sent with."""
    seen: Moment = NOT_YET
    """When it was first shown, and to somebody who was done by then."""


@dataclass(eq=False)
class Move(Act):
    """From one collection to another."""

    collection: str = ""


@dataclass(eq=False)
class Doc:
    """A document."""

    id: str
    file: str
    born: str
    """The collection that it was sent to at first."""
    versions: list[Version] = field(default_factory=list)
    deletions: list[Act] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)

    def kept(self) -> list[Version]:
        """Return what was sent and not refused."""
        return [each for each in self.versions if not each.is_refused]

    def is_gone(self, version: Version, since: Moment) -> bool:
        """Tell whether nothing may show a version to whoever asks at a moment or later."""
        if version.is_refused:
            return True
        deleted = any(each.done <= since and version.is_before(each) for each in self.deletions)
        return deleted or any(
            each.seen <= since and version.is_before(each) for each in self.kept()
        )

    def is_all_gone(self, since: Moment) -> bool:
        """Tell whether no version may be shown."""
        return all(self.is_gone(each, since) for each in self.versions)

    def is_deleted(self, version: Version) -> bool:
        """Tell whether a version is deleted for certain."""
        return any(each.is_known and version.is_before(each) for each in self.deletions)

    def may_be_deleted(self, version: Version) -> bool:
        """Tell whether a version may be deleted, now or by what is under way."""
        return any(not each.is_before(version) for each in self.deletions)

    def is_certain(self, since: Moment) -> bool:
        """Tell whether there must be something to show to whoever asks at a moment."""
        return any(each.seen <= since and not self.may_be_deleted(each) for each in self.kept())

    def in_the_end(self) -> set[str | None]:
        """Return the words one of which is shown when all is done; None is for nothing at all."""
        kept = self.kept()
        found: set[str | None] = {
            each.word
            for each in kept
            if not self.is_deleted(each) and not any(each.is_before(other) for other in kept)
        }
        if all(self.may_be_deleted(each) for each in kept):
            found.add(None)
        return found

    def collections(self, since: Moment) -> set[str]:
        """Return those in which it may be found by whoever asks at a moment or later."""
        places = [Move(-1.0, -1.0, self.born), *self.moves]
        return {
            each.collection
            for each in places
            if not any(each.is_before(other) and other.done <= since for other in places)
        }


@dataclass(eq=False)
class Holder:
    """A key."""

    id: str
    text: str
    session: str
    collection: str | None
    """The one that it opens; None: all."""
    revoked: Act | None = None

    def is_dead(self, since: Moment) -> bool:
        """Tell whether it may open nothing from a moment on."""
        return self.revoked is not None and self.revoked.done <= since

    @property
    def is_alive(self) -> bool:
        """Whether it must open what it opens."""
        return self.revoked is None


@dataclass
class Kept:
    """What a data folder ought to hold."""

    docs: dict[str, Doc] = field(default_factory=dict)
    holders: list[Holder] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)
    """Words of which no byte may be anywhere in the folder."""
    is_ours: bool = True
    """Whether the vectors are those of a model that the server can follow to."""
    changed: str | None = None
    """The model beside the one that is searched; None if there is no change under way."""
    now: Moment = 0.0

    def tick(self) -> Moment:
        """Return the next moment."""
        self.now += 1
        return self.now

    def found(self, word: str) -> tuple[Doc, Version]:
        """Return what a word is of."""
        for doc, version in self.versions():
            if version.word == word:
                return doc, version
        raise AssertionError(f"{word} was never sent")

    def versions(self) -> Iterator[tuple[Doc, Version]]:
        """Yield every version."""
        for doc in self.docs.values():
            for version in doc.versions:
                yield doc, version

    def gone(self, since: Moment) -> set[str]:
        """Return the words that nothing may show from a moment on."""
        return {v.word for doc, v in self.versions() if doc.is_gone(v, since)}

    def copied(self) -> Kept:
        """Return what a copy that is made now ought to hold, when nothing is under way."""
        return copy.deepcopy(self)
