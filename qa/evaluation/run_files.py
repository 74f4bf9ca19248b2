"""What was found for each question, kept in a file to compare with later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from qa.errors import RunFileError
from qa.evaluation.run import Judged


@dataclass(frozen=True, slots=True)
class _Run:
    format: Literal[1]
    """Version of the file."""
    judged: list[Judged]


_RUN = TypeAdapter(_Run)


def write(path: Path, judged: Sequence[Judged]) -> None:
    """Write a run as JSON.

    Raises:
        RunFileError: it cannot be written.
    """
    try:
        path.write_bytes(_RUN.dump_json(_Run(1, list(judged)), indent=1) + b"\n")
    except OSError as error:
        raise RunFileError(
            f"The run cannot be written to {path} ({error.strerror}). Choose another file."
        ) from error


def read(path: Path) -> list[Judged]:
    """Return the run that ``write`` wrote.

    Raises:
        RunFileError: there is no such file, or it is no run of this version.
    """
    try:
        return _RUN.validate_json(path.read_bytes()).judged
    except OSError as error:
        raise RunFileError(
            f"The run {path} cannot be read ({error.strerror}). Check its path."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"{part}: " for part in first["loc"])
        raise RunFileError(
            f"{path} is not a run of this version ({where}{first['msg']}). Make one with "
            "`passerelle evaluate FILE.jsonl --save RUN.json`."
        ) from error
