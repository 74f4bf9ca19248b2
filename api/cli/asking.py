"""``passerelle ask``: a question on the command line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from api.cli.options import (
    DAY,
    DAY_WRITTEN,
    DONE,
    NO_ANSWER,
    common_options,
    effort_option,
    json_option,
)

if TYPE_CHECKING:
    from datetime import datetime

    from api.settings import Settings
    from api.web.exports import Format
    from qa.types import Effort


@click.command()
@click.argument("question")
@click.option(
    "--limit", type=click.IntRange(1, 50), default=5, show_default=True, help="The most passages."
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="CODE",
    help="Only passages in this language. Repeat the option for several.",
)
@click.option(
    "--collection",
    "collections",
    multiple=True,
    metavar="NAME",
    help="Only passages of this collection. Repeat the option for several.",
)
@click.option(
    "--published-from", type=DAY, metavar=DAY_WRITTEN, help="Only documents of this day or later."
)
@click.option(
    "--published-to", type=DAY, metavar=DAY_WRITTEN, help="Only documents of this day or earlier."
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "json", "ris", "bibtex"]),
    help="Print a table, or records for programs that keep references.",
)
@effort_option
@json_option
@common_options
def ask(
    question: str,
    limit: int,
    languages: tuple[str, ...],
    collections: tuple[str, ...],
    published_from: datetime | None,
    published_to: datetime | None,
    format_: Format | None,
    effort: Effort | None,
    as_json: bool,
    settings: Settings,
) -> None:
    """Ask a question, in any language; see the passages that answer, with their sources."""
    from qa.answering import checked

    checked(question)
    if published_from and published_to and published_from > published_to:
        raise click.UsageError("--published-from is after --published-to. Swap the two dates.")

    from api.answering import open_answering
    from api.cli import output
    from api.contract.answers import ask_response
    from api.web.exports import exported
    from corpus.types import composed
    from index.snapshot import Scope
    from qa.advice.advising import advise
    from qa.types import Answer, Question

    with open_answering(settings) as opened:
        if waiting := opened.live.newest().view.waiting():
            click.echo(
                f"passerelle: {waiting} documents are waiting for their vectors and cannot be "
                "found yet. Run `passerelle ingest` again, or start `passerelle serve`.",
                err=True,
            )
        scope = Scope(
            languages=frozenset(language.lower() for language in languages),
            collections=frozenset(map(composed, collections)),
            published_from=published_from.date() if published_from else None,
            published_to=published_to.date() if published_to else None,
        )
        asked = Question(question, limit=limit, scope=scope, effort=effort)
        outcome = opened.answerer.answer(asked)
        advice = advise(opened.live.newest(), asked, outcome)
    if as_json or format_ == "json":
        click.echo(output.as_json(ask_response(outcome, advice)))
    elif format_:
        click.echo(exported(outcome, format_, settings.address).rstrip("\n"))
    else:
        click.echo(output.answer(outcome, advice))
    sys.exit(DONE if isinstance(outcome, Answer) else NO_ANSWER)
