"""The settings that stand in a file, beside the environment: ``passerelle.toml``."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from stat import S_IMODE, S_IWOTH
from typing import Any, Final, NamedTuple, get_args

from pydantic import SecretStr, ValidationError

from api.field_errors import message
from api.settings import Settings
from corpus.errors import PasserelleError
from corpus.store.filesystem import OTHERS
from index.settings import ENV_PREFIX, config_file, variables

FILE_NAME: Final = "passerelle.toml"
"""Looked for in the working folder, if ``PASSERELLE_CONFIG`` names no other."""

SECRETS: Final = frozenset(
    name
    for name, field in Settings.model_fields.items()
    if SecretStr in (field.annotation, *get_args(field.annotation))
)
"""Settings that nobody but the file's owner may read."""


NO_SETTINGS: Final = frozenset({"config", "key"})
"""What else the environment may have with our prefix: the name of this file, and a client's key, as
docs/assistants.md names it."""


class SettingsError(PasserelleError):
    """The settings, of a file or of the environment, are not such as can be used."""


class SettingsFile(NamedTuple):
    """A file of settings that was read."""

    path: Path
    text: str
    said: dict[str, Any]

    def place_of(self, name: str) -> str:
        """Return the file and, where it can be told, the line that a setting stands in."""
        lines = enumerate(self.text.splitlines(), start=1)
        written = re.compile(rf"""\s*\[*\s*["']?{re.escape(name)}["']?\s*[=.\]]""")
        number = next((number for number, line in lines if written.match(line)), None)
        return f"{self.path}, line {number}" if number else str(self.path)


def find(*, in_working_folder: bool = True) -> Path | None:
    """Return the file of settings that ``PASSERELLE_CONFIG`` names, or else the working folder's.

    None if there is neither, or ``/dev/null`` is named.
    """
    if named := config_file():
        return None if named == Path(os.devnull) else named
    here = Path(FILE_NAME)
    return here.absolute() if in_working_folder and os.path.lexists(here) else None


def read_settings(*, in_working_folder: bool = True) -> Settings:
    """Return the settings of the environment and, where that is silent, of the file.

    Raises:
        SettingsError: the file cannot be read or trusted, or one of the two says what cannot be.
    """
    path = find(in_working_folder=in_working_folder)
    file = _read(path) if path else None
    try:
        return Settings.of_environment_and(file.said if file else {})
    except ValidationError as error:
        raise SettingsError(explain(error, file)) from error


def mistyped() -> list[str]:
    """Return what to tell of each variable of the environment that looks like a setting and is
    none."""
    return [
        f"The environment has {ENV_PREFIX}{name.upper()}, which is no setting and does nothing. "
        f"{_remedy(name, ENV_PREFIX)}"
        for name in variables()
        if name not in Settings.model_fields.keys() | NO_SETTINGS
    ]


def explain(error: ValidationError, file: SettingsFile | None = None) -> str:
    """Return which setting cannot be what it is, and where that was written."""
    first = error.errors()[0]
    name, value = str(first["loc"][0]), first["input"]
    if file and name in file.said and value == file.said[name]:
        subject = f"{file.place_of(name)}: {name}"
    else:
        subject = f"{ENV_PREFIX}{name.upper()}"
    shown = "what it is" if name in SECRETS else repr(value)
    return f"{subject} cannot be {shown}: {message(first).removesuffix('.')}."


def _read(path: Path) -> SettingsFile:
    try:
        with path.open("rb") as opened:
            status = os.fstat(opened.fileno())
            text = opened.read().decode("utf-8")
        file = SettingsFile(path, text, tomllib.loads(text))
    except OSError as error:
        raise SettingsError(
            f"The file of settings {path} cannot be read ({error.strerror}). Check its name and "
            f"its permissions, or what {ENV_PREFIX}CONFIG says."
        ) from error
    except (ValueError, RecursionError) as error:  # no UTF-8, or no TOML
        raise SettingsError(f"The file of settings {path} is no TOML ({error}).") from error
    _check_names(file, file.said)
    _check_privacy(file, status)
    return file


def _check_names(file: SettingsFile, names: Iterable[str]) -> None:
    for name in names:
        if name not in Settings.model_fields:
            raise SettingsError(
                f"{file.place_of(name)}: there is no setting {name!r}. {_remedy(name)}"
            )


def _remedy(name: str, prefix: str = "") -> str:
    """Return the setting that somebody may have meant, behind ``prefix``, or where all are."""
    plain = name.lower().removeprefix(ENV_PREFIX.lower()).replace("-", "_")
    near = get_close_matches(plain, Settings.model_fields, n=1)
    if not near:
        return "docs/settings.md lists all there are."
    return f"Did you mean {prefix}{near[0].upper() if prefix else near[0]}?"


def _check_privacy(file: SettingsFile, status: os.stat_result) -> None:
    if config_file() is None and status.st_uid not in (0, os.geteuid()):
        raise SettingsError(
            f"{file.path} belongs to another user, who could change what this program does. Name "
            f"it in {ENV_PREFIX}CONFIG if you trust it."
        )
    if config_file() is None and status.st_mode & S_IWOTH:
        raise SettingsError(
            f"{file.path} may be written by everybody (mode {S_IMODE(status.st_mode):04o}), who "
            f"could change what this program does: chmod o-w {file.path}, or name it in "
            f"{ENV_PREFIX}CONFIG if you trust it."
        )
    secrets = sorted(SECRETS & file.said.keys())
    if secrets and status.st_mode & OTHERS:
        raise SettingsError(
            f"{file.place_of(secrets[0])}: {secrets[0]} is a secret, and others may read the file "
            f"(mode {S_IMODE(status.st_mode):04o}). Make it yours alone: chmod 600 {file.path}"
        )
