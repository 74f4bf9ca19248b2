"""What is under way, what was told of it, and what must hold when all is done."""

from __future__ import annotations

import hashlib
from contextlib import closing
from functools import partial
from itertools import count, cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from api.auth.keys import Keys, Scope
from corpus.errors import ModelChangeRefused, PasserelleError
from corpus.store.view import View
from corpus.types import document_id
from index.errors import ModelSwitched
from tests.robustness.gone.disk import Disk
from tests.robustness.gone.running import files_with
from tests.robustness.orders.asking import WAYS, Asking
from tests.robustness.orders.model import Act, Doc, Holder, Kept, Version
from tests.robustness.orders.running import STRANGE, Loop, Running, raised
from tests.robustness.orders.turns import Actor

MOST_UNDER_WAY: Final = 4
MOST_CHANGES_WHEN_FULL: Final = 3
"""Deletions and revocations for which the small reserve of a small disk is enough."""
ASKED_AFTER_EACH: Final = 2
"""Ways to ask that are tried after each step. All are, at the end."""

TO_THE_END: Final = 10
"""Points in one go that are as good as all there are: others come in between where it waits."""

_server: list[Loop] = []
"""One event loop for all orders: to begin another takes longer than most steps."""


class Scene:
    """The service, a model of what it must show and must not, and what is under way."""

    def __init__(self) -> None:
        if not _server:
            _server.append(Loop())
        self._words = (f"zqpegel{number}x" for number in count())
        self._folder = TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
        self._root = Path(self._folder.name)
        self._disk = Disk(self._root / "disk")
        self._changes_when_full = 0
        self._was_full = self._was_strange = False
        self._copies: list[tuple[Path, Kept]] = []
        self._copied = count()
        self._kept = Kept()
        self._candidate = self._root / "other"
        self._candidate.mkdir()
        (self._candidate / "words").touch()
        self._ways = cycle(WAYS)
        self._askers = cycle((0, 1, 1))
        self._numbers = count()
        self._steps: dict[str, Actor] = {}
        self._running = Running(self._disk.folder / "data", _cache(), _server[0])
        self._asking = Asking(lambda: self._running, lambda: self._kept, self._full)

    def take_down(self) -> None:
        """Stop the server, and take its disk down though it did not stop."""
        with self._folder, closing(self._disk):
            self._disk.free()
            self._running.close()

    def settle(self) -> None:
        """Do all that is to be done: then what was accepted is there, and nothing else."""
        self._disk.free()
        self._running.finish_all()
        if not self._kept.is_ours:
            self._reindex(is_ours=True, points=TO_THE_END)
        self._work()
        assert not self._running.is_stale, self._running.service.live.problem
        for doc in self._kept.docs.values():
            path = f"/v1/documents/{doc.id}/text"
            response = self._running.send("GET", path, self._owner.text)
            words = doc.in_the_end()
            shown = {word for word in words if word is not None and word in response.text}
            if response.status_code != 200:
                assert None in words, f"{doc.file} is lost: {words}"
            else:
                assert len(shown) == 1, f"{doc.file}: {words}, but {response.text[:80]}"
        self.ask_in_every_way()
        self._no_byte_is_left()
        copy = self._root / "last"
        self._running.copy(copy, packed=False)
        assert files_with(copy, self._kept.gone(self._kept.now)) == {}

    def ask_in_every_way(self) -> None:
        """Ask in every way as the owner, and in some with every other key."""
        self._asking.ask_all(self._owner)
        for holder in self._kept.holders[1:]:
            for _ in range(ASKED_AFTER_EACH):
                self._ask_in_turn(holder)

    def end_with_an_erasure(self) -> None:
        """Erase what is there: then nothing of it is left in any file."""
        for doc in list(self._kept.docs.values())[:2]:
            self._erase(doc, TO_THE_END)
        self._no_byte_is_left()
        self.ask_in_every_way()

    @property
    def _owner(self) -> Holder:
        return self._kept.holders[0]

    def _ask_in_turn(self, holder: Holder) -> None:
        """Ask in the next way."""
        way, docs = next(self._ways), list(self._kept.docs.values())
        if docs or not way.is_of_one:
            doc = docs[next(self._numbers) % len(docs)] if way.is_of_one else None
            self._asking.ask(way, holder, doc, in_session=way.is_page)

    def _valid(self) -> list[Holder]:
        return [each for each in self._kept.holders if each.is_alive]

    def _of(self, collection: str) -> list[Holder]:
        return [each for each in self._valid() if each.collection == collection]

    def _doc(self, number: int) -> Doc:
        return list(self._kept.docs.values())[number % len(self._kept.docs)]

    def _may_begin(self) -> bool:
        return len(self._running.turns.under_way) < MOST_UNDER_WAY

    def _has_room_for_more(self) -> bool:
        return self._may_begin() and not self._disk.is_full

    def _may_change(self) -> bool:
        if self._disk.is_full and self._changes_when_full >= MOST_CHANGES_WHEN_FULL:
            return False
        return self._may_begin()

    def _full(self) -> tuple[int, ...]:
        """Return the statuses that may be on a disk that is or was full meanwhile."""
        return (507,) if self._was_full else ()

    def _version(self) -> Version:
        return Version(self._kept.tick(), word=next(self._words))

    def _request(self, points: int, method: str, path: str, then: Any, **sent: Any) -> Actor:
        key = sent.pop("key", self._owner.text)
        self._changes_when_full += self._disk.is_full
        kept = self._kept

        def told(response: Any) -> None:
            if self._kept is kept:
                then(response)

        actor = self._running.begin(f"{method} {path}", method, path, key, told, **sent)
        return self._go(actor, points)

    def _go(self, actor: Actor, points: int) -> Actor:
        """Have something go on for some points, or to its end."""
        if points >= TO_THE_END:
            self._running.finish(actor)
        for _ in range(points):
            if actor.is_done:
                break
            self._running.turns.go_on(actor)
        return actor

    def _upload(self, collection: str, file: str, holder: Holder, points: int) -> None:
        id_ = document_id(collection, file)
        doc = self._kept.docs.setdefault(id_, Doc(id_, file, collection))
        version = self._version()
        version.holder = holder
        doc.versions.append(version)

        def then(response: Any) -> None:
            self._is_kept(version, response, 401, 429)

        files = [("files", (file, text(version.word)))]
        data = {"collection": collection}
        self._request(
            points, "POST", "/v1/documents", then, key=holder.text, files=files, data=data
        )

    def _is_kept(self, version: Version, response: Any, *refusals: int) -> bool:
        """Note whether something sent was kept."""
        self._no_error(response)
        if response.status_code == 202:
            assert not version.must_be_refused, f"{version.word} is kept for a revoked key"
            version.done = self._kept.tick()
            return True
        assert response.status_code in (*refusals, *self._full()), response.text
        if response.status_code in (401, 429):
            assert version.holder is not None
            assert not version.holder.is_alive, "a valid key is turned away"
        version.is_refused = True
        return False

    def _is_deleted(
        self, doc: Doc, act: Act, response: Any, done: tuple[int, ...], *, in_steps: bool = False
    ) -> bool:
        """Note whether something was deleted; it was not, if it may not have been there.

        What is done ``in_steps`` may have deleted it before it found the disk full.
        """
        self._no_error(response)
        if response.status_code in done:
            act.done = self._kept.tick()
            return True
        if in_steps and response.status_code in self._full():
            return False
        doc.deletions.remove(act)
        if response.status_code == 404:
            for each in doc.kept():
                assert not each.is_before(act) or doc.may_be_deleted(each), f"{each.word} was there"
        else:
            assert response.status_code in (429, *self._full()), response.text
        return False

    def _erase(self, doc: Doc, points: int) -> None:
        act, alone = Act(self._kept.tick()), not self._running.turns.under_way
        alone = alone and points >= TO_THE_END

        def then(response: Any) -> None:
            if self._is_deleted(doc, act, response, (200,), in_steps=True):
                is_overwritten = response.json()["overwritten"]
                assert is_overwritten or not alone, "nobody reads an older state"
                if is_overwritten:
                    self._note_erased(doc, act)

        doc.deletions.append(act)
        self._request(points, "DELETE", f"/v1/documents/{doc.id}?erase=true", then)

    def _erase_by_command(self, doc: Doc, points: int) -> None:
        kept, act = self._kept, Act(self._kept.tick())

        def then(erased: Any) -> None:
            if self._kept is not kept:
                return
            self._forgiven(erased)
            if isinstance(erased, BaseException):
                return
            self._running.poll()  # as the server does by itself, within a second
            act.done = kept.tick()  # what was left of an unknown one is erased all the same
            if erased.is_overwritten:
                self._note_erased(doc, act)

        doc.deletions.append(act)
        call = partial(self._running.erase, doc.id)
        self._go(self._running.turns.begin_thread("erase", call, then), points)

    def _note_erased(self, doc: Doc, act: Act) -> None:
        self._kept.erased |= {each.word for each in doc.versions if each.is_before(act)}
        self._no_byte_is_left()

    def _no_byte_is_left(self) -> None:
        if self._kept.erased:
            assert files_with(self._running.settings.data, self._kept.erased) == {}

    def _refuse_what_is_not_kept(self, holder: Holder) -> None:
        """Note what was sent with a key that is revoked now, and is not kept by now: it may not be
        kept any more."""
        with View.open(self._running.settings.data) as view:
            kept = {row[0] for row in view.query("SELECT sha256 FROM job_files")}
        for _, version in self._kept.versions():
            if version.holder is holder and not version.is_known and not version.is_refused:
                sha256 = hashlib.sha256(text(version.word))
                version.must_be_refused = not {sha256.digest(), sha256.hexdigest()} & kept

    def _make_key(self, collection: str) -> None:
        with Keys(self._running.settings.data) as keys:
            key, text = keys.add(f"of {collection}", [Scope.READ, Scope.WRITE], [collection])
        session = self._running.sign_in(text)
        self._kept.holders.append(Holder(key.id, text, session, collection))

    def _reindex(self, *, is_ours: bool, points: int) -> None:
        """Have another process give the collection to a model, one after the other."""
        if before := self._steps.get("reindex"):
            self._running.finish(before)
        self._kept.is_ours, self._was_strange = False, True
        encoder = self._running.service.encoder if is_ours else STRANGE
        call = partial(self._running.reindex, encoder)
        actor = self._running.turns.begin_thread("reindex", call, self._forgiven)
        self._steps["reindex"] = actor
        if is_ours:
            self._running.finish(actor)
            self._kept.is_ours = True
        else:
            self._go(actor, points)

    def _prepare_end(self) -> None:
        self._running.finish_all()
        if not self._kept.is_ours:  # a server does not start on it, as is tested elsewhere
            self._reindex(is_ours=True, points=TO_THE_END)

    def _work(self) -> None:
        """Do what is to be done, as the server's threads do."""
        for _ in range(2):
            for name in ("follow", "read", "encode", "refresh"):
                call = getattr(self._running, name)
                self._running.finish(self._running.turns.begin_thread(name, call, raised))

    def _no_error(self, response: Any) -> None:
        if isinstance(response, BaseException):
            raise response

    def _forgiven(self, outcome: Any) -> None:
        """Pass over what a thread logs, and tries again, on a full disk or with a strange model."""
        if isinstance(outcome, PasserelleError):
            is_due = isinstance(outcome, ModelSwitched | ModelChangeRefused)
            if is_due or self._was_full or self._was_strange:
                return
        self._no_error(outcome)


def _cache() -> Path:
    return Path(__file__).parents[3] / ".cache" / "tests"


def text(word: str) -> bytes:
    said = (
        f"Der Pegel {word} am Fluss steigt seit gestern langsam. Um Mitternacht misst {word} zwei "
        f"Meter und mehr. Am Morgen sinkt der Fluss bei {word} wieder, so sagt der Bericht."
    )
    return f"Die Messung {word}\n\n{said}\n\n{said.replace('Pegel', 'Stand')}\n".encode()
