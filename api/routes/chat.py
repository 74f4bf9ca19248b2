"""Questions as chat clients of OpenAI's API ask them."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from api.auth.middleware import Principal
from api.contract.chat import (
    MODEL,
    Annotation,
    ChatChunk,
    ChatCompletion,
    ChatRequest,
    Choice,
    ChunkChoice,
    Delta,
    ModelOut,
    ModelsOut,
    UrlCitation,
    Written,
)
from api.middleware.admission import QuestionRoute
from api.middleware.hardening import JsonRoute
from api.problems import UnknownModel
from api.routes.dependencies import PrincipalHere, ServiceHere, advice_for, answer_for, view_for
from api.service import Service
from api.web import chat
from api.web.chat import Message


class _ChatRoute(JsonRoute, QuestionRoute):
    """A route that takes a question, as JSON."""


router = APIRouter(prefix="/v1", tags=["chat clients"])
completions = APIRouter(prefix="/v1", tags=["chat clients"], route_class=_ChatRoute)


@router.get("/models", summary="List models")
def list_models(service: ServiceHere, principal: PrincipalHere) -> ModelsOut:
    """`passerelle` answers from everything, `passerelle/NAME` from one collection."""
    return ModelsOut(data=[ModelOut(id=each, created=0) for each in _models(service, principal)])


@completions.post(
    "/chat/completions",
    summary="Answer a chat",
    response_model=ChatCompletion,
    responses={
        200: {
            "description": "The message; with `stream`, server-sent events with its pieces.",
            "content": {"text/event-stream": {}},
        }
    },
)
def complete(
    request: Request, service: ServiceHere, principal: PrincipalHere, asked: ChatRequest
) -> ChatCompletion | Response:
    """For clients of OpenAI's API: the last question of a conversation is answered by quotations
    in Markdown, with `url_citation` annotations, or by the word that nothing answers. What else
    clients send, such as instructions or a temperature, does nothing, since nothing is written."""
    if asked.model != MODEL and asked.model not in _models(service, principal):
        raise UnknownModel
    question = asked.to_question()
    outcome = answer_for(service, principal, question)
    advice = advice_for(service, principal, question, outcome)
    base = str(request.base_url).rstrip("/")
    said = chat.message(outcome, advice, base, request.headers.get("accept-language", ""))
    id_, now = f"chatcmpl-{secrets.token_hex(12)}", int(time.time())
    if asked.stream:
        return StreamingResponse(
            _events(id_, now, asked.model, said),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
    written = Written(content="".join(_pieces(said)), annotations=_annotations(said))
    return ChatCompletion(id=id_, created=now, model=asked.model, choices=[Choice(message=written)])


def _models(service: Service, principal: Principal) -> list[str]:
    collections = view_for(service, principal).collections()
    return [MODEL, *(f"{MODEL}/{each.collection}" for each in collections)]


def _pieces(said: Message) -> list[str]:
    parts = [said.said] if said.said else []
    parts += [quotation.text for quotation in said.quotations]
    return [part if place == 0 else f"\n\n{part}" for place, part in enumerate(parts)]


def _annotations(said: Message) -> list[Annotation]:
    pieces = _pieces(said)
    ends = [sum(map(len, pieces[: place + 1])) for place in range(len(pieces))]
    return [
        Annotation(
            url_citation=UrlCitation(
                start_index=end - len(quotation.text),
                end_index=end,
                url=quotation.address,
                title=quotation.title,
            )
        )
        for quotation, end in zip(
            said.quotations, ends[len(ends) - len(said.quotations) :], strict=True
        )
    ]


def _events(id_: str, now: int, model: str, said: Message) -> Iterator[str]:
    def event(delta: Delta, *, is_last: bool = False) -> str:
        choice = ChunkChoice(delta=delta, finish_reason="stop" if is_last else None)
        chunk = ChatChunk(id=id_, created=now, model=model, choices=[choice])
        body = chunk.model_dump(mode="json")
        body["choices"][0]["delta"] = delta.model_dump(mode="json", exclude_none=True)
        return f"data: {json.dumps(body)}\n\n"

    yield event(Delta(role="assistant", content=""))
    yield from (event(Delta(content=piece)) for piece in _pieces(said))
    yield event(Delta(annotations=_annotations(said)), is_last=True)
    yield "data: [DONE]\n\n"
