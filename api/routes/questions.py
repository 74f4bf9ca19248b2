"""The page of the questions: how many, what came of them, and which passages helped."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.asked import counts
from api.asked.recorder import today
from api.asked.types import Places
from api.auth.permissions import Need
from api.middleware.hardening import FormRoute
from api.routes.changes import SEE_OTHER
from api.routes.dependencies import PrincipalHere, ServiceHere, view_for
from api.routes.pages import READ, PageHere
from api.web.questions_page import PERIODS, Wanted, ratings
from corpus.store.view import View

router = APIRouter(include_in_schema=False)
forms = APIRouter(include_in_schema=False, route_class=FormRoute)


@router.api_route("/questions", methods=READ)
def questions_page(
    service: ServiceHere, principal: PrincipalHere, page: PageHere, request: Request
) -> HTMLResponse:
    """What was asked in nothing but the collections that the principal may read."""
    view = view_for(service, principal)
    names = [each.collection for each in view.collections()]
    wanted = Wanted.of(request.query_params, names)
    within = frozenset({wanted.collection}) if wanted.collection else principal.rights.reads
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
        ratings=ratings(
            service.settings.data, counts.since(today(), wanted.days), _narrowed(view, within)
        ),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@forms.post("/questions/evaluate")
def evaluate_questions(service: ServiceHere, page: PageHere) -> Response:
    """Begin to ask the operator's question file, which may take minutes."""
    service.evaluator.begin()
    return RedirectResponse(page.link("/questions#evaluation"), SEE_OTHER)


def _narrowed(view: View, within: Places) -> View:
    return view if within is None else view.within(within)
