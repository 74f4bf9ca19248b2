"""The ingest path as the command line runs it: files in, vectors made, progress shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from api.printing import file_line
from api.settings import Settings
from corpus.catalogue import Catalogue
from corpus.ingest import DEFAULT_COLLECTION, find_sources, ingest, prune
from corpus.types import FileReport, Outcome
from index import builder
from index.background import BackgroundEncoding


def run(
    settings: Settings,
    paths: Sequence[Path],
    collection: str | None,
    *,
    prune_missing: bool,
    show: bool,
) -> list[FileReport]:
    """Bring files into the collection and make them searchable; return what became of each.

    Vectors are made while further files are read. With ``show``, each file is reported as it is
    done, and what is left to do then has a progress bar.

    Raises:
        CatalogueError: the data folder cannot be used.
        ModelError: the model cannot be loaded, or is not the collection's.
    """
    name = collection or DEFAULT_COLLECTION
    with (
        Catalogue(settings.data) as catalogue,
        BackgroundEncoding(settings.data, settings.load_encoder) as encoding,
    ):
        taken_in = ingest(catalogue, find_sources(paths), name, settings.max_file_bytes)
        reports = _reported(taken_in, show, encoding.wake)
        if prune_missing:
            reports += _reported(prune(catalogue, paths, name), show, encoding.wake)
        with _bar(show) as advance:
            encoding.finish(advance)
    return reports


def reindex(settings: Settings) -> None:
    """Make every vector anew with the settings' model, then search those.

    Raises:
        CatalogueError: there is no collection, or it cannot be used.
        ModelError: the model cannot be loaded.
    """
    with Catalogue.existing(settings.data) as catalogue:
        encoder = settings.load_encoder()
        with _bar(show=True) as advance:
            builder.reindex(catalogue, encoder, advance)


def _reported(
    reports: Iterable[FileReport], show: bool, then: Callable[[], None]
) -> list[FileReport]:
    kept = []
    for report in reports:
        kept.append(report)
        if report.outcome in (Outcome.ADDED, Outcome.UPDATED):
            then()
        if show:
            click.echo(file_line(report))
    return kept


@contextmanager
def _bar(show: bool) -> Iterator[Callable[[builder.Progress], None]]:
    """Show a progress bar on stderr, if that is a terminal and ``show`` is set."""
    with click.progressbar(
        length=0, label="Encoding", file=sys.stderr, hidden=not (show and sys.stderr.isatty())
    ) as bar:

        def advance(progress: builder.Progress) -> None:
            bar.length = progress.total
            bar.update(progress.done - bar.pos)

        yield advance
