"""``passerelle mcp``: the collection for an assistant on this machine."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from api.cli.options import options_of_others

if TYPE_CHECKING:
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

    from api.app import version
    from api.assistants import stdio
    from api.middleware.access_log import configure_logging
    from api.service import open_service
    from index.errors import ModelSwitched

    configure_logging(settings.log_level, settings.log_format)
    with open_service(settings) as service:
        service.live.follow(ModelSwitched.RESTART)
        stdio.run(service, version())
