"""The search box for another site's page: a frame that asks, and whose answers open here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from api.routes.pages import READ, PageHere
from api.web.embed_theme import Theme

ThemeHere = Annotated[Theme, Depends(Theme.asked)]

router = APIRouter(include_in_schema=False)


@router.api_route("/embed", methods=READ)
def search_box(page: PageHere, theme: ThemeHere) -> HTMLResponse:
    """The box. Nothing of the collection is in it, so it needs no key, and it sets no cookie."""
    return page.render("embed.html", keeps_language=False, theme=theme)


@router.api_route("/embed.css", methods=READ)
def look(theme: ThemeHere) -> Response:
    """What its site chose for it, as a style sheet."""
    return Response(theme.css, media_type="text/css")
