"""Traces, where OpenTelemetry's packages are installed; nothing where they are not."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from fastapi import FastAPI

PACKAGE = "opentelemetry.instrumentation.fastapi"

_ADDRESSES = ("http.url", "http.target", "url.full")
_ABOUT_THE_READER = (
    "url.query",
    "http.user_agent",
    "user_agent.original",
    "net.peer.ip",
    "net.peer.port",
    "client.address",
    "client.port",
)


def is_installed() -> bool:
    """Tell whether requests can be traced."""
    try:
        return find_spec(PACKAGE) is not None
    except ModuleNotFoundError:
        return False


def instrument(app: FastAPI) -> None:
    """Trace ``app``'s requests, if the process has said where traces go.

    Questions, which stand in addresses, and what tells who asks are left out.
    """
    if not is_installed():
        return
    from opentelemetry import trace
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return  # spans that nobody gets would cost each request a tenth of a millisecond or more

    FastAPIInstrumentor.instrument_app(
        app,
        excluded_urls="health,ready,metrics",
        exclude_spans=["receive", "send"],
        server_request_hook=_without_secrets,
    )


def _without_secrets(span: Any, scope: dict[str, Any]) -> None:
    """Overwrite what OpenTelemetry took down; an attribute cannot be taken back."""
    known = getattr(span, "attributes", None) or {}
    for name in _ADDRESSES:
        if name in known:
            span.set_attribute(name, scope["path"])
    for name in _ABOUT_THE_READER:
        if name in known:
            span.set_attribute(name, "")
