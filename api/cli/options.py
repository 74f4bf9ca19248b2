"""The options that the commands share, and the settings that they result in."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from api.audit.chain import Actor
    from api.audit.log import AuditLog
    from api.settings import Settings

DONE, FAILED, WRONG_CALL, NO_ANSWER = 0, 1, 2, 3
"""The command line's exit statuses."""

Command = TypeVar("Command", bound=Callable[..., Any])


def common_options(command: Command) -> Command:
    """Give a command ``--data``, ``--model`` and ``--backend``, and hand it the settings."""
    return _with_settings(command, in_working_folder=True)


def options_of_others(command: Command) -> Command:
    """The same for a command that other programs start, in folders that may be anybody's.

    No file of settings is looked for in the working folder.
    """
    return _with_settings(command, in_working_folder=False)


def _with_settings(command: Command, *, in_working_folder: bool) -> Command:
    @click.option(
        "--data",
        type=click.Path(path_type=Path),
        help="Folder of the collection. [PASSERELLE_DATA]",
    )
    @click.option(
        "--model",
        metavar="NAME_OR_FOLDER",
        help="A sentence-transformers model. Default: the bundled one. `bundled:plain` is the "
        "bundled one as it was published. [PASSERELLE_MODEL]",
    )
    @click.option(
        "--backend",
        type=click.Choice(["openvino", "sentence-transformers"]),
        help="What runs the model: compiled for this CPU, or the reference, which is slower. "
        "[PASSERELLE_BACKEND; openvino]",
    )
    @wraps(command)
    def with_settings(
        *args: Any, data: Path | None, model: str | None, backend: str | None, **options: Any
    ) -> Any:
        settings = _settings(in_working_folder, data=data, model=model, backend=backend)
        return command(*args, settings=settings, **options)

    return with_settings  # type: ignore[return-value]


def web_options(command: Command) -> Command:
    """Give a command the options that bound what is fetched from the web, as ``web_limits``."""

    @click.option(
        "--host",
        "hosts",
        multiple=True,
        metavar="HOST",
        help="Another host that pages may be on.",
    )
    @click.option(
        "--allow-private",
        multiple=True,
        metavar="HOST",
        help="A host that may be in a private network, or this machine.",
    )
    @click.option("--exclude", multiple=True, metavar="PATTERN", help="Addresses to leave out.")
    @click.option("--max-pages", type=click.IntRange(1, 50_000), help="Of each source. [1000]")
    @click.option(
        "--delay",
        "delay_seconds",
        type=click.FloatRange(0, 300),
        help="Seconds between two requests to a host, or more if it asks for that. [1]",
    )
    @wraps(command)
    def with_limits(
        *args: Any,
        hosts: tuple[str, ...],
        allow_private: tuple[str, ...],
        exclude: tuple[str, ...],
        max_pages: int | None,
        delay_seconds: float | None,
        **options: Any,
    ) -> Any:
        limits = {
            "hosts": hosts,
            "allow_private": allow_private,
            "exclude": exclude,
            "max_pages": max_pages,
            "delay_seconds": delay_seconds,
        }
        given = {name: value for name, value in limits.items() if value is not None}
        return command(*args, web_limits=given, **options)

    return with_limits  # type: ignore[return-value]


DAY = click.DateTime(["%Y-%m-%d"])
DAY_WRITTEN = "YYYY-MM-DD"

limit_option = click.option(
    "--limit", type=click.IntRange(1), default=1000, show_default=True, help="The most to list."
)
offset_option = click.option(
    "--offset", type=click.IntRange(0), default=0, show_default=True, help="How many to pass over."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _settings(in_working_folder: bool, **changes: Any) -> Settings:
    from pydantic import ValidationError

    from api.settings_file import SettingsError, explain, mistyped, read_settings

    for warning in mistyped():
        click.echo(f"passerelle: {warning}", err=True)
    try:
        return read_settings(in_working_folder=in_working_folder).changed(**changes)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    except ValidationError as error:
        raise click.UsageError(explain(error)) from error


def audit_log(settings: Settings) -> tuple[AuditLog, Actor]:
    """Return the audit log, and who uses the command line by its user's name."""
    import getpass

    from api.audit.chain import Actor
    from api.audit.log import AuditLog

    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # it has none
        user = str(os.geteuid())
    return AuditLog(settings.data, is_on=settings.audit), Actor("", f"command line: {user}")


effort_option = click.option(
    "--effort",
    type=click.Choice(["thorough", "quick"]),
    help="Whether the first passages are read, or ranked only. [PASSERELLE_EFFORT; thorough]",
)
