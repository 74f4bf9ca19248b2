"""``passerelle mcp``: the collection for an assistant on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from api.cli.options import options_of_others

if TYPE_CHECKING:
    from api.service import Service
    from api.settings import Settings


@click.command()
@options_of_others
def mcp(settings: Settings) -> None:
    """Serve the collection to an assistant over standard input and output (MCP).

    Assistants start this by themselves; docs/assistants.md has their configurations. It needs the
    extra `mcp`. A running `passerelle serve` has the same at /mcp.
    """
    if find_spec("mcp") is None:
        raise click.ClickException(
            "The MCP library is not installed. Install it with: pip install 'passerelle[mcp]'"
        )

    from api.assistants import stdio
    from api.middleware.access_log import configure_logging
    from api.release import version
    from corpus.store.view import View

    configure_logging(settings.log_level, settings.log_format)
    with View.open(settings.data):  # Without a collection, whoever starts this is told at once.
        pass
    stdio.run(lambda: _opened(settings), version())


@contextmanager
def _opened(settings: Settings) -> Iterator[Service]:
    from api.service import open_service
    from index.errors import ModelSwitched

    with open_service(settings) as service:
        service.live.follow(ModelSwitched.RESTART)
        yield service
