"""What OpenTelemetry is told, with its real packages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient

from api.app import create_app
from api.service import Service

SECRET = "Xylophon"


@pytest.fixture(scope="module")
def exporter() -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    yield exporter
    exporter.shutdown()  # the provider stays for the rest of the process


def test_requests_are_traced_without_questions_and_without_who_asks(
    service: Service, exporter: InMemorySpanExporter
) -> None:
    client = TestClient(create_app(service), headers={"user-agent": "Mine 1.0"})
    client.get("/", params={"q": f"Wo ist das {SECRET}?"})
    client.post("/v1/ask", json={"question": f"Wo ist das {SECRET}?"})
    client.get(f"/documents/{SECRET}", params={"mark": SECRET})
    client.get("/health")
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == ["GET /", "POST /v1/ask", "GET /documents/{id}"]
    for span in spans:
        said = [str(value) for value in (span.attributes or {}).values()]
        assert not any("Mine" in value or "testclient" in value for value in said)
    assert not any(SECRET in str(dict(span.attributes or {})) for span in spans[:2])
    assert "mark" not in str(dict(spans[2].attributes or {}))


# What `opentelemetry-instrument` of opentelemetry-distro does before the program begins.
_INSTRUMENTED = (
    "from opentelemetry import trace\n"
    "from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor\n"
    "from opentelemetry.sdk.trace import TracerProvider\n"
    "from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor\n"
    "provider = TracerProvider()\n"
    "console = ConsoleSpanExporter(formatter=lambda span: span.to_json(None) + '\\n')\n"
    "provider.add_span_processor(SimpleSpanProcessor(console))\n"
    "trace.set_tracer_provider(provider)\n"
    "FastAPIInstrumentor().instrument()\n"
    "from api.cli.main import main\n"
    "main()\n"
)


def test_nor_does_it_learn_them_where_it_instruments_every_program(
    tmp_path: Path, cache: Path
) -> None:
    command = [sys.executable, "-c", _INSTRUMENTED, "serve", "--port", "0"]
    environment = {**os.environ, "PASSERELLE_DATA": str(tmp_path), "PASSERELLE_CACHE": str(cache)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        address = server.stdout.readline().rpartition(" ")[2].strip()
        try:
            for path in ("/health", f"/?q={SECRET}"):
                with urlopen(address + path, timeout=60) as answer:
                    assert answer.read()
        finally:
            server.terminate()
        said = server.stdout.read()
    spans = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert [span["name"] for span in spans] == ["GET /"]
    assert SECRET not in said


def test_where_nobody_gets_the_traces_none_are_made() -> None:
    code = (
        "from fastapi import FastAPI\n"
        "from api.middleware import tracing\n"
        "app = FastAPI()\n"
        "tracing.instrument(app)\n"
        "is_traced = getattr(app, '_is_instrumented_by_opentelemetry', False)\n"
        "print(tracing.is_installed(), is_traced)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
