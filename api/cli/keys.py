"""The commands that make, limit, list and revoke API keys."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import click

from api.cli.options import audit_log, common_options, json_option

if TYPE_CHECKING:
    from api.settings import Settings


class _Amount(click.ParamType):  # type: ignore[type-arg]
    """A number, or `none`."""

    name = "N|none"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | Literal["none"]:
        if value == "none":
            return "none"
        return click.IntRange(min=0).convert(value, param, ctx)


AMOUNT = _Amount()


@click.group()
def keys() -> None:
    """Make, limit, list and revoke API keys."""


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(["read", "write", "admin"]),
    multiple=True,
    default=["read"],
    show_default="read",
    help="What the key allows. Repeat the option for several. `admin` allows the metrics, "
    "the model, and managing keys that allow no more.",
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
    from api.audit.chain import Deed
    from api.auth.keys import Keys, Scope
    from api.cli import output

    audit, actor = audit_log(settings)
    with Keys(settings.data) as kept:
        key, text = kept.add(
            name,
            map(Scope, scopes),
            collections or None,
            lambda id_: audit.note(actor, Deed.MADE_KEY, must=True, key=id_, name=name),
        )
    if as_json:
        click.echo(output.as_json({**output.key(key), "key": text}))
        return
    click.echo(f"{output.key_line(key)}\nThe key is shown this once:", err=True)
    click.echo(text)


@keys.command()
@click.argument("id_", metavar="ID")
@click.option("--documents", type=AMOUNT, help="Documents that were sent with it.")
@click.option("--mb", type=AMOUNT, help="MiB of their files.")
@click.option("--jobs", type=AMOUNT, help="Jobs that are not done.")
@json_option
@common_options
def quota(
    id_: str,
    documents: int | Literal["none"] | None,
    mb: int | Literal["none"] | None,
    jobs: int | Literal["none"] | None,
    as_json: bool,
    settings: Settings,
) -> None:
    """Set what a key may have at most, or show it with what it has.

    A number sets a limit, `none` lifts it. A running server goes by it at once.
    """
    from api.audit.chain import Deed
    from api.auth.keys import Keys
    from api.cli import output
    from corpus.store.quotas import Quota, Usage

    with Keys(settings.data) as kept:
        found = next((key for key in kept.all() if key.id == id_ and not key.revoked), None)
        if found is None:
            _fail_unknown([id_])
        wanted = Quota(
            _changed(found.quota.documents, documents),
            _changed(found.quota.bytes, mb, 2**20),
            _changed(found.quota.jobs, jobs),
        )
        if wanted != found.quota:
            audit, actor = audit_log(settings)
            audit.note(actor, Deed.LIMITED_KEY, must=True, key=id_)
            kept.limit(id_, wanted)
    usage = Usage(0, 0, 0)
    if settings.store.exists():
        with settings.store.existing() as catalogue:
            usage = catalogue.jobs.usage(id_)
    shown = output.quota(wanted, usage)
    click.echo(output.as_json(shown) if as_json else output.quota_lines(shown))


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
    from api.audit.chain import Deed
    from api.auth.keys import Keys

    audit, actor = audit_log(settings)
    unknown = []
    with Keys(settings.data) as kept:
        for key in ids:
            if kept.is_valid(key):
                audit.note(actor, Deed.REVOKED_KEY, must=True, key=key)
            if not kept.revoke(key):
                unknown.append(key)
    for key in ids:
        if key not in unknown:
            click.echo(f"revoked {key}")
    if unknown:
        _fail_unknown(unknown)


def _changed(limit: int | None, asked: int | Literal["none"] | None, unit: int = 1) -> int | None:
    """Return a limit as it was ``asked`` for in some unit; None of that leaves it as it is."""
    if asked is None:
        return limit
    return None if asked == "none" else asked * unit


def _fail_unknown(keys: Sequence[str]) -> NoReturn:
    click.echo(
        f"passerelle: There is no active key {', '.join(keys)}. `passerelle keys list` shows all "
        "keys.",
        err=True,
    )
    sys.exit(1)
