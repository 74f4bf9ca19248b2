"""The commands that show and verify the audit log."""

from __future__ import annotations

import sys
from itertools import islice
from typing import TYPE_CHECKING

import click

from api.cli.options import DONE, FAILED, common_options, json_option, limit_option, offset_option

if TYPE_CHECKING:
    from api.settings import Settings


@click.group()
def audit() -> None:
    """Show and verify who did what."""


@audit.command("list")
@limit_option
@offset_option
@click.option("--about", metavar="ID", help="Only lines about this document, job or key.")
@json_option
@common_options
def list_lines(
    limit: int, offset: int, about: str | None, as_json: bool, settings: Settings
) -> None:
    """List the lines of the audit log, oldest first."""
    from api.audit.log import AuditLog
    from api.cli import output

    wanted = (
        record
        for record in AuditLog(settings.data).records()
        if about is None or about in (record.key, *record.on.values())
    )
    found = list(islice(wanted, offset, offset + limit))
    click.echo(
        output.as_json(found)
        if as_json
        else "\n".join(map(output.audit_line, found)) or "There are no lines."
    )


@audit.command()
@click.option(
    "--knows",
    metavar="HASH",
    help="Also look for this hash, which an earlier verification printed. Without it, a log that "
    "was made anew as a whole cannot be told from the one that was written.",
)
@common_options
def verify(knows: str | None, settings: Settings) -> None:
    """Check that no line was altered, removed, put in or moved, and name the first that was."""
    from api.audit.log import AuditLog
    from api.cli import output

    found = AuditLog(settings.data).verified(knows)
    click.echo(output.verified(found))
    sys.exit(FAILED if found.fault else DONE)
