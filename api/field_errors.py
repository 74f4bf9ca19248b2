"""What is wrong with the fields of something that came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MAX_FIELD_ERRORS = 20
"""Bad fields that one problem lists; a body can hold any number of unknown ones."""

MAX_FIELD_NAME = 100
"""Characters of a field's name that are repeated; unknown ones can be of any length."""

_MESSAGES = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no field with this name.",
}


def field_errors(found: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return pydantic's errors as problems list them."""
    return [
        {"field": _field(each["loc"]), "message": _MESSAGES.get(each["type"], each["msg"])}
        for each in found[:MAX_FIELD_ERRORS]
    ]


def in_one_line(fields: Sequence[Mapping[str, str]]) -> str:
    """Return the same for people."""
    return "; ".join(f"{each['field']}: {each['message']}" for each in fields)


def _field(location: Sequence[str | int]) -> str:
    """Return a field's path.

    Half a surrogate pair, which JSON can hold and UTF-8 cannot, becomes a question mark.
    """
    path = ".".join(str(part) for part in location)[:MAX_FIELD_NAME]
    return path.encode("utf-8", "replace").decode()
