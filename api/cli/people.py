"""The commands that list those who signed in with an account, and sign them out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from api.cli.options import FAILED, audit_log, common_options, json_option

if TYPE_CHECKING:
    from api.settings import Settings


@click.group()
def people() -> None:
    """List those who signed in with an account, and sign them out."""


@people.command("list")
@click.option("--subject", metavar="SUBJECT", help="Only whom the provider calls so (`sub`).")
@click.option("--issuer", help="The provider that calls them so.  [from PASSERELLE_OIDC]")
@json_option
@common_options
def list_people(subject: str | None, issuer: str | None, as_json: bool, settings: Settings) -> None:
    """List everybody who signed in with an account, with the sessions that they have."""
    from api.auth.keys import Keys
    from api.cli import output

    with Keys(settings.data) as kept:
        found = kept.people.all()
        if subject is not None:
            wanted = kept.people.find(_issuer(issuer, settings), subject)
            found = [person for person in found if person.id == wanted]
    click.echo(
        output.as_json([output.person(person) for person in found])
        if as_json
        else "\n".join(map(output.person_line, found)) or "There is nobody."
    )


@people.command("sign-out")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@common_options
def sign_out(ids: tuple[str, ...], settings: Settings) -> None:
    """End all sessions of people. A running server lets them in no more, until they sign in again:
    to keep them out, take their groups away at the provider first."""
    from api.audit.chain import Deed
    from api.auth.keys import Keys

    audit, actor = audit_log(settings)
    with Keys(settings.data) as kept:
        known = {person.id for person in kept.people.all()}
        for person in filter(known.__contains__, ids):
            audit.note(actor, Deed.ENDED_SESSIONS, must=True, person=person)
            ended = kept.people.sign_out(person)
            click.echo(f"signed out {person} ({ended} session{'' if ended == 1 else 's'})")
    if unknown := [person for person in ids if person not in known]:
        click.echo(
            f"passerelle: There is nobody with the id {', '.join(unknown)}. `passerelle people "
            "list` shows everybody.",
            err=True,
        )
        sys.exit(FAILED)


def _issuer(issuer: str | None, settings: Settings) -> str:
    from api.auth.oidc.provider_file import read_provider

    if issuer is not None:
        return issuer
    if settings.oidc is None:
        raise click.UsageError("Name the provider with --issuer, or its file in PASSERELLE_OIDC.")
    return read_provider(settings.oidc).issuer
