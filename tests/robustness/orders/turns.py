"""Threads of which one goes at a time, from one point to the next, as a test says.

A point is where a thread might be interrupted for long: before a transaction, between two of them,
before a row is read. At each the thread waits until it is told to go on. So an order in which
things happen is chosen by the test, and happens again.
"""

from __future__ import annotations

import contextvars
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

STUCK_SECONDS: Final = 600.0
"""After which a thread at no point waits for something that this module knows nothing of."""

MOST_POINTS: Final = 20_000
"""That one thread passes until its end; more, and it would never come to it."""

_current: contextvars.ContextVar[Actor | None] = contextvars.ContextVar("actor", default=None)


@dataclass(eq=False)
class Actor:
    """Something that goes on from point to point: a request, or a step of one of the threads."""

    name: str
    then: Callable[[Any], None]
    """Told in the test's own thread what came of it."""
    where: str = ""
    is_blocked: bool = False
    """Whether it waits for what another one holds."""
    is_writing: bool = False
    """Whether it is in the middle of a transaction, where it is never stopped."""
    is_done: bool = False
    outcome: Any = None
    error: BaseException | None = None
    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


class Deadlock(Exception):
    """Each waits for what another one holds."""


class Turns:
    """Has actors go on, one at a time."""

    def __init__(self) -> None:
        self.under_way: list[Actor] = []
        self.points = 0
        self.begun = 0
        """So many were begun. What failed rests until the next is."""
        self.unstopped: set[int] = set()
        """Threads that are never stopped: of an event loop, which serves all."""
        self._arrived = threading.Event()

    # For whoever decides.

    def begin(
        self, name: str, start: Callable[[Actor], object], then: Callable[[Any], None]
    ) -> Actor:
        """Begin something, and return when it is at its first point, or done.

        ``start`` has it go in a thread of its own, where ``run`` or ``entered`` is called first.
        """
        self.begun += 1
        actor = Actor(name, then)
        self.under_way.append(actor)
        self._arrived.clear()
        start(actor)
        self._await(actor)
        return actor

    def begin_thread(
        self, name: str, call: Callable[[], Any], then: Callable[[Any], None] = lambda _: None
    ) -> Actor:
        """Begin to call something, as ``begin`` does."""

        def run(actor: Actor) -> None:
            _current.set(actor)
            try:
                outcome, error = call(), None
            except BaseException as raised:
                outcome, error = None, raised
            self.end(actor, outcome, error)

        def start(actor: Actor) -> None:
            threading.Thread(target=run, args=(actor,), name=name, daemon=True).start()

        return self.begin(name, start, then)

    def go_on(self, actor: Actor) -> None:
        """Have one go on to its next point."""
        self._arrived.clear()
        actor.go.release()
        self._await(actor)

    def finish(self, actor: Actor, idle: Callable[[], object] = lambda: None) -> None:
        """Have one go on to its end. Where it waits for others, those go on too, and if there are
        none, ``idle`` happens.

        Raises:
            Deadlock: they wait for it.
        """
        for _ in range(MOST_POINTS):
            if actor.is_done:
                return
            self.go_on(actor)
            if actor.is_blocked and not actor.is_done:
                self._let_others(actor, idle)
        raise Deadlock(f"{actor.name} does not come to its end: {self.told()}")

    def finish_all(self, idle: Callable[[], object] = lambda: None) -> None:
        """Have all go on to their ends."""
        while self.under_way:
            self.finish(self.under_way[0], idle)

    def told(self) -> str:
        """Return where each is."""
        return "; ".join(f"{each.name} at {each.where}" for each in self.under_way)

    def _let_others(self, actor: Actor, idle: Callable[[], object]) -> None:
        others = [each for each in self.under_way if each is not actor]
        for each in others:
            if not each.is_done:
                self.go_on(each)
        if not others:
            idle()

    def _await(self, actor: Actor) -> None:
        if not self._arrived.wait(STUCK_SECONDS):
            stacks = "\n".join(
                "".join(traceback.format_stack(frame)) for frame in sys._current_frames().values()
            )
            raise Deadlock(f"{actor.name} is at no point\n{stacks}")
        if actor.is_done:
            self.under_way.remove(actor)
            # What failed holds what it worked on, which erasures wait for.
            told, actor.outcome, actor.error = actor.error or actor.outcome, None, None
            actor.then(told)

    # For what goes on.

    @staticmethod
    def entered(actor: Actor) -> None:
        """Have the present context be an actor's."""
        _current.set(actor)

    def end(self, actor: Actor, outcome: Any, error: BaseException | None) -> None:
        """Say that one is done."""
        actor.outcome, actor.error, actor.is_done = outcome, error, True
        self._arrived.set()

    def present(self) -> Actor | None:
        """Return whose thread this is, if it may be stopped."""
        if threading.get_ident() in self.unstopped:
            return None
        return _current.get()

    def point(self, where: str) -> None:
        """Wait until told to go on, if this is an actor's thread and no transaction is open."""
        actor = self.present()
        if actor is not None and not actor.is_writing:
            self._park(actor, where)

    def wait_until(self, where: str, is_had: Callable[[], bool]) -> None:
        """Go on once ``is_had`` returns True, which tries to have something that others may hold.

        Raises:
            Deadlock: this is nobody's thread, who cannot wait.
        """
        actor = self.present()
        while not is_had():
            if actor is None:
                raise Deadlock(f"{where} is held, and nobody else can go on: {self.told()}")
            actor.is_blocked = True
            self._park(actor, where)
            actor.is_blocked = False

    def _park(self, actor: Actor, where: str) -> None:
        actor.where = where
        self.points += 1
        self._arrived.set()
        actor.go.acquire()


class SteppedLock:
    """A lock that is waited for at a point."""

    def __init__(self, turns: Callable[[], Turns], name: str) -> None:
        self._lock = threading.Lock()
        self._turns = turns
        self._name = name

    def __enter__(self) -> None:
        self._turns().wait_until(self._name, lambda: self._lock.acquire(blocking=False))

    def __exit__(self, *_: object) -> None:
        self._lock.release()
