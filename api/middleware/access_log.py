"""Each request's line in the log, with its id, and its place in the metrics."""

from __future__ import annotations

import json
import logging
import math
import re
import sys
from datetime import UTC, datetime
from time import perf_counter

from asgi_correlation_id import correlation_id
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth.middleware import found_principal
from api.middleware.metrics import Metrics

_USABLE_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What a terminal acts on, or a reader of lines takes for an end of one."""

_FACTS = ("method", "route", "status", "ms", "bytes", "key")

log = logging.getLogger("passerelle.requests")


def is_usable_id(given: str) -> bool:
    """Tell whether an id that came with a request may stand in a log and a header."""
    return _USABLE_ID.fullmatch(given) is not None


class AccessLog:
    """ASGI middleware: logs each request and counts it.

    The log has the route and no query, since questions stand there.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status, size = perf_counter(), 499, 0  # 499: the client went away

        async def noted_send(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, noted_send)
        finally:
            self._note(scope, status, perf_counter() - started, size)

    def _note(self, scope: Scope, status: int, seconds: float, size: int) -> None:
        route = getattr(scope.get("route"), "path", None) or "other"
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.metrics.requests.labels(method, route, str(status)).inc()
        self.metrics.request_seconds.labels(route).observe(seconds)
        principal = found_principal(scope)
        key = principal.holder.id if principal and principal.holder else "-"
        facts = (method, route, status, round(seconds * 1000, 1), size, key)
        log.info(
            "%s %s %d %.1f ms %d bytes by %s", *facts, extra=dict(zip(_FACTS, facts, strict=True))
        )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record's line."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request": correlation_id.get("-"),
            "message": record.getMessage(),
            **{name: getattr(record, name) for name in _FACTS if hasattr(record, name)},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """One line for people, with the request's id; control characters written out."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record's line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        message = _CONTROL.sub(lambda found: repr(found[0])[1:-1], record.getMessage())
        request = correlation_id.get("-")
        line = f"{moment} {record.levelname.lower():<7} [{request}] {message}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class OncePerSecond(logging.Filter):
    """Passes one warning or error of a cause each second, with how many it kept back.

    A cause is a place in the code. What is only told, such as requests, passes.
    """

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is to be written."""
        if record.levelno < logging.WARNING:
            return True
        cause = (record.pathname, record.lineno)
        last, kept_back = self._seen.get(cause, (-math.inf, 0))
        if record.created - last < 1:
            self._seen[cause] = (last, kept_back + 1)
            return False
        self._seen[cause] = (record.created, 0)
        if kept_back:
            record.msg = f"{record.getMessage()} (and {kept_back} more of the kind)"
            record.args = ()
        return True


def configure_logging(level: str, style: str) -> None:
    """Send everything of at least this level to stderr, as ``text`` or ``json``.

    Warnings and errors of one cause are written once a second at most.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(OncePerSecond())
    handler.setFormatter(JsonFormatter() if style == "json" else TextFormatter())
    # It warns of each id that it does not take, and anybody can send one.
    logging.getLogger("asgi_correlation_id").setLevel(logging.ERROR)
    # It tells of each connection, and of what it cannot read.
    logging.getLogger("mcp").setLevel(logging.ERROR)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
