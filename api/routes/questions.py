"""What was asked: how many questions, what came of them, and which passages helped."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.asked import counts
from api.asked.recorder import today
from api.asked.types import Outcome, Places
from api.auth.permissions import Need
from api.contract.question_responses import AlikeOut, QuestionsOut, QuestionsQuery, RatedOut
from api.middleware.hardening import FormRoute
from api.routes.changes import SEE_OTHER
from api.routes.dependencies import PrincipalHere, ServiceHere, view_for
from api.routes.pages import READ, PageHere
from api.service import Service
from api.web.questions_page import PERIODS, Ratings, Wanted, ratings
from corpus.store.view import View

router = APIRouter(include_in_schema=False)
listing = APIRouter(prefix="/v1", tags=["questions"])
forms = APIRouter(include_in_schema=False, route_class=FormRoute)


@router.api_route("/questions", methods=READ)
def questions_page(
    service: ServiceHere, principal: PrincipalHere, page: PageHere, request: Request
) -> HTMLResponse:
    """What was asked in nothing but the collections that the principal may read."""
    view = view_for(service, principal)
    names = [each.collection for each in view.collections()]
    wanted = Wanted.of(request.query_params, names)
    within = _within(principal.rights.reads, wanted.collection)
    response = page.render(
        "questions.html",
        200 if wanted.is_valid else 422,
        wanted=wanted,
        periods=PERIODS,
        collections=names,
        figures=service.asked.figures(wanted.days, within),
        fails=service.asked.fails,
        least=counts.MIN_ALIKE,
        evaluator=service.evaluator if Need.ADMIN_OF_ALL.is_met_by(principal.rights) else None,
        rates=service.settings.feedback,
        ratings=_ratings(service, view, wanted.days, within),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@listing.get("/questions", summary="Count questions")
def count_questions(
    service: ServiceHere, principal: PrincipalHere, query: Annotated[QuestionsQuery, Query()]
) -> QuestionsOut:
    """How many questions were asked in nothing but what the key may read, what came of them, and
    which passages were rated. The words of questions are there only if the operator keeps them.
    Needs the scope `admin`."""
    within = _within(principal.rights.reads, query.collection or "")
    figures = service.asked.figures(query.days, within)
    rated = _ratings(service, view_for(service, principal), query.days, within)
    return QuestionsOut(
        days=query.days,
        questions=figures.number,
        answers=figures.outcomes[Outcome.ANSWERED],
        may_answer=figures.outcomes[Outcome.PERHAPS],
        nothing=figures.outcomes[Outcome.NOTHING],
        words_days=service.settings.keep_questions,
        often=[
            AlikeOut(words=each.words, questions=each.number, nothing=each.unanswered)
            for each in figures.often
        ],
        untold=figures.untold,
        rated=[
            RatedOut(
                document=each.document.id,
                start=each.span.start,
                end=each.span.end,
                helpful=each.helpful,
                unhelpful=each.unhelpful,
            )
            for each in (*rated.helped, *rated.others)
        ],
        complete=not service.asked.fails,
    )


@forms.post("/questions/evaluate")
def evaluate_questions(service: ServiceHere, page: PageHere) -> Response:
    """Begin to ask the operator's question file, which may take minutes."""
    service.evaluator.begin()
    return RedirectResponse(page.link("/questions#evaluation"), SEE_OTHER)


def _within(reads: Places, collection: str) -> Places:
    """Return the collections that questions are told of: one, if it may be read, or all such."""
    if not collection:
        return reads
    wanted = frozenset({collection})
    return wanted if reads is None else wanted & reads


def _ratings(service: Service, view: View, days: int, within: Places) -> Ratings:
    narrowed = view if within is None else view.within(within)
    return ratings(service.settings.data, counts.since(today(), days), narrowed)
