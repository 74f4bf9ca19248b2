"""Traces, where OpenTelemetry's packages are installed; nothing where they are not."""

from __future__ import annotations

from importlib.util import find_spec

from fastapi import FastAPI

PACKAGE = "opentelemetry.instrumentation.fastapi"


def is_installed() -> bool:
    """Tell whether requests can be traced."""
    try:
        return find_spec(PACKAGE) is not None
    except ModuleNotFoundError:
        return False


def instrument(app: FastAPI) -> None:
    """Trace ``app``'s requests, if that is possible; OTEL_* variables say where they go.

    Addresses are left out of what is traced, since questions stand there.
    """
    if not is_installed():
        return
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

    FastAPIInstrumentor.instrument_app(
        app, excluded_urls="health,ready,metrics", server_request_hook=_without_query
    )


def _without_query(span: object, scope: dict[str, object]) -> None:
    set_attribute = getattr(span, "set_attribute", None)
    if set_attribute is not None:
        for name in ("http.url", "http.target", "url.full", "url.query"):
            set_attribute(name, str(scope.get("path", "")))
