"""Every way into the service, with what each takes: found, so that a new one is attacked, too."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator
from typing import NamedTuple

from fastapi import APIRouter
from fastapi.routing import APIRoute

import api.routes

FORM, FILES, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"

BOUNDARY = "b"


class Route(NamedTuple):
    """A method and an address, with the form of the body that it takes."""

    method: str
    path: str
    media_type: str = ""
    """Empty where it takes none."""
    fields: tuple[str, ...] = ()


WITHOUT_ROUTER = (
    Route("GET", "/openapi.json"),
    Route("GET", "/static"),
    Route("POST", "/mcp", JSON, ("question",)),
)
"""What others answer than our routers; a test of the application finds what is missing here."""


def every_route() -> list[Route]:
    """Return every route of the service, by address and method."""
    found = set(WITHOUT_ROUTER)
    for module in pkgutil.iter_modules(api.routes.__path__):
        known = vars(importlib.import_module(f"api.routes.{module.name}")).values()
        for router in (each for each in known if isinstance(each, APIRouter)):
            found.update(_routes_of(router))
    return sorted(found, key=lambda route: (route.path, route.method))


def _routes_of(router: APIRouter) -> Iterator[Route]:
    for route in router.routes:
        assert isinstance(route, APIRoute)
        for method in route.methods or ():
            body = route.body_field
            if body is None:
                yield Route(method, route.path)
                continue
            shape = body.field_info.annotation
            fields = tuple(getattr(shape, "model_fields", ()))
            yield Route(method, route.path, getattr(body.field_info, "media_type", JSON), fields)


def body(route: Route, values: dict[str, str]) -> bytes:
    """Return a body that a route takes, with these values in the fields that it has."""
    known = {name: values[name] for name in route.fields if name in values}
    match route.media_type:
        case "":
            return b""
        case "application/json":
            return json.dumps(known).encode()
        case "multipart/form-data":
            return b"".join(_part(name, text) for name, text in known.items()) + _END
        case _:
            return "&".join(f"{name}={text}" for name, text in known.items()).encode()


_END = f"--{BOUNDARY}--\r\n".encode()


def _part(name: str, text: str) -> bytes:
    file = '; filename="attack.txt"' if name.startswith("file") else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
    return f"{head}{text}\r\n".encode()
