"""What every web page is made with: its template, its language, and how to write in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from api import interface, viewer

templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.globals.update(
    html_language=viewer.html_language, quoted=viewer.quoted, web_address=viewer.web_address
)


class Page:
    """A page in the interface language that its reader wants."""

    def __init__(self, request: Request, lang: Annotated[str | None, Query()] = None) -> None:
        self.language = interface.choose(lang, request.headers.get("accept-language", ""))
        self.asked_language = lang if lang in interface.LANGUAGES else None
        self.question = request.query_params.get("q", "")

    def render(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Return the page that ``template`` makes of ``values``, which are escaped."""
        texts = interface.texts(self.language)
        html = templates.get_template(template).render(page=self, t=texts, **values)
        headers = {"Content-Language": self.language, "Vary": "Accept-Language"}
        return HTMLResponse(html, status, headers)

    def name_of(self, language: str) -> str:
        """Return what a language is called in the interface's."""
        return interface.language_name(language, self.language)

    def date(self, day: date) -> str:
        """Return a date in words."""
        return interface.date_in_words(day, self.language)

    def link(self, address: str) -> str:
        """Return a link to another page, which keeps the language if it was asked for."""
        if self.asked_language is None:
            return address
        path, mark, fragment = address.partition("#")
        return f"{path}?lang={self.asked_language}{mark}{fragment}"

    def in_each_language(self) -> list[tuple[str, str, str]]:
        """Return (code, own name, link) of this page in every language of the interface."""
        kept = {"q": self.question} if self.question else {}
        return [
            (code, interface.language_name(code, code), f"?{urlencode({**kept, 'lang': code})}")
            for code in interface.LANGUAGES
        ]
