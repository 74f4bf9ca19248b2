"""The ingest path as the command line runs it: files in, vectors made, progress shown."""

from __future__ import annotations

import math
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from itertools import chain
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import click

import corpus
from api.audit.chain import Deed
from api.cli.options import audit_log
from api.cli.output import file_line
from api.settings import Settings
from corpus import progress
from corpus.ingest import DEFAULT_COLLECTION, Source, find_sources, ingest, prune
from corpus.progress import Progress
from corpus.store import reserve
from corpus.store.catalogue import Catalogue
from corpus.types import FileReport, composed
from corpus.web.crawling import Pace
from corpus.web.sources import WebSource
from corpus.web.visiting import visit
from index import opening, writer
from index.background_writer import ingest_and_encode
from index.encoders.protocol import Encoder
from index.model_switch import load_searched

_WHOLE_LINE = "\r\x1b[K"
"""Goes to the beginning of a terminal's line, and clears it."""

SAMPLE = Path(corpus.__file__).parent / "sample"
"""Documents that come along, and questions that they answer."""

NOTICE_MS = 1000
"""How long a folder is watched before it is asked whether it is time for a whole look."""

WHOLE_LOOK_SECONDS = 3600.0
"""Time after which every file is looked at again, changed or not."""


def run(
    settings: Settings,
    paths: Sequence[Path],
    collection: str | None,
    *,
    prune_missing: bool,
    show: bool,
    web: Sequence[WebSource] = (),
) -> list[FileReport]:
    """Bring files, and pages of the ``web``, into the collection and make them searchable; return
    what became of each.

    Vectors are made while further files are read. With ``show``, each file is reported as it is
    done, and what is left to do then has a progress bar.

    Raises:
        DiskFull: there is no room.
        CatalogueError: the data folder cannot be used.
        ModelError: the model cannot be loaded, or is not the collection's.
    """
    with settings.store.catalogue() as catalogue:
        name = composed(collection or DEFAULT_COLLECTION)
        gone = paths if prune_missing else ()
        _note(settings, name, prune_missing=prune_missing)
        return _Pass(settings, catalogue, name, partial(load_searched, settings), show).over(
            find_sources(paths), gone, web
        )


def with_sample(settings: Settings) -> Settings:
    """Add the sample documents, and return settings by which its questions are suggested.

    Raises what ``run`` does.
    """
    run(settings, [SAMPLE / "documents"], "sample", prune_missing=False, show=True)
    return settings.changed(questions=settings.questions or SAMPLE / "questions.jsonl")


def watch(
    settings: Settings,
    folders: Sequence[Path],
    collection: str | None,
    *,
    prune_missing: bool,
    stop: threading.Event | None = None,
) -> None:
    """Bring folders into the collection and follow what changes in them, until told to stop.

    Changes that come faster than they can be read are brought together, file by file. Now and
    then every file is looked at, in case the system dropped a notice.

    Raises:
        CatalogueError: the data folder cannot be used.
        ModelError: the model cannot be loaded, or is not the collection's.
    """
    import watchfiles

    roots = [Path(os.path.realpath(folder)) for folder in folders]
    gone = roots if prune_missing else ()
    looked_at = -math.inf
    with settings.store.catalogue() as catalogue:
        name = composed(collection or DEFAULT_COLLECTION)
        _note(settings, name, prune_missing=prune_missing)
        each = _Pass(settings, catalogue, name, cache(partial(load_searched, settings)), show=True)
        for changes in watchfiles.watch(
            *roots,
            watch_filter=None,  # what is passed over is find_sources's to say
            stop_event=stop,
            rust_timeout=NOTICE_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
        ):
            is_due = monotonic() - looked_at > WHOLE_LOOK_SECONDS
            if not changes and not is_due:
                continue
            sources = find_sources(roots)
            if is_due:
                looked_at = monotonic()
            else:
                changed = {Path(path) for _, path in changes}
                sources = [source for source in sources if source.path in changed]
            each.over(sources, gone)


def _note(settings: Settings, collection: str, *, prune_missing: bool) -> None:
    audit, actor = audit_log(settings)
    audit.note(actor, Deed.INGESTED, collection=collection, prune=int(prune_missing))


class _Pass(NamedTuple):
    """How files are brought in."""

    settings: Settings
    catalogue: Catalogue
    collection: str
    load_encoder: Callable[[], Encoder]
    show: bool

    def over(
        self, sources: Sequence[Source], gone: Sequence[Path], web: Sequence[WebSource] = ()
    ) -> list[FileReport]:
        """Take files in, remove those that are gone from some folders, visit sites, and make it
        searchable."""
        reserve.check(self.settings.data)
        max_bytes = self.settings.max_file_bytes
        pace = Pace()
        with encoding_bar(self.show) as advance, progress.told(self._tell):
            reports = ingest_and_encode(
                self.settings.store,
                self.load_encoder,
                chain(
                    ingest(self.catalogue, sources, self.collection, max_bytes),
                    prune(self.catalogue, gone, self.collection),
                    *(visit(self.catalogue, source, pace, max_bytes) for source in web),
                ),
                on_file=self._report,
                on_progress=advance,
            )
        opening.persist_index(self.settings.store)
        return reports

    def _report(self, report: FileReport) -> None:
        if self.show:
            self._clear()
            click.echo(file_line(report))

    def _tell(self, so_far: Progress) -> None:
        """Say on one line of a terminal how far the file is that is read."""
        if self._shows_progress:
            line = f"reading, {so_far.done:,} of {so_far.total:,}"
            click.echo(f"{_WHOLE_LINE}{line}", file=sys.stderr, nl=False)

    def _clear(self) -> None:
        if self._shows_progress:
            click.echo(_WHOLE_LINE, file=sys.stderr, nl=False)

    @property
    def _shows_progress(self) -> bool:
        return self.show and sys.stderr.isatty()


def reindex(settings: Settings) -> None:
    """Make every vector anew with the settings' model, then search those.

    Raises:
        CatalogueError: there is no collection, or it cannot be used.
        ModelError: the model cannot be loaded.
    """
    with settings.store.existing() as catalogue:
        encoder = settings.load_encoder()
        with encoding_bar(show=True) as advance:
            writer.reindex(catalogue, encoder, advance)


@contextmanager
def encoding_bar(show: bool) -> Iterator[Callable[[writer.Progress], None]]:
    """Show a progress bar on stderr, if that is a terminal and ``show`` is set."""
    with click.progressbar(
        length=0, label="Encoding", file=sys.stderr, hidden=not (show and sys.stderr.isatty())
    ) as bar:

        def advance(progress: writer.Progress) -> None:
            bar.length = progress.total
            bar.update(progress.done - bar.pos)

        yield advance
