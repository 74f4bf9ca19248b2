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
    "bool_parsing": "Write true or false.",
    "bool_type": "Write true or false.",
    "date_from_datetime_parsing": "Write the date as YYYY-MM-DD.",
    "date_from_datetime_inexact": "Write the date as YYYY-MM-DD.",
    "date_parsing": "Write the date as YYYY-MM-DD.",
    "date_type": "Write the date as YYYY-MM-DD.",
    "enum": "Choose one of these: {expected}.",
    "float_parsing": "Write a number.",
    "float_type": "Write a number.",
    "greater_than_equal": "The least is {ge}.",
    "int_from_float": "Write a whole number.",
    "int_parsing": "Write a whole number.",
    "int_type": "Write a whole number.",
    "less_than_equal": "The most is {le}.",
    "list_type": "Write a list.",
    "literal_error": "Choose one of these: {expected}.",
    "model_attributes_type": "Write an object.",
    "model_type": "Write an object.",
    "string_too_long": "Its length may be {max_length} at most.",
    "string_too_short": "Its length must be {min_length} at least.",
    "string_type": "Write a text.",
    "too_long": "The most is {max_length} of them.",
}
"""By pydantic's types of error, whose own words are those of a programmer."""


def field_errors(found: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return pydantic's errors as problems list them."""
    return [
        {"field": _field(each["loc"]), "message": message(each)}
        for each in found[:MAX_FIELD_ERRORS]
    ]


def in_one_line(fields: Sequence[Mapping[str, str]]) -> str:
    """Return the same for people."""
    return "; ".join(f"{each['field']}: {each['message']}" for each in fields)


def message(error: Mapping[str, Any]) -> str:
    """Return one of pydantic's errors for people, without the name of its class."""
    if (said := _MESSAGES.get(error["type"])) is not None:
        return said.format_map(error.get("ctx", {}))
    return str(error["msg"]).removeprefix("Value error, ")


def _field(location: Sequence[str | int]) -> str:
    """Return a field's path.

    Half a surrogate pair, which JSON can hold and UTF-8 cannot, becomes a question mark.
    """
    path = ".".join(str(part) for part in location)[:MAX_FIELD_NAME]
    return path.encode("utf-8", "replace").decode()
