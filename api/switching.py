"""A change of model while questions are answered: whichever model is searched now, answers.

Until the new model is loaded and all it needs is in memory, the old one answers, from what was
there when the new one took its place, without what is deleted since.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from api.answering import Answering, answering_with
from api.jobs.loop import Loop
from api.jobs.uploads import Uploads
from api.jobs.worker import Worker
from api.settings import Settings
from corpus.errors import ModelChangeRefused
from corpus.store.model_change import ChangingModel
from corpus.types import StoredModel
from index import model_switch
from index.encoders.protocol import Encoder, ModelIdentity
from index.live import LiveIndex
from qa.reading.reader import load_reader

LOOK_SECONDS: Final = 0.5
"""Pause between two looks whether another model is searched; the index's own thread finds out."""

Listener = Callable[[Answering], None]


class SwitchStatus(StrEnum):
    """What becomes of a switch that was asked for here."""

    NONE = "none"
    """None was, or it is done."""
    UNDER_WAY = "under way"
    FAILED = "failed"
    """The log says why."""


def check_writing(settings: Settings, wanted: StoredModel) -> None:
    """Refuse to search with a model where an operator's language model writes, and what it writes
    cannot be checked by that.

    Raises:
        ModelChangeRefused: it is so.
    """
    identity = ModelIdentity(wanted.name, wanted.revision, wanted.sha256)
    if settings.llm_url and load_reader(identity) is None:
        raise ModelChangeRefused(
            f"What a language model writes cannot be checked by {wanted}. Unset PASSERELLE_LLM_URL "
            "first."
        )


class Switcher:
    """Has the model answer that is searched, and searches the other one when it is asked to."""

    def __init__(
        self, settings: Settings, answering: Answering, worker: Worker, uploads: Uploads
    ) -> None:
        self._settings = settings
        self._answering = answering
        self._worker = worker
        self._uploads = uploads
        self._listeners: list[Listener] = []
        self._has_handed_over = False
        self._telling = threading.Lock()
        self._wanted: ChangingModel | None = None
        self._ready: Encoder | None = None
        self._status = SwitchStatus.NONE
        self._stop = threading.Event()
        self._loop = Loop("changing the model", self._work, self._stop)

    @property
    def status(self) -> SwitchStatus:
        """What becomes of the switch that was last asked for."""
        return self._status

    @property
    def answering(self) -> Answering:
        """The model that answers, and the collection. Whoever keeps it keeps it from being let go
        of when another one takes its place."""
        return self._answering

    @property
    def searches_with(self) -> str:
        """The hash of the model that answers."""
        return self._answering.encoder.identity.sha256

    @property
    def live(self) -> LiveIndex:
        """The index of the model that answers."""
        return self._answering.live

    def listen(self, listener: Listener) -> None:
        """Have somebody told of every model that takes the place of the one before, and at once of
        the one that answers if it is not the first."""
        with self._telling:
            self._listeners.append(listener)
            if self._has_handed_over:
                listener(self._answering)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._loop.start()

    def close(self) -> None:
        """Stop, and let go of the collection."""
        self._stop.set()
        self._loop.wake()
        self._loop.join()
        self._answering.live.close()

    def switch(self, wanted: ChangingModel) -> None:
        """Search with the other model of the change, once it has all of its vectors; do not wait.

        If the process is ended before, nothing has changed.
        """
        self._wanted, self._status = wanted, SwitchStatus.UNDER_WAY
        self._loop.wake()

    def _work(self) -> float:
        if (wanted := self._wanted) is not None:
            self._wanted = None
            self._search_with(wanted)
        if self._answering.live.is_outdated:
            self._follow()
        return LOOK_SECONDS

    def _search_with(self, wanted: ChangingModel) -> None:
        """Make what vectors the wanted model lacks, and search those."""
        try:
            encoder = model_switch.load_changing(self._settings, wanted)
            with self._settings.store.existing() as catalogue:
                model_switch.switch(catalogue, encoder, should_stop=self._stop.is_set)
            self._answering.live.refresh()  # which finds out whether it is outdated
            self._ready = encoder if self._answering.live.is_outdated else None
            self._status = SwitchStatus.NONE
        except Exception:
            self._status = SwitchStatus.FAILED
            raise

    def _follow(self) -> None:
        """Have the model answer that took the place of the one that does."""
        try:
            encoder, self._ready = self._ready or self._successor(), None
            if encoder is not None and not self._stop.is_set():
                self._hand_over(answering_with(self._settings, encoder))
        except Exception as error:
            self._answering.live.note(str(error))
            raise

    def _successor(self) -> Encoder | None:
        """Load the model that is searched; None if that is the one that answers, after all."""
        with self._settings.store.view() as view:
            source = view.successor(self.searches_with)
        return None if source is None else self._settings.changed(model=source).load_encoder()

    def _hand_over(self, answering: Answering) -> None:
        """Have a new model answer, without what was deleted since it read the collection."""
        answering.warm_up()
        answering.live.follow()
        former, self._answering = self._answering, answering
        # Whoever deletes from now on has it gone from both; what was deleted before is gone by the
        # refresh.
        self._uploads.use(former.live, answering.live)
        answering.live.refresh()
        self._worker.use(answering.encoder, answering.live)
        with self._telling:
            self._has_handed_over = True
            for listener in self._listeners:
                listener(answering)
        self._uploads.use(answering.live)
        former.live.close()
        if self._status is SwitchStatus.FAILED:  # and another process made the change
            self._status = SwitchStatus.NONE
