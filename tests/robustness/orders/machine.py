"""Requests, steps of threads and other processes in any order, and what must hold after each."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any, Final

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from corpus.store import reserve
from tests.robustness.gone.running import files_with
from tests.robustness.orders.asking import WAYS
from tests.robustness.orders.model import Act, Holder, Move
from tests.robustness.orders.scene import ASKED_AFTER_EACH, TO_THE_END, Scene, text

COLLECTIONS: Final = ("open", "secret")
PLACES: Final = (("open", "a.txt"), ("secret", "b.txt"))
"""Documents that are sent again and again. Those that move are sent once under each name."""
MOST_DOCS: Final = 4
MOST_COPIES: Final = 3

STEPS: Final = ("read", "encode", "refresh", "keep", "follow")
"""Of the server's threads, each of which does one at a time."""

Points = st.integers(0, TO_THE_END + 3)
"""How far something goes at once."""


class Orders(Scene, RuleBasedStateMachine):
    """The service, a model of what it must show and must not, and whatever happens to both."""

    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        Scene.__init__(self)

    def teardown(self) -> None:
        """Hold the end against the model, unless it is wrong already, and take all down."""
        is_right = sys.exc_info()[0] is None
        try:
            if is_right:
                self.settle()
                self.end_with_an_erasure()
        finally:
            self.take_down()

    @initialize()
    def begin(self) -> None:
        """Begin with a key for each collection that reads, and a document in each."""
        owner = self._running
        self._kept.holders.append(
            Holder(owner.owner_key.id, owner.owner, owner.sign_in(owner.owner), None)
        )
        for collection in COLLECTIONS:
            self._make_key(collection)
        for place in PLACES:
            self._upload(*place, self._owner, TO_THE_END)
        self._work()

    # Requests.

    @precondition(lambda self: self._may_begin())
    @rule(number=st.integers(0, 9), of_owner=st.booleans(), points=Points)
    def upload(self, number: int, of_owner: bool, points: int) -> None:
        """Send a document, or the same again."""
        collection, file = PLACES[number % len(PLACES)]
        holders = [] if of_owner else self._of(collection)
        holder = holders[number % len(holders)] if holders else self._owner
        self._upload(collection, file, holder, points)

    @precondition(lambda self: self._has_room_for_more() and len(self._kept.docs) < MOST_DOCS)
    @rule(collection=st.sampled_from(COLLECTIONS), points=Points)
    def upload_new(self, collection: str, points: int) -> None:
        """Send a document that may be moved."""
        file = f"m{len(self._kept.docs)}.txt"
        self._upload(collection, file, self._owner, points)

    @precondition(lambda self: self._may_begin() and self._kept.docs)
    @rule(number=st.integers(0, 9), of_owner=st.booleans(), points=Points)
    def replace(self, number: int, of_owner: bool, points: int) -> None:
        """Send a document's new content."""
        doc, version = self._doc(number), self._version()
        holders = [] if of_owner or doc.moves else self._of(doc.born)
        version.holder = holders[number % len(holders)] if holders else self._owner
        was_there = doc.is_certain(version.begun)

        def then(response: Any) -> None:
            if not self._is_kept(version, response, 401, 404, 429) and response.status_code == 404:
                assert not was_there or doc.deletions or doc.moves, f"{doc.file} is lost"

        doc.versions.append(version)
        key, files = version.holder.text, {"file": (doc.file, text(version.word))}
        self._request(points, "PUT", f"/v1/documents/{doc.id}", then, key=key, files=files)

    @precondition(lambda self: self._may_change() and self._kept.docs)
    @rule(number=st.integers(0, 9), points=Points)
    def delete(self, number: int, points: int) -> None:
        """Delete a document."""
        doc, act = self._doc(number), Act(self._kept.tick())

        def then(response: Any) -> None:
            self._is_deleted(doc, act, response, (204,))

        doc.deletions.append(act)
        self._request(points, "DELETE", f"/v1/documents/{doc.id}", then)

    @precondition(lambda self: self._may_begin() and not self._disk.is_full and self._kept.docs)
    @rule(number=st.integers(0, 9), points=Points, over_http=st.booleans())
    def erase(self, number: int, points: int, over_http: bool) -> None:
        """Erase a document, over HTTP or by the command."""
        doc = self._doc(number)
        if over_http:
            self._erase(doc, points)
        else:
            self._erase_by_command(doc, points)

    @precondition(lambda self: self._has_room_for_more())
    @rule(number=st.integers(0, 9), to=st.sampled_from(COLLECTIONS), points=Points)
    def move(self, number: int, to: str, points: int) -> None:
        """Move a document to a collection."""
        docs = [doc for doc in self._kept.docs.values() if doc.file.startswith("m")]
        if not docs:
            return
        doc = docs[number % len(docs)]
        if any(not each.is_known for each in doc.moves):
            return
        move = Move(self._kept.tick(), collection=to)

        def then(response: Any) -> None:
            self._no_error(response)
            if response.status_code == 200:
                move.done = self._kept.tick()
            else:
                assert response.status_code in (404, 409, 412, *self._full()), response.text
                doc.moves.remove(move)

        doc.moves.append(move)
        self._request(points, "PATCH", f"/v1/documents/{doc.id}", then, json={"collection": to})

    @precondition(lambda self: self._may_begin())
    @rule(
        way=st.sampled_from(WAYS),
        number=st.integers(0, 9),
        asker=st.integers(0, 9),
        points=st.integers(0, 4),
    )
    def ask(self, way: Any, number: int, asker: int, points: int) -> None:
        """Ask, and let others go on before the answer is there."""
        holders = self._kept.holders
        holder = holders[asker % len(holders)]
        doc = self._doc(number) if way.is_of_one and self._kept.docs else None
        if way.is_of_one and doc is None:
            return
        self._go(self._asking.begin(way, holder, doc, in_session=way.is_page), points)

    @precondition(lambda self: not self._disk.is_full)
    @rule(collection=st.sampled_from(COLLECTIONS))
    def make_key(self, collection: str) -> None:
        """Make a key."""
        if len(self._valid()) < 4:
            self._make_key(collection)

    @precondition(lambda self: self._may_change() and len(self._valid()) > 1)
    @rule(number=st.integers(0, 9), points=st.integers(0, 2), over_http=st.booleans())
    def revoke(self, number: int, points: int, over_http: bool) -> None:
        """Revoke a key, on its page or by the command."""
        others = [each for each in self._valid() if each is not self._owner]
        holder = others[number % len(others)]
        act = holder.revoked = Act(self._kept.tick())
        kept = self._kept

        def then(response: Any) -> None:
            self._no_error(response)
            assert response is True or response.status_code == 303, response.text
            act.done = kept.tick()
            self._refuse_what_is_not_kept(holder)

        if over_http:
            self._request(points, "POST", "/keys/revoke", then, data={"key": holder.id})
        else:
            call = partial(self._running.revoke, holder.id)
            self._go(self._running.turns.begin_thread("revoke", call, then), points)

    # What goes on by itself, and beside.

    @precondition(lambda self: self._running.turns.under_way)
    @rule(number=st.integers(0, 9), points=st.integers(1, TO_THE_END))
    def go_on(self, number: int, points: int) -> None:
        """Have something that is under way go on."""
        under_way = self._running.turns.under_way
        self._go(under_way[number % len(under_way)], points)

    @rule(name=st.sampled_from(STEPS), points=Points)
    def step(self, name: str, points: int) -> None:
        """Have one of the server's threads go on."""
        actor = self._steps.get(name)
        if actor is None or actor.is_done:
            if not self._may_begin():
                return
            call = getattr(self._running, name)
            actor = self._running.turns.begin_thread(name, call, self._forgiven)
            self._steps[name] = actor
        self._go(actor, points)

    @precondition(lambda self: self._has_room_for_more() and self._running.change() is None)
    @rule(points=Points)
    def reindex(self, points: int) -> None:
        """Have another process give the collection to a model: with a strange one's vectors every
        refresh fails, until they are ours again."""
        self._reindex(is_ours=not self._kept.is_ours, points=points)

    @precondition(lambda self: self._has_room_for_more() and self._kept.is_ours)
    @rule(points=Points)
    def change_model(self, points: int) -> None:
        """Prepare another model, take it, go back, or end the change: whatever is due."""
        change = self._running.change()
        if change is None:
            call = partial(self._running.prepare, self._candidate)
            self._go(self._running.turns.begin_thread("prepare", call, self._forgiven), points)
            return
        is_taken = change.searched is change.candidate
        step = "roll-back" if is_taken else "take"
        if points % 4 == 0:
            step = "finish" if is_taken else "drop"
        form = {"step": step, "model": change.other.model.sha256}

        def then(response: Any) -> None:
            self._no_error(response)
            assert response.status_code in (303, 409), response.text

        self._request(points, "POST", "/model", then, data=form)

    @precondition(lambda self: self._has_room_for_more() and len(self._copies) < MOST_COPIES)
    @rule(packed=st.booleans(), points=Points)
    def copy(self, packed: bool, points: int) -> None:
        """Have another process copy the collection."""
        path = self._root / f"copy-{next(self._copied)}{'.zip' * packed}"
        kept, gone = self._kept, self._kept.gone(self._kept.tick())
        alone = not self._running.turns.under_way
        state = kept.copied()

        def then(outcome: Any) -> None:
            self._forgiven(outcome)
            if isinstance(outcome, BaseException):
                return
            if not packed:
                assert files_with(path, gone) == {}
            if alone:
                self._copies.append((path, state))

        call = partial(self._running.copy, path, packed=packed)
        actor = self._running.turns.begin_thread("copy", call, then)
        if alone:
            self._running.finish(actor)
        else:
            self._go(actor, points)

    @precondition(lambda self: self._copies and not self._disk.is_full)
    @rule(number=st.integers(0, 9))
    def restore(self, number: int) -> None:
        """Put a copy in the place of the data folder, after a server's end and before its start."""
        path, then = self._copies[number % len(self._copies)]
        self._prepare_end()
        if not self._running.restore(path):
            return
        now, self._kept = self._kept, then.copied()
        self._kept.now = now.now
        known = {each.id for each in self._kept.holders}
        act = Act(now.now, now.now)
        for each in now.holders:
            if each.id not in known:
                self._kept.holders.append(
                    Holder(each.id, each.text, each.session, each.collection, act)
                )

    @precondition(lambda self: not self._disk.is_full)
    @rule()
    def restart(self) -> None:
        """Stop the server, and start it again."""
        self._prepare_end()
        self._running.restart()

    @precondition(lambda self: self._disk.can_be_full and not self._disk.is_full)
    @rule()
    def fill_the_disk(self) -> None:
        """Leave no room but the reserve, whatever is under way."""
        if not reserve.keep(self._running.settings.data):
            return  # a server makes it again when there is room, and has none now
        self._disk.fill()
        self._was_full = True
        self._changes_when_full = 0

    @precondition(lambda self: self._disk.is_full)
    @rule()
    def free_the_disk(self) -> None:
        """Give the room back."""
        self._disk.free()

    # What must be so after each, and at the end.

    @invariant()
    def what_is_asked_now_is_answered_rightly(self) -> None:
        """Ask in one way after the other, with one key after the other."""
        holders = self._kept.holders
        for _ in range(ASKED_AFTER_EACH if holders else 0):
            self._ask_in_turn(holders[next(self._askers) * next(self._numbers) % len(holders)])
