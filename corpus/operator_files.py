"""The operator's files: TOML of a shape that is known."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from corpus.errors import PasserelleError

Shape = TypeVar("Shape", bound=BaseModel)


def read_operator_file(
    file: Path, shape: type[Shape], name: str, error: type[PasserelleError]
) -> Shape:
    """Return what an operator's file says; ``name`` is what a message calls it.

    Raises ``error`` if it cannot be read, is no TOML, or says what ``shape`` does not allow.
    """
    try:
        return shape.model_validate(tomllib.loads(file.read_text("utf-8")))
    except OSError as cause:
        raise error(
            f"{name} {file} cannot be read ({cause.strerror}). Check its name and its permissions."
        ) from cause
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise error(f"{name} {file} is no TOML ({cause}).") from cause
    except ValidationError as cause:
        first = cause.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise error(f"{name} {file} cannot be used: {place}: {first['msg']}.") from cause
