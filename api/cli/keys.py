"""The commands that make, list and revoke API keys."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from api.cli.options import common_options, json_option

if TYPE_CHECKING:
    from api.settings import Settings


@click.group()
def keys() -> None:
    """Make, list and revoke API keys."""


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(["read", "write", "admin"]),
    multiple=True,
    default=["read"],
    show_default="read",
    help="What the key allows. Repeat the option for several. `admin` allows the metrics.",
)
@click.option(
    "--collection",
    "collections",
    multiple=True,
    metavar="NAME",
    help="A collection that the key gives access to. Repeat the option for several. Default: all "
    "collections, future ones too.",
)
@json_option
@common_options
def add(
    name: str,
    scopes: tuple[str, ...],
    collections: tuple[str, ...],
    as_json: bool,
    settings: Settings,
) -> None:
    """Make a key for NAME and print it. It is shown only once."""
    from api.auth.keys import Keys, Scope
    from api.cli import output

    with Keys(settings.data) as kept:
        key, text = kept.add(name, map(Scope, scopes), collections or None)
    if as_json:
        click.echo(output.as_json({**output.key(key), "key": text}))
        return
    click.echo(f"{output.key_line(key)}\nThe key is shown this once:", err=True)
    click.echo(text)


@keys.command("list")
@json_option
@common_options
def list_keys(as_json: bool, settings: Settings) -> None:
    """List all keys, revoked ones too. The keys themselves are not shown."""
    from api.auth.keys import Keys
    from api.cli import output

    with Keys(settings.data) as kept:
        found = kept.all()
    click.echo(
        output.as_json([output.key(key) for key in found])
        if as_json
        else "\n".join(map(output.key_line, found)) or "There are no keys."
    )


@keys.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@common_options
def revoke(ids: tuple[str, ...], settings: Settings) -> None:
    """Revoke keys. A running server refuses them at once."""
    from api.auth.keys import Keys

    with Keys(settings.data) as kept:
        unknown = [key for key in ids if not kept.revoke(key)]
    for key in ids:
        if key not in unknown:
            click.echo(f"revoked {key}")
    if unknown:
        click.echo(
            f"passerelle: There is no active key {', '.join(unknown)}. `passerelle keys list` "
            "shows all keys.",
            err=True,
        )
        sys.exit(1)
