"""Every error as ``application/problem+json`` (RFC 9457), and what an error is over HTTP."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from api.field_errors import field_errors, in_one_line
from api.overload import (
    Busy,
    ComeBack,
    TooManyDownloads,
    TooManyErasures,
    TooManyQuestions,
    TooManyRequests,
    TooManyStreams,
)
from corpus.errors import (
    CatalogueError,
    ChangedMeanwhile,
    DiskFull,
    FileTooLarge,
    InUse,
    JobsReached,
    KeysGone,
    NotMoved,
    PasserelleError,
    QuotaReached,
    ReadingUnavailable,
    Refused,
    UnknownFormat,
)
from corpus.store.jobs import NothingOffered
from index.errors import ModelError
from qa.errors import QuestionError

IN_USE_SECONDS = 5
"""Time after which to try again what another program's lock has stopped."""

JOBS_SECONDS = 30
"""Time after which a job of a key that has as many as it may is likely to be done."""

log = logging.getLogger(__name__)


class UnknownDocument(PasserelleError):
    """There is no document with this id."""

    def __init__(self) -> None:
        super().__init__("There is no document with this id. It may have been removed.")


class UnknownJob(PasserelleError):
    """There is no job with this id."""

    def __init__(self) -> None:
        super().__init__("There is no job with this id. Old jobs are deleted after a while.")


class UnknownOriginal(PasserelleError):
    """The bytes that a document was read from are not kept."""

    def __init__(self) -> None:
        super().__init__(
            "Only the text of this document is stored, not its file. Ingest or upload the file "
            "again."
        )


class UnknownModel(PasserelleError):
    """No model of a chat has this name."""

    def __init__(self) -> None:
        super().__init__(
            "There is no model with this name. GET /v1/models lists them: `passerelle`, and "
            "`passerelle/NAME` for each collection."
        )


class UnknownPage(PasserelleError):
    """A document has no such page."""

    def __init__(self) -> None:
        super().__init__(
            "This document has no such page. PDFs and presentations have pages, from 1 on."
        )


class CannotDraw(PasserelleError):
    """A page is damaged, or takes too much to draw."""

    def __init__(self) -> None:
        super().__init__(
            "This page cannot be drawn: it is damaged, or takes more time or memory than a page "
            "may. Read the document's text, or download its file."
        )


class KeyNeeded(PasserelleError):
    """Nobody may do this without a key."""

    def __init__(self) -> None:
        super().__init__(
            "This needs a key. Send one as `Authorization: Bearer KEY`, or sign in at /sign-in. "
            "The operator of the server makes keys with `passerelle keys add`."
        )


class BadKey(PasserelleError):
    """The key that was sent opens nothing."""

    def __init__(self) -> None:
        super().__init__(
            "This key is unknown or has been revoked. Ask the operator of the server for another."
        )


class NotAllowed(PasserelleError):
    """The key that was sent opens other things."""

    def __init__(self) -> None:
        super().__init__(
            "This key does not allow that. Ask the operator of the server for one that does."
        )


class CrossSite(PasserelleError):
    """A page of another site has a browser change something here."""

    def __init__(self) -> None:
        super().__init__(
            "A browser may only make changes from a page of this server. Open that page."
        )


class UnwantedBody(PasserelleError):
    """A request that only reads announces a body."""

    def __init__(self) -> None:
        super().__init__("A GET or HEAD request must not have a body. Leave it out.")


class TooManyFields(PasserelleError):
    """A form has more fields than are read."""

    def __init__(self, most: str) -> None:
        super().__init__(f"A form may have at most {most} here. Send fewer.")


class TooManyParameters(PasserelleError):
    """An address has more parameters than are read."""

    def __init__(self, most: int) -> None:
        super().__init__(f"An address may have at most {most} parameters. Send fewer.")


class UnknownHost(PasserelleError):
    """The request is for a name that is not the server's."""

    def __init__(self) -> None:
        super().__init__(
            "This server is not known by the name in the Host header. Its operator can add that "
            "name to PASSERELLE_HOSTS."
        )


class UnknownFilter(PasserelleError):
    """A filter names what is not there."""


class BadId(PasserelleError):
    """An id is of no form that ids have, or of a range that its document does not have."""


class NotReady(PasserelleError):
    """Questions are not answered from the newest state of the collection."""


class Kind(NamedTuple):
    """What a kind of error is over HTTP."""

    status: int
    name: str
    title: str
    detail: str | None = None
    """Said in place of the error's own message where that is for the operator only."""

    @property
    def type(self) -> str:
        """Relative URI that stands for this kind of problem, the same in every release."""
        return f"/problems/{self.name}"


INVALID_REQUEST = Kind(422, "invalid-request", "Invalid request")
MALFORMED_BODY = Kind(
    400,
    "malformed-body",
    "Malformed body",
    "The body cannot be parsed. Check that it is complete, and that it is JSON in UTF-8 or a "
    "form, as this address expects.",
)
UNEXPECTED = Kind(
    500,
    "internal-error",
    "Internal error",
    "The request could not be completed. The server's log says why.",
)
_UNAVAILABLE = (
    "The collection cannot be searched, or may be out of date. The server's log says why."
)

KINDS: Mapping[type[PasserelleError], Kind] = {
    UnknownDocument: Kind(404, "unknown-document", "Unknown document"),
    UnknownJob: Kind(404, "unknown-job", "Unknown job"),
    UnknownOriginal: Kind(404, "unknown-original", "Unknown original"),
    UnknownModel: Kind(404, "unknown-model", "Unknown model"),
    UnknownPage: Kind(404, "unknown-page", "Unknown page"),
    CannotDraw: Kind(422, "undrawable-page", "Undrawable page"),
    KeyNeeded: Kind(401, "key-needed", "Key needed"),
    BadKey: Kind(401, "bad-key", "Bad key"),
    NotAllowed: Kind(403, "not-allowed", "Not allowed"),
    CrossSite: Kind(403, "cross-site", "From another site"),
    UnwantedBody: Kind(400, "unwanted-body", "Unwanted body"),
    TooManyFields: Kind(400, "too-many-fields", "Too many fields"),
    TooManyParameters: Kind(400, "too-many-parameters", "Too many parameters"),
    UnknownHost: Kind(421, "unknown-host", "Unknown host"),
    TooManyRequests: Kind(429, "too-many-requests", "Too many requests"),
    TooManyQuestions: Kind(429, "too-many-questions", "Too many questions"),
    TooManyErasures: Kind(429, "too-many-erasures", "Too many erasures"),
    TooManyStreams: Kind(429, "too-many-streams", "Too many streams"),
    TooManyDownloads: Kind(429, "too-many-downloads", "Too many downloads"),
    NothingOffered: INVALID_REQUEST,
    QuestionError: INVALID_REQUEST,
    UnknownFilter: INVALID_REQUEST,
    BadId: INVALID_REQUEST,
    FileTooLarge: Kind(413, "file-too-large", "File too large"),
    UnknownFormat: Kind(415, "unknown-format", "Unknown format"),
    Refused: Kind(422, "refused-file", "Refused file"),
    Busy: Kind(503, "busy", "Busy"),
    NotReady: Kind(503, "not-ready", "Not ready", _UNAVAILABLE),
    JobsReached: Kind(429, "too-many-jobs", "Too many jobs"),
    QuotaReached: Kind(507, "quota-reached", "Quota reached"),
    InUse: Kind(
        503,
        "in-use",
        "In use",
        "Another program keeps a file of the server. Try again a little later.",
    ),
    KeysGone: Kind(
        503,
        "unavailable-keys",
        "Unavailable keys",
        "Keys cannot be checked, so none is valid. The server's log says why.",
    ),
    DiskFull: Kind(
        507,
        "full-disk",
        "Full disk",
        "The disk of the server is full. Its operator has to free some space; try again then.",
    ),
    CatalogueError: Kind(503, "unavailable-collection", "Unavailable collection", _UNAVAILABLE),
    ReadingUnavailable: Kind(
        503,
        "unavailable-drawing",
        "Unavailable drawing",
        "Pages cannot be drawn at the moment. The server's log says why.",
    ),
    ModelError: Kind(503, "unavailable-model", "Unavailable model", _UNAVAILABLE),
    NotMoved: Kind(409, "not-moved", "Not moved"),
    ChangedMeanwhile: Kind(412, "changed-meanwhile", "Changed meanwhile"),
    PasserelleError: UNEXPECTED,
}
"""The kind of an error is that of its nearest class in here."""

_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not accept this method.",
    413: "The body is larger than this address accepts.",
}


class ProblemResponse(JSONResponse):
    """A problem's response."""

    media_type = "application/problem+json"


def problem(
    kind: Kind,
    detail: str,
    errors: Sequence[Mapping[str, str]] | None = None,
    refusal: str | None = None,
) -> ProblemResponse:
    """Return the response for a problem; ``errors`` lists bad fields, and ``refusal`` says as
    what a file was refused."""
    body: dict[str, Any] = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
    }
    if errors is not None:
        body["errors"] = errors
    if refusal is not None:
        body["refusal"] = refusal
    return ProblemResponse(body, kind.status)


def changed(error: ChangedMeanwhile, facts: BaseModel) -> ProblemResponse:
    """Return the response to a correction that somebody else's came before, with what is there."""
    response = response_to(error)
    body = {
        **json.loads(bytes(response.body)),
        "facts": facts.model_dump(mode="json", by_alias=True),
    }
    return ProblemResponse(body, response.status_code)


def kind_of(error: PasserelleError) -> Kind:
    """Return what ``error`` is over HTTP."""
    return next(KINDS[cls] for cls in type(error).__mro__ if cls in KINDS)


def install(app: FastAPI) -> None:
    """Make ``app`` answer every error with a problem."""
    app.add_exception_handler(PasserelleError, _passerelle_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)


def response_to(error: PasserelleError) -> ProblemResponse:
    """Return the response to an error that is the user's to mend."""
    kind = kind_of(error)
    fields = None
    if isinstance(error, QuestionError):
        fields = [{"field": "question", "message": str(error)}]
    refusal = type(error).__name__ if isinstance(error, Refused) else None
    response = problem(kind, kind.detail or str(error), fields, refusal)
    if isinstance(error, ComeBack):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, InUse):
        response.headers["Retry-After"] = str(IN_USE_SECONDS)
    if isinstance(error, JobsReached):
        response.headers["Retry-After"] = str(JOBS_SECONDS)
    if kind.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


async def _passerelle_error(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, PasserelleError)
    if kind_of(error).status >= 500 and not isinstance(error, Busy | QuotaReached):
        log.error("%s %s: %s", request.method, request.url.path, error)
    return response_to(error)


async def _invalid_request(_: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(each["type"] == "json_invalid" for each in found):
        return problem(MALFORMED_BODY, str(MALFORMED_BODY.detail))
    # The first part of a location says body, query or path.
    fields = field_errors([{**each, "loc": each["loc"][1:] or each["loc"]} for each in found])
    return problem(INVALID_REQUEST, in_one_line(fields), fields)


async def _http_error(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    if error.status_code == 400:
        return problem(MALFORMED_BODY, str(MALFORMED_BODY.detail))
    detail = _DETAILS.get(error.status_code, error.detail)
    body = {"type": "about:blank", "title": title, "status": error.status_code, "detail": detail}
    response = ProblemResponse(body, error.status_code, error.headers)
    if error.status_code == 405:  # Starlette names those of the first route at this address
        methods = _methods(request.app.router, request.scope["path"])
        response.headers["Allow"] = ", ".join(sorted(methods))
    return response


def _methods(router: Any, path: str) -> set[str]:
    """Return the methods that any route of a router takes at an address."""
    methods: set[str] = set()
    for route in router.routes:
        if isinstance(route, Route):
            methods |= (route.path_regex.match(path) and route.methods) or set()
        elif hasattr(route, "original_router"):
            methods |= _methods(route.original_router, path)  # FastAPI's own for what was included
    return methods
