"""The HTTP application."""

from __future__ import annotations

import secrets
from functools import partial
from pathlib import Path
from typing import Any

from asgi_correlation_id import CorrelationIdMiddleware

# Not fastapi's own name, which `opentelemetry-instrument` puts a class under that notes whole
# addresses, with the questions in them; api.middleware.tracing says what may be noted.
from fastapi import Depends
from fastapi.applications import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from api import problems
from api.answering import Answering
from api.assistants import http as assistants
from api.auth.middleware import Authentication, Authenticator
from api.connections import ConnectionLimits
from api.contract import openapi
from api.contract.responses import ProblemOut
from api.jobs.news import JobNews
from api.middleware import tracing
from api.middleware.access_log import AccessLog, is_usable_id
from api.middleware.admission import AdmissionControls
from api.middleware.catch_unexpected import CatchUnexpected
from api.middleware.hardening import FewParameters, KnownHosts, NoBodies, SecurityHeaders
from api.middleware.metrics import ServiceGauges
from api.middleware.turns import Turns
from api.release import version
from api.routes import (
    ask,
    changes,
    chat,
    collection_pages,
    collections,
    documents,
    embed,
    facts,
    feedback,
    health,
    jobs,
    keys,
    languages,
    model,
    pages,
    printed,
    questions,
    selected,
    sign_in,
    sign_in_by_provider,
    sources,
    written,
)
from api.routes.dependencies import known_parameters_only
from api.service import Service
from api.web.problem_pages import ProblemPages

STATIC = Path(__file__).parent / "web" / "static"

DESCRIPTION = (
    "Ask in your own language; read the passage that answers, word for word, in whatever "
    "language it was written, with its source. Offsets count Unicode code points of a "
    "document's cleaned text. Errors are `application/problem+json` (RFC 9457)."
)


def create_app(service: Service, connections: ConnectionLimits | None = None) -> FastAPI:
    """Return the application for a service that is open, and stays so while it runs.

    The metrics count the ``connections`` of the server that it runs in.
    """
    mcp = assistants.Endpoint(version()) if assistants.is_installed() else None
    app = _App(
        lifespan=mcp.running if mcp else None,
        title="Passerelle",
        summary="Cross-lingual question answering over document collections",
        description=DESCRIPTION,
        version=version(),
        docs_url=None,  # FastAPI's own page loads from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # a redirect would repeat the request's Host header
        responses={"default": {"model": ProblemOut, "description": "What went wrong"}},
    )
    app.state.service = service
    app.state.provider = provider = service.provider.said if service.provider else None
    app.state.door = door = Authenticator(service.keys, service.settings, provider)
    app.state.news = JobNews(service.settings.store, service.keys, service.worker)
    app.state.gates = gates = AdmissionControls()
    service.metrics.registry.register(
        ServiceGauges(
            service.settings.store,
            lambda: app.state.service.live,
            gates,
            connections or ConnectionLimits(),
        )
    )
    service.switcher.listen(partial(_answer_with, app))
    problems.install(app)
    app.add_middleware(CatchUnexpected)
    app.add_middleware(Authentication, door=door)
    if origins := service.settings.cors_origins.split():
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "If-Match", *assistants.HEADERS],
            expose_headers=["ETag", "Location", "Retry-After", "X-Request-ID"],
        )
    app.add_middleware(KnownHosts, names=service.settings.hosts.split())
    app.add_middleware(NoBodies)
    app.add_middleware(FewParameters)
    app.add_middleware(ProblemPages)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(Turns, gate=gates.requests, asker=door.asker)
    app.add_middleware(SecurityHeaders, embedding=service.settings.embed_origins.split())
    app.add_middleware(AccessLog, metrics=service.metrics)
    app.add_middleware(  # added last, so outermost
        CorrelationIdMiddleware, generator=partial(secrets.token_hex, 8), validator=is_usable_id
    )
    for router in (
        ask.router,
        documents.router,
        facts.router,
        printed.router,
        jobs.router,
        collections.router,
        languages.router,
        chat.router,
        chat.completions,
        questions.listing,
    ):
        app.include_router(router, dependencies=[Depends(known_parameters_only)])
    # Links to pages get parameters of others' on their way, and probes add some against caches.
    for module in (health, pages, embed, feedback, changes, sign_in, sign_in_by_provider):
        app.include_router(module.router)
    app.include_router(changes.forms)
    app.include_router(facts.forms)
    app.include_router(selected.router)
    app.include_router(keys.router)
    app.include_router(keys.forms)
    app.include_router(collection_pages.router)
    app.include_router(collection_pages.forms)
    app.include_router(questions.router)
    app.include_router(questions.forms)
    app.include_router(sources.router)
    app.include_router(sources.forms)
    app.include_router(model.router)
    app.include_router(model.forms)
    app.include_router(pages.asking)
    app.include_router(written.router)
    if mcp:
        app.router.routes.append(mcp.route)
    app.include_router(printed.pages)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    tracing.instrument(app)
    return app


def _answer_with(app: FastAPI, answering: Answering) -> None:
    """Have requests that come from now on answered by another model."""
    app.state.service = app.state.service.with_model(answering)


class _App(FastAPI):
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = openapi.with_problems(super().openapi())
        return self.openapi_schema
