"""Puts the parts together: settings in, a service that answers out."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from api.keys import Keys
from api.metrics import MeasuredAnswerer, Metrics
from api.settings import Settings
from api.worker import Worker
from corpus import language, soundness
from corpus.catalogue import Catalogue
from corpus.errors import CatalogueError
from corpus.view import View
from index.encoder import Encoder
from index.live import LiveSnapshot
from index.neutral import load_neutral
from index.shared import SharedEncoder
from qa.answering import Answerer
from qa.search import Search
from qa.types import Question


@dataclass(frozen=True, slots=True)
class Service:
    """Everything a way in needs to answer questions."""

    settings: Settings
    encoder: Encoder
    live: LiveSnapshot
    search: Search
    answerer: Answerer
    worker: Worker
    metrics: Metrics
    keys: Keys


@contextmanager
def open_service(settings: Settings, *, follow: bool = False) -> Iterator[Service]:
    """Load the model and the collection.

    With ``follow``, an empty collection is made where there is none, changes to it are kept
    up with, and jobs are carried out.

    Raises:
        CatalogueError: there is no collection, or it cannot be read.
        ModelError: the model cannot be loaded, or is not the collection's.
    """
    if follow:
        Catalogue(settings.data).close()
        soundness.make_words_sound(settings.data)
    with View.open(settings.data) as view, ThreadPoolExecutor(2) as beside:
        # Each of these leaves Python to the others for most of its time.
        others = [beside.submit(_check_sound, view), beside.submit(language.prepare)]
        encoder = SharedEncoder(settings.load_encoder())
        for other in others:
            other.result()
    live = LiveSnapshot(settings.data, encoder)
    search = Search(encoder, load_neutral(encoder, settings.cache))
    metrics = Metrics()
    answerer = MeasuredAnswerer(search, live.newest, metrics)
    worker = Worker(settings.data, encoder, live)
    if follow:
        # The first question takes a second, since much is loaded only then; ask it here.
        answerer.answer(Question("Moien"))
        live.follow()
        worker.start()
    keys = Keys(settings.data)
    try:
        yield Service(settings, encoder, live, search, answerer, worker, metrics, keys)
    finally:
        keys.close()
        worker.close()
        live.close()


def _check_sound(view: View) -> None:
    if problems := view.problems():
        raise CatalogueError(
            f"The catalogue in {view.folder} is damaged: {problems[0]}. Put back a backup of it, "
            "or move it away and ingest the documents again."
        )
