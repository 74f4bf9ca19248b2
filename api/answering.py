"""What answers questions from a collection, for whoever changes nothing in it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

from api.settings import Settings
from corpus.errors import CatalogueError
from corpus.store.view import View
from index.encoders.background_texts import load_background
from index.encoders.protocol import Encoder
from index.encoders.query_batcher import QueryBatcher
from index.language_model import prepare_languages
from index.live import LiveIndex
from index.model_switch import load_searched
from index.opening import open_index
from qa.answering import Answerer
from qa.reading.reader import Reader, load_reader
from qa.search.searcher import Search
from qa.types import Question


class Answering(NamedTuple):
    """A model and a collection, loaded."""

    encoder: Encoder
    live: LiveIndex
    search: Search
    reader: Reader | None
    """None where the model has none."""
    answerer: Answerer

    def warm_up(self) -> None:
        """Ask once: the first question takes a second, since much is loaded only then."""
        self.answerer.answer(Question("Moien"))


@contextmanager
def open_answering(settings: Settings) -> Iterator[Answering]:
    """Load the model and the collection, until they are let go of.

    Raises:
        CatalogueError: there is no collection, or it cannot be read.
        ModelError: the model cannot be loaded, or is not the collection's.
    """
    opened = load_answering(settings)
    try:
        yield opened
    finally:
        opened.live.close()


def load_answering(settings: Settings) -> Answering:
    """Load the model and the collection, for whoever closes what was loaded.

    Raises:
        CatalogueError: there is no collection, or it cannot be read.
        ModelError: the model cannot be loaded, or is not the collection's.
    """
    with settings.store.view() as view, ThreadPoolExecutor(2) as beside:
        # Each of these leaves Python to the others for most of its time.
        others = [
            beside.submit(_check_sound, view),
            beside.submit(prepare_languages, settings.cache),
        ]
        encoder = load_searched(settings)
        for other in others:
            other.result()
    return answering_with(settings, encoder)


def answering_with(settings: Settings, encoder: Encoder) -> Answering:
    """Load the collection for a model that is loaded.

    Raises:
        CatalogueError: there is no collection, or it cannot be read.
        ModelError: it is searched with another model, or the model's reader is damaged.
    """
    encoder = QueryBatcher(encoder)
    live = open_index(settings.store, encoder)
    search = Search(encoder, load_background(encoder, settings.cache))
    reader = load_reader(encoder.identity)
    answerer = Answerer(search, live.newest, reader, settings.effort)
    return Answering(encoder, live, search, reader, answerer)


def _check_sound(view: View) -> None:
    if problems := view.problems():
        raise CatalogueError(
            f"The catalogue in {view.folder} is damaged: {problems[0]}. Restore a backup of it, "
            "or move it away and ingest the documents again."
        )
