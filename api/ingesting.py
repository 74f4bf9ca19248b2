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
from corpus.types import FileReport
from index import builder


def run(
    settings: Settings,
    paths: Sequence[Path],
    collection: str | None,
    *,
    prune_missing: bool,
    show: bool,
) -> list[FileReport]:
    """Bring files into the collection and make them searchable; return what became of each.

    With ``show``, each file is reported as it is done and long work has a progress bar.

    Raises:
        CatalogueError: the data folder cannot be used.
        ModelError: the model cannot be loaded, or is not the collection's.
    """
    name = collection or DEFAULT_COLLECTION
    with Catalogue(settings.data) as catalogue:
        sources = find_sources(paths)
        reports = _reported(ingest(catalogue, sources, name, settings.max_file_bytes), show)
        if prune_missing:
            reports += _reported(prune(catalogue, paths, name), show)
        if catalogue.waiting():
            encoder = settings.load_encoder()
            with _bar(show) as advance:
                builder.encode_waiting(catalogue, encoder, advance)
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


def _reported(reports: Iterable[FileReport], show: bool) -> list[FileReport]:
    kept = []
    for report in reports:
        kept.append(report)
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
