"""The API's OpenAPI description, corrected, and prepared for the reference page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from api.contract import curl

_REF = "#/components/schemas/"
_KEY = {
    "type": "http",
    "scheme": "bearer",
    "description": "An API key from `passerelle keys add`. Requests from the server's own machine "
    "need none until the first key is made. Reading needs none if the operator made it public.",
}
_PROBLEM = {"schema": {"$ref": f"{_REF}ProblemOut"}}


class Row(NamedTuple):
    """A parameter of an operation or a field of a shape."""

    name: str
    type: str
    is_required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method of one address does."""

    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Row, ...]
    body: str | None
    """Name of the shape it takes."""
    answer: str | None
    """Name of the shape it gives; None where that is no JSON."""
    curl: str
    """A command for a shell that calls it."""
    can_be_tried: bool
    """It changes nothing, and answers with JSON."""
    body_example: str | None
    """JSON that it takes; None if it takes none."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of JSON object."""

    name: str
    description: str
    fields: tuple[Row, ...]
    example: str | None


def with_problems(openapi: dict[str, Any]) -> dict[str, Any]:
    """Return FastAPI's description with the media type that errors really have, and the key that
    may be needed."""
    for _, _, operation in _operations(openapi):
        content = operation["responses"].get("default", {}).get("content", {})
        content.clear()
        content["application/problem+json"] = _PROBLEM
    openapi["components"]["securitySchemes"] = {"key": _KEY}
    openapi["security"] = [{"key": []}, {}]
    return openapi


def operations(openapi: Mapping[str, Any], base: str) -> list[Operation]:
    """Return every operation of the server at ``base``, in the order in which they are declared."""
    return [
        Operation(
            method=method.upper(),
            path=path,
            summary=operation.get("summary", ""),
            description=operation.get("description", ""),
            parameters=tuple(
                Row(
                    parameter["name"],
                    _type(parameter["schema"]),
                    parameter.get("required", False),
                    parameter.get("description", ""),
                )
                for parameter in operation.get("parameters", ())
            ),
            body=_json_type(operation.get("requestBody", {})),
            answer=_json_type(_success(operation)),
            curl=curl.command(base, path, method, operation),
            can_be_tried=curl.can_be_tried(method, operation),
            body_example=curl.body_example(operation),
        )
        for path, method, operation in _operations(openapi)
    ]


def shapes(openapi: Mapping[str, Any]) -> list[Shape]:
    """Return every shape that the operations take or give, by name."""
    return [
        Shape(
            name=name,
            description=schema.get("description", ""),
            fields=tuple(
                Row(
                    field,
                    _type(each),
                    field in schema.get("required", ()),
                    each.get("description", ""),
                )
                for field, each in schema.get("properties", {}).items()
            ),
            example=_example(schema),
        )
        for name, schema in sorted(openapi["components"]["schemas"].items())
    ]


def _operations(openapi: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _success(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(
        response for code, response in operation["responses"].items() if code.startswith("2")
    )


def _json_type(holder: Mapping[str, Any]) -> str | None:
    """Return the name of the shape of what is sent, as JSON or as a form."""
    contents = holder.get("content", {})
    content = contents.get("application/json") or contents.get("multipart/form-data") or {}
    return _type(content["schema"]) if "schema" in content else None


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_REF)
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(json.dumps(value) for value in schema["enum"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    return str(schema.get("format") or schema.get("type", "any")) + _bounds(schema)


def _bounds(schema: Mapping[str, Any]) -> str:
    if "minimum" not in schema or "maximum" not in schema:
        return ""
    return f", {schema['minimum']:,} to {schema['maximum']:,}"


def _example(schema: Mapping[str, Any]) -> str | None:
    examples = schema.get("examples")
    return json.dumps(examples[0], indent=2, ensure_ascii=False) if examples else None
