"""The page of the model: which one answers, what both of a change find, and the steps of it.

A model is prepared and measured on the command line only: a request names no model, but repeats
which one was shown, and nothing is fetched.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.audit.chain import Deed
from api.auth.middleware import Principal
from api.contract.requests import ModelForm, ModelStep
from api.middleware.hardening import FormRoute
from api.routes.changes import SEE_OTHER
from api.routes.dependencies import PrincipalHere, ServiceHere
from api.routes.pages import READ, PageHere
from api.service import Service
from api.switching import SwitchStatus, check_writing
from api.web.page import Page
from corpus.errors import ModelChangeRefused
from corpus.store.model_change import ModelChange, State

SWITCHES = frozenset({ModelStep.TAKE, ModelStep.ROLL_BACK})

router = APIRouter(include_in_schema=False)
forms = APIRouter(include_in_schema=False, route_class=FormRoute)


@router.api_route("/model", methods=READ)
def model_page(service: ServiceHere, principal: PrincipalHere, page: PageHere) -> HTMLResponse:
    """Which model answers, and how far a change to another one is."""
    return _shown(service, principal, page)


@forms.post("/model")
def change_model(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    form: Annotated[ModelForm, Form()],
) -> Response:
    """Take the new model, go back, or end the change."""
    change = _change(service)
    if change is None or not _is_due(service, change, form):
        return _shown(service, principal, page, 409, wrong="model_changed")
    if form.step in SWITCHES and not _can_check(service, change):
        return _shown(service, principal, page, 409, wrong="model_writing")
    try:
        _carry_out(service, principal, change, form.step)
    except ModelChangeRefused:  # somebody else was quicker
        return _shown(service, principal, page, 409, wrong="model_changed")
    return RedirectResponse(page.link("/model"), SEE_OTHER)


def _is_due(service: Service, change: ModelChange, form: ModelForm) -> bool:
    """Tell whether a step is of what was shown, and nothing else is under way."""
    is_taken = change.state is State.TAKEN
    return (
        form.model == change.other.model.sha256
        and is_taken == (form.step in (ModelStep.ROLL_BACK, ModelStep.FINISH))
        and _status(service, change) is not SwitchStatus.UNDER_WAY
    )


def _status(service: Service, change: ModelChange | None) -> SwitchStatus:
    """Return how it goes with a switch, also where another process made it and the server is to
    follow."""
    if change is None:
        return SwitchStatus.NONE
    if change.searched.model.sha256 == service.switcher.searches_with:
        return service.switcher.status
    return SwitchStatus.FAILED if service.live.problem else SwitchStatus.UNDER_WAY


def _can_check(service: Service, change: ModelChange) -> bool:
    """Tell whether what a language model writes, if one does, can be checked by the other model."""
    try:
        check_writing(service.settings, change.other.model)
    except ModelChangeRefused:
        return False
    return True


def _carry_out(
    service: Service, principal: Principal, change: ModelChange, step: ModelStep
) -> None:
    service.audit.note(
        principal.actor,
        Deed.CHANGED_MODEL,
        must=True,
        step=step.value,
        model=change.other.model.name,
    )
    if step in SWITCHES:
        service.switcher.switch(change.other)
        return
    with service.settings.store.existing() as catalogue:
        catalogue.end_model_change(change.other.model, is_taken=step is ModelStep.FINISH)
    service.worker.wake()  # which sweeps the vectors, in steps


def _change(service: Service) -> ModelChange | None:
    with service.settings.store.view() as view:
        return view.model_change()


def _shown(
    service: Service, principal: Principal, page: Page, status: int = 200, wrong: str = ""
) -> HTMLResponse:
    change = _change(service)
    switch = _status(service, change)
    return page.render(
        "model.html",
        status,
        answering=service.encoder.identity,
        change=change,
        is_taken=change is not None and change.state is State.TAKEN,
        is_under_way=switch is SwitchStatus.UNDER_WAY,
        has_failed=switch is SwitchStatus.FAILED,
        reads_all=principal.rights.reads is None,
        may_change=principal.rights.may_change_model and switch is not SwitchStatus.UNDER_WAY,
        wrong=wrong,
    )
