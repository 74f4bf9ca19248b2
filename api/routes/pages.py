"""The web pages: asking, the corpus, reading a document, and the API's reference."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from api.auth.middleware import Principal
from api.contract import openapi
from api.middleware.admission import QuestionRoute
from api.problems import UnknownDocument
from api.routes.dependencies import (
    DocumentId,
    PrincipalHere,
    ServiceHere,
    advice_for,
    answer_for,
    document_in,
    snapshot_for,
    summary_in,
    view_for,
)
from api.service import Service
from api.web import viewer
from api.web.attached import attachments_of, message_with
from api.web.citation_formats import source_link, web_address
from api.web.collection_summary import contents_of, suggestions
from api.web.documents_page import Listing
from api.web.exports import MEDIA_TYPES, Format, exported, file_name
from api.web.facts_form import FactsForm, language_choices
from api.web.page import Page, templates
from api.web.turn import Translating, Turn, Writing, turn_of
from qa.advice.advising import Advice
from qa.errors import QuestionError
from qa.types import Abstention, Answer
from qa.writing.negation import is_known

READ = ["GET", "HEAD"]

PageHere = Annotated[Page, Depends()]

router = APIRouter(include_in_schema=False)
asking = APIRouter(include_in_schema=False, route_class=QuestionRoute)


@asking.api_route("/", methods=READ)
def ask_page(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    format_: Annotated[Format | None, Query(alias="format")] = None,
) -> Response:
    """The first page, or the answer to the question that the address asks, or a file of it."""
    snapshot = snapshot_for(service, principal)
    contents = contents_of(snapshot.view)
    if not page.asked.text:
        phrase = page.texts["about_title"].format
        suggested = suggestions(
            snapshot,
            lambda question: service.answerer.answer(question, principal.rights.reads),
            page.language,
            lambda title: phrase(title=title),
            service.questions.get(page.language, ()),
        )
        return page.render("start.html", contents=contents, suggested=suggested)
    try:
        question = page.asked.to_question()
        outcome = answer_for(service, principal, question, again=format_ is not None)
    except (ValidationError, QuestionError) as error:
        return page.render("unusable.html", 422, contents=contents, why=_why(error))
    advice = advice_for(service, principal, question, outcome)
    if format_:
        return Response(
            exported(outcome, format_, page.base, advice),
            media_type=MEDIA_TYPES[format_],
            headers={
                "Content-Disposition": f'attachment; filename="{file_name(outcome, format_)}"',
            },
        )
    turn = turn_for(service, page, outcome, advice, writing_offered(service, page, outcome))
    response = page.render(
        "conversation.html", contents=contents, turn=turn, feedback=service.settings.feedback
    )
    response.headers["Server-Timing"] = f"answer;dur={outcome.timings.total:.1f}"
    return response


def writing_offered(service: Service, page: Page, outcome: Answer | Abstention) -> Writing | None:
    """Return who would write, and from what; None where nobody may.

    It is in the question's language or, where that cannot be checked, the page's.
    """
    writer, asked_in = service.writer, outcome.question.language
    if writer is None or isinstance(outcome, Abstention):
        return None
    ranks = tuple(passage.rank for passage in writer.sent(outcome.passages))
    language = asked_in if is_known(asked_in) else page.language
    return Writing(writer.host, writer.model, language, ranks) if ranks else None


def turn_for(
    service: Service,
    page: Page,
    outcome: Answer | Abstention,
    advice: Advice,
    writing: Writing | None,
) -> Turn:
    """Return an outcome as the page shows it, with what may be translated for its reader."""
    turn = turn_of(page.asked, outcome, page.language, advice, writing)
    translator = service.translator
    if translator is None:
        return turn
    ranks = frozenset(
        passage.rank
        for passage in turn.passages
        if not turn.is_own(passage) and translator.offers(passage, page.language)
    )
    return replace(turn, translating=Translating(translator.host, ranks)) if ranks else turn


@router.api_route("/documents", methods=READ)
def corpus_page(
    service: ServiceHere, principal: PrincipalHere, page: PageHere, request: Request
) -> HTMLResponse:
    """What the collection holds, and the documents that are wanted."""
    view = view_for(service, principal)
    listing = Listing.of(view, request.query_params)
    return page.render(
        "documents.html",
        200 if listing.is_valid else 422,
        contents=contents_of(view),
        listing=listing,
        rights=principal.rights,
        max_mb=service.settings.max_upload_mb,
        was_removed="removed" in request.query_params,
        removed=_number(request.query_params.get("removed", "")),
        was_moved="moved" in request.query_params,
        moved=_number(request.query_params.get("moved", "")),
    )


@router.api_route("/documents/{id}", methods=READ)
def document_page(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    request: Request,
    document: DocumentId,
    mark: Annotated[str, Query()] = "",
) -> HTMLResponse:
    """The viewer, where every passage has an address of its own."""
    try:
        return shown_document(
            service,
            principal,
            page,
            document,
            mark=mark,
            was_corrected="corrected" in request.query_params,
        )
    except UnknownDocument:
        return page.render("unknown.html", 404)


def shown_document(
    service: Service,
    principal: Principal,
    page: Page,
    document: str,
    form: FactsForm | None = None,
    status: int = 200,
    *,
    mark: str = "",
    was_corrected: bool = False,
) -> HTMLResponse:
    """Return a document's page, with what was typed into its ``form`` if that was.

    Raises:
        UnknownDocument: there is none.
    """
    view = view_for(service, principal)
    found, summary = document_in(view, document), summary_in(view, document)
    passages, marked = view.passages_of(found.id), viewer.span(mark)
    sentence = found.text[slice(*marked)]
    pages = (each.page for each in passages if each.span.start <= marked.start < each.span.end)
    form = form or FactsForm.of(summary)
    return page.render(
        "document.html",
        status,
        document=found,
        pieces=viewer.pieces(found, passages, marked),
        web=source_link(found, next(pages, None), sentence) if sentence else web_address(found.url),
        has_original=view.has_original(found.id),
        copies=view.copies([found.id]).get(found.id, ()),
        translations=view.translations([found.id]).get(found.id, ()),
        left_out=view.left_out(found.id),
        origins=view.origins(found.id),
        may_write=principal.rights.may_write_in(found.collection),
        form=form,
        languages=language_choices(page, form.values["language"]),
        was_corrected=was_corrected,
        mark=mark if sentence else "",
        recognised=view.recognised(found.id),
        letter=service.printed.letterhead(view, found),
        attachments=attachments_of(view, found),
        message=message_with(view, found),
    )


@router.api_route("/docs", methods=READ)
def reference_page(request: Request, page: PageHere) -> HTMLResponse:
    """The API's reference, made from its own description."""
    description = request.app.openapi()
    return page.render(
        "reference.html",
        info=description["info"],
        operations=openapi.operations(description, page.base),
        shapes=openapi.shapes(description),
    )


@router.api_route("/llms.txt", methods=READ)
def for_models(service: ServiceHere, principal: PrincipalHere, page: PageHere) -> PlainTextResponse:
    """What this service is, for programs that read (https://llmstxt.org/)."""
    contents = contents_of(view_for(service, principal))
    text = templates.get_template("llms.txt").render(page=page, contents=contents)
    return PlainTextResponse(text)


def _why(error: ValidationError | QuestionError) -> str:
    """Return the key of the text that says what is wrong."""
    if isinstance(error, QuestionError):
        return "usable"
    fields = {problem["loc"][0] for problem in error.errors() if problem["loc"]}
    return "usable" if fields & {"question", "conversation"} else "usable_filters"


def _number(said: str) -> int:
    """Return a number that an address says; 0 for anything else."""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0
