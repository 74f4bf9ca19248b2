"""Steps in any order, and after each what the service and the disk say beside the model's word."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from api.auth.keys import Keys, Scope
from corpus.errors import PasserelleError
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Kind, Offered
from corpus.types import document_id
from tests.robustness.gone.disk import Disk
from tests.robustness.gone.running import OTHER, OURS, Running, files_with

COLLECTIONS: Final = ("open", "secret")
NAMES: Final = ("a.txt", "b.txt")
PLACES: Final = [(collection, name) for collection in COLLECTIONS for name in NAMES]
MOST_CHANGES_WHEN_FULL: Final = 4
"""Deletions and revocations for which the small reserve of a small disk is enough."""

PASSAGES: Final = 1
LOG_BYTES: Final = 2**16
"""When an index is kept, and a log folded back, in a small collection: as in a large one."""

TURNED_AWAY: Final = (401, 429)
"""Statuses of a wrong key, and of too many of them in a minute."""

Place = tuple[str, str]

_WORD = re.compile(r"zqpegel\d+x")
"""So long that no noise has it by chance, which the reserve is full of."""


@dataclass
class Kept:
    """What a data folder ought to hold."""

    accepted: dict[Place, list[str]] = field(default_factory=lambda: {each: [] for each in PLACES})
    """Words of the versions of each document that were accepted, oldest first."""
    floor: dict[Place, int] = field(default_factory=lambda: dict.fromkeys(PLACES, 0))
    """How many of them the last deletion took away."""
    seen: dict[Place, int] = field(default_factory=lambda: dict.fromkeys(PLACES, -1))
    """The newest that was shown."""
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Text and session of the valid keys, by their ids."""
    dead: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Those of revoked ones."""
    erased: set[str] = field(default_factory=set)
    """Words of which no byte may be anywhere in the folder."""
    is_ours: bool = True
    """Whether the vectors are those of the server's model."""

    def wanted(self, place: Place) -> str | None:
        """Return the word of what is shown once all is done; None if nothing is."""
        left = self.accepted[place][self.floor[place] :]
        return left[-1] if left else None

    def gone(self) -> set[str]:
        """Return the words that a new copy has nothing of: of what was deleted or replaced."""
        return {
            word
            for place, words in self.accepted.items()
            for word in words[: max(self.floor[place], self.seen[place])]
        }


class Gone(RuleBasedStateMachine):
    """The service, a model of what it must show and must not, and whatever happens to both."""

    def __init__(self) -> None:
        super().__init__()
        self._words = (f"zqpegel{number}x" for number in count())
        self._folder = TemporaryDirectory()
        self._root = Path(self._folder.name)
        self._disk = Disk(self._root / "disk")
        self._changes_when_full = 0
        self._copies: list[tuple[Path, Kept]] = []
        self._kept = Kept()
        self._of_one: dict[str, str] = {}
        """The collections of keys, by their texts."""
        self._running = Running(self._disk.folder / "data", self._cache())

    @staticmethod
    def _cache() -> Path:
        return Path(__file__).parents[3] / ".cache" / "tests"

    def teardown(self) -> None:
        """Stop the server, and take its disk down though it did not stop."""
        with self._folder, closing(self._disk):
            self._running.end()

    @initialize()
    def keys(self) -> None:
        """Begin with a key for one collection that reads."""
        self._make_key("open")

    # What may happen.

    @precondition(lambda self: not self._disk.is_full)
    @rule(place=st.sampled_from(PLACES))
    def upload(self, place: Place) -> None:
        self._upload(place)

    @precondition(lambda self: not self._disk.is_full)
    @rule(place=st.sampled_from(PLACES))
    def replace(self, place: Place) -> None:
        word = next(self._words)
        files = {"file": (place[1], _text(word))}
        response = self._send("PUT", f"/v1/documents/{document_id(*place)}", files=files)
        if response.status_code == 404:
            assert not self._is_shown(place)
        else:
            assert response.status_code == 202, response.text
            self._kept.accepted[place].append(word)

    @precondition(lambda self: self._has_room())
    @rule(
        place=st.sampled_from(PLACES),
        meanwhile=st.lists(st.sampled_from(["upload", "read", "encode", "poll"]), max_size=4),
    )
    def delete(self, place: Place, meanwhile: list[str]) -> None:
        kept = self._kept
        had = kept.wanted(place) is not None
        before = len(kept.accepted[place])
        self._running.meanwhile = [self._step(name, place) for name in meanwhile]
        response = self._send("DELETE", f"/v1/documents/{document_id(*place)}")
        self._running.meanwhile = []
        assert response.status_code == (204 if had else 404), response.text
        kept.floor[place] = before

    @precondition(lambda self: not self._disk.is_full and self._kept.is_ours)
    @rule(place=st.sampled_from(PLACES))
    def erase(self, place: Place) -> None:
        kept, document = self._kept, document_id(*place)
        had = kept.wanted(place) is not None
        erased = self._running.erase([document])
        assert erased.is_overwritten
        assert (document in erased.documents) == had
        kept.floor[place] = len(kept.accepted[place])
        kept.erased |= set(kept.accepted[place])
        held = {each.place.partition(":")[0] for each in erased.held}
        for path, then in self._copies:
            if then.wanted(place) is not None:
                assert any(where.startswith(str(path)) for where in held), (path, held)

    @precondition(lambda self: not self._disk.is_full)
    @rule(collection=st.sampled_from(COLLECTIONS))
    def make_key(self, collection: str) -> None:
        self._make_key(collection)

    @precondition(lambda self: self._kept.keys and self._has_room())
    @rule(number=st.integers(0, 9))
    def revoke(self, number: int) -> None:
        id_ = sorted(self._kept.keys)[number % len(self._kept.keys)]
        with Keys(self._running.settings.data) as keys:
            assert keys.revoke(id_)
        self._kept.dead[id_] = self._kept.keys.pop(id_)

    @rule()
    def read(self) -> None:
        self._try(self._running.read_one)

    @rule()
    def encode(self) -> None:
        self._try(self._running.encode)

    @rule()
    def poll(self) -> None:
        self._running.poll()

    @precondition(lambda self: not self._disk.is_full)
    @rule()
    def keep(self) -> None:
        self._running.keep()

    @precondition(lambda self: not self._disk.is_full)
    @rule(is_ours=st.booleans())
    def reindex(self, is_ours: bool) -> None:
        """The other model's vectors make every refresh fail, until they are ours again."""
        self._running.reindex(OURS if is_ours else OTHER)
        self._kept.is_ours = is_ours

    @precondition(lambda self: not self._disk.is_full)
    @rule(packed=st.booleans())
    def copy(self, packed: bool) -> None:
        path = self._root / f"copy-{len(self._copies)}{'.zip' * packed}"
        self._running.copy(path, packed=packed)
        self._copies.append((path, copy.deepcopy(self._kept)))
        if not packed:
            assert files_with(path, self._kept.gone()) == {}

    @precondition(lambda self: self._copies and not self._disk.is_full)
    @rule(number=st.integers(0, 9))
    def restore(self, number: int) -> None:
        path, then = self._copies[number % len(self._copies)]
        if not then.is_ours:
            return  # a server with our model does not start on it, as is tested elsewhere
        self._running.restore(path)
        now = self._kept
        self._kept = copy.deepcopy(then)
        unknown = {**now.keys, **now.dead}
        for id_ in unknown.keys() - then.keys.keys() - then.dead.keys():
            self._kept.dead[id_] = unknown[id_]

    @precondition(lambda self: self._kept.is_ours and not self._disk.is_full)
    @rule()
    def restart(self) -> None:
        self._running.restart()

    @precondition(lambda self: self._disk.can_be_full and not self._disk.is_full)
    @rule()
    def fill_the_disk(self) -> None:
        self._disk.fill()
        self._changes_when_full = 0

    @precondition(lambda self: self._disk.is_full)
    @rule()
    def free_the_disk(self) -> None:
        self._disk.free()

    @precondition(lambda self: self._disk.is_full)
    @rule(place=st.sampled_from(PLACES))
    def upload_on_a_full_disk(self, place: Place) -> None:
        word = next(self._words)
        files = [("files", (place[1], _text(word)))]
        data = {"collection": place[0]}
        response = self._send("POST", "/v1/documents", files=files, data=data)
        if response.status_code == 202:
            self._kept.accepted[place].append(word)
        else:
            assert response.status_code == 507, response.text

    @rule()
    def settle(self) -> None:
        """Do all that is to be done: then what was accepted is there, and nothing else."""
        self._disk.free()
        if not self._kept.is_ours:
            self._running.reindex(OURS)
            self._kept.is_ours = True
        self._running.restart()
        while self._running.read_one():
            pass
        self._running.encode()
        self._running.poll()
        shown = self.shown()
        for place in PLACES:
            assert shown.get(place) == self._kept.wanted(place), place
            word = self._kept.wanted(place)
            if word is not None:
                assert word in self._found(f"Was misst {word} am Fluss?", self._running.owner)

    # What must be so after each.

    @invariant()
    def nothing_is_shown_that_is_gone_and_nothing_is_lost(self) -> None:
        kept = self._kept
        for place, word in self.shown().items():
            number = kept.accepted[place].index(word)
            assert number >= max(kept.floor[place], kept.seen[place]), (place, word)
            kept.seen[place] = number
        for place in PLACES:
            if self._is_shown(place) and not self._running.is_stale:
                assert place in self.shown(), place

    @invariant()
    def answers_quote_what_is_there(self) -> None:
        allowed = {
            word
            for place, words in self._kept.accepted.items()
            for word in words[max(self._kept.floor[place], self._kept.seen[place]) :]
        }
        assert self._found("Was misst man am Fluss?", self._running.owner) <= allowed
        for key, _ in list(self._kept.keys.values())[:1]:
            self._found("Was misst man am Fluss?", key)

    @invariant()
    def revoked_keys_open_nothing(self) -> None:
        for key, session in self._kept.dead.values():
            assert self._running.send("GET", "/v1/documents", key).status_code in TURNED_AWAY
            assert self._running.in_session(session, "/documents") in TURNED_AWAY
        for key, session in list(self._kept.keys.values())[-1:]:
            assert self._running.send("GET", "/v1/collections", key).status_code == 200
            assert self._running.in_session(session, "/v1/collections") == 200

    @invariant()
    def no_byte_is_left_of_what_was_erased(self) -> None:
        if self._kept.erased:
            assert files_with(self._running.settings.data, self._kept.erased) == {}

    @invariant()
    def readiness_is_honest(self) -> None:
        metrics = self._running.send("GET", "/metrics", self._running.owner).text
        assert f"passerelle_snapshot_stale {float(self._running.is_stale)}" in metrics

    # How it is done.

    def _has_room(self) -> bool:
        return not self._disk.is_full or self._changes_when_full < MOST_CHANGES_WHEN_FULL

    def wanted(self, place: Place) -> str | None:
        """Return the word of what is shown of a document once all is done."""
        return self._kept.wanted(place)

    def _is_shown(self, place: Place) -> bool:
        return self._kept.seen[place] >= self._kept.floor[place]

    def _send(self, method: str, path: str, **sent: Any) -> Any:
        self._changes_when_full += 1
        return self._running.send(method, path, self._running.owner, **sent)

    def _upload(self, place: Place) -> None:
        word = next(self._words)
        files = [("files", (place[1], _text(word)))]
        response = self._send("POST", "/v1/documents", files=files, data={"collection": place[0]})
        assert response.status_code == 202, response.text
        self._kept.accepted[place].append(word)

    def shown(self) -> dict[Place, str]:
        """Return the words of all documents that can be read, by place."""
        listed = self._running.send("GET", "/v1/documents?limit=100", self._running.owner).json()
        shown = {}
        for document in listed["documents"]:
            text = self._running.send(
                "GET", f"/v1/documents/{document['id']}/text", self._running.owner
            )
            assert text.status_code == 200
            (word,) = set(_WORD.findall(text.text))
            shown[document["collection"], document["file"]] = word
        return shown

    def _found(self, question: str, key: str) -> set[str]:
        """Return the words of the passages that come of a question, for a key."""
        response = self._running.send(
            "POST", "/v1/ask", key, json={"question": question, "limit": 50}
        )
        assert response.status_code == 200, response.text
        words = set()
        for passage in response.json()["passages"]:
            source = passage["source"]
            (word,) = set(_WORD.findall(passage["text"]))
            assert word in self._kept.accepted[source["collection"], source["file"]]
            if key in self._of_one:
                assert source["collection"] == self._of_one[key]
            words.add(word)
        return words

    def _make_key(self, collection: str) -> None:
        with Keys(self._running.settings.data) as keys:
            key, text = keys.add(f"of {collection}", [Scope.READ, Scope.WRITE], [collection])
        self._of_one[text] = collection
        self._kept.keys[key.id] = (text, self._running.sign_in(text))

    def _step(self, name: str, place: Place) -> Callable[[], None]:
        return {
            "upload": lambda: self._accept(place),
            "read": self.read,
            "encode": self.encode,
            "poll": self.poll,
        }[name]

    def _accept(self, place: Place) -> None:
        """Accept an upload as a request beside the one that is under way does."""
        if self._disk.is_full:
            return
        word = next(self._words)
        with Catalogue.existing(self._running.settings.data) as catalogue:
            offered = [Offered(place[1], _text(word))]
            catalogue.jobs.accept(Kind.UPLOAD, place[0], offered)
        self._kept.accepted[place].append(word)

    def _try(self, step: Callable[[], object]) -> None:
        """Do what a thread of the server does, which logs an error and tries again later."""
        try:
            step()
        except PasserelleError:
            assert self._disk.is_full or not self._kept.is_ours


def _text(word: str) -> bytes:
    return (
        f"Die Messung {word}\n\nDer Pegel {word} am Fluss steigt seit gestern langsam. "
        f"Um Mitternacht misst {word} zwei Meter und mehr.\n"
    ).encode()
