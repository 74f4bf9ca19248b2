"""What was found for each question, kept in a file to compare with later."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qa.errors import RunFileError
from qa.evaluation.metrics import Case
from qa.evaluation.run import Judged

FORMAT = 1
"""Version of the file."""


def write(path: Path, judged: Sequence[Judged]) -> None:
    """Write a run as JSON.

    Raises:
        RunFileError: it cannot be written.
    """
    content = {"format": FORMAT, "judged": [asdict(one) for one in judged]}
    try:
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
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
        content = json.loads(path.read_text("utf-8"))
        return _judged_in(content)
    except OSError as error:
        raise RunFileError(
            f"The run {path} cannot be read ({error.strerror}). Check its path."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise RunFileError(
            f"{path} is not a run of this version ({type(error).__name__}: {error}). Make one "
            "with `passerelle evaluate FILE.jsonl --save RUN.json`."
        ) from error


def _judged_in(content: dict[str, Any]) -> list[Judged]:
    if content["format"] != FORMAT:
        raise ValueError(f"its format is {content['format']}, not {FORMAT}")
    return [_judged(one) for one in content["judged"]]


def _judged(stored: dict[str, Any]) -> Judged:
    whole = stored.pop("whole")
    lookup = stored.pop("lookup")
    return Judged(
        **stored,
        whole=_case(whole) if whole else None,
        lookup=tuple(_case(case) for case in lookup),
    )


def _case(stored: dict[str, Any]) -> Case:
    return Case(**{**stored, "ranks": tuple(stored["ranks"])})
