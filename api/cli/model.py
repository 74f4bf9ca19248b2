"""The commands of a change of model: another one is made beside the one that answers, measured,
taken, and rolled back or kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.options import common_options, json_option

if TYPE_CHECKING:
    from api.settings import Settings
    from qa.evaluation.significance import Comparison


@click.group()
def model() -> None:
    """Change the model: make another one beside it, compare both, take it, or go back.

    The model that is searched answers all the time. A running server follows by itself.
    """


@model.command()
@click.argument("name", metavar="NAME_OR_FOLDER")
@common_options
def prepare(name: str, settings: Settings) -> None:
    """Encode all texts with another model, beside the one that answers.

    What was cut off goes on where it stopped. Its vectors take as much room again.
    """
    from api.cli import changing_model

    changing_model.prepare(settings, name)
    _echo_state(settings)


@model.command()
@json_option
@common_options
def show(as_json: bool, settings: Settings) -> None:
    """Say which model answers, which one is beside it, and what both were measured to find."""
    _echo_state(settings, as_json)


@model.command()
@click.argument(
    "file", type=click.Path(path_type=Path, dir_okay=False), metavar="[FILE.jsonl]", required=False
)
@json_option
@common_options
def compare(file: Path | None, as_json: bool, settings: Settings) -> None:
    """Ask both models every question in FILE.jsonl, and keep how often each was right.

    Without FILE.jsonl, those of PASSERELLE_QUESTIONS.
    """
    from api.cli import changing_model

    file = file or settings.questions
    if file is None:
        raise click.UsageError("Give FILE.jsonl, or set PASSERELLE_QUESTIONS.")
    _echo_state(settings, as_json, changing_model.compare(settings, file))


@model.command()
@common_options
def take(settings: Settings) -> None:
    """Answer with the model that was prepared, and keep the vectors of the former one."""
    from api.cli import changing_model

    changing_model.switch(settings, "take")
    _echo_state(settings)


@model.command("roll-back")
@common_options
def roll_back(settings: Settings) -> None:
    """Answer with the former model again, and keep the vectors of the one that was taken."""
    from api.cli import changing_model

    changing_model.switch(settings, "roll-back")
    _echo_state(settings)


@model.command()
@common_options
def finish(settings: Settings) -> None:
    """Keep the model that was taken, and delete the vectors of the former one."""
    from api.cli import changing_model

    changing_model.end(settings, "finish")
    _echo_state(settings)


@model.command()
@common_options
def drop(settings: Settings) -> None:
    """Keep the former model, and delete the vectors of the one that was prepared."""
    from api.cli import changing_model

    changing_model.end(settings, "drop")
    _echo_state(settings)


def _echo_state(
    settings: Settings, as_json: bool = False, changes: Comparison | None = None
) -> None:
    from api.cli import changing_model

    show_as = changing_model.as_json_text if as_json else changing_model.as_text
    click.echo(show_as(*changing_model.state(settings), changes))
