"""What every web page needs: its template, its language, and how to write in it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from api.auth.middleware import found_principal
from api.auth.oidc.provider_file import ProviderFile
from api.web import citation_formats, i18n, job_page, viewer
from api.web.query_string import Asked
from corpus.pages.types import WITH_PAGES
from corpus.types import UNKNOWN_LANGUAGE
from qa.writing.types import Problem

LANGUAGE_COOKIE = "lang"

A_YEAR = 365 * 24 * 60 * 60
"""Seconds that a reader's choice of language is kept."""

templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.globals.update(
    citations=citation_formats.citations,
    direction=i18n.direction,
    html_language=viewer.html_language,
    job_heading=job_page.heading,
    opened=viewer.opened,
    quoted=viewer.quoted,
    source_link=citation_formats.source_link,
    with_pages=WITH_PAGES,
)
templates.tests["failed"] = lambda made: isinstance(made, Problem)


class Page:
    """A page in the interface language that its reader wants."""

    def __init__(self, request: Request, lang: Annotated[str | None, Query()] = None) -> None:
        self.asked_language = lang if lang in i18n.LANGUAGES else None
        self.language = i18n.choose(
            self.asked_language or request.cookies.get(LANGUAGE_COOKIE),
            request.headers.get("accept-language", ""),
        )
        self.texts = i18n.texts(self.language)
        self.asked = Asked.of(request.query_params)
        principal = found_principal(request.scope)
        self.is_signed_in = principal is not None and principal.is_signed_in
        self.could_sign_in = principal is not None and principal.could_sign_in
        self.provider: ProviderFile | None = request.app.state.provider
        """That a reader may sign in with."""
        self.keeps_questions: int = request.app.state.service.settings.keep_questions
        """Days that the words of a question are kept."""
        self.base = str(request.base_url).rstrip("/")
        self._parameters = request.query_params.multi_items()

    def render(
        self, template: str, status: int = 200, *, keeps_language: bool = True, **values: Any
    ) -> HTMLResponse:
        """Return the page that ``template`` makes of ``values``, which are escaped."""
        html = templates.get_template(template).render(page=self, t=self.texts, **values)
        headers = {"Content-Language": self.language, "Vary": "Accept-Language, Cookie"}
        response = HTMLResponse(html, status, headers)
        if keeps_language and self.asked_language:
            response.set_cookie(LANGUAGE_COOKIE, self.asked_language, A_YEAR, samesite="lax")
        return response

    @property
    def direction(self) -> str:
        """Where the interface's lines begin: ``ltr`` or ``rtl``."""
        return i18n.direction(self.language)

    @property
    def own_name(self) -> str:
        """What the interface's language is called in itself."""
        return i18n.language_name(self.language, self.language)

    def name_of(self, language: str) -> str:
        """Return what a language is called in the interface's."""
        if language == UNKNOWN_LANGUAGE:
            return self.texts["unknown_language"]
        return i18n.language_name(language, self.language)

    def names_of(self, *languages: str) -> str:
        """Return what languages are called inside a sentence."""
        names = dict.fromkeys(
            self.texts["unknown_language"].lower()
            if language == UNKNOWN_LANGUAGE
            else i18n.language_in_sentence(language, self.language)
            for language in languages
        )
        return ", ".join(names)

    def date(self, day: date) -> str:
        """Return a date in words."""
        return i18n.date_in_words(day, self.language)

    def moment(self, moment: datetime) -> str:
        """Return a date in words and the time of day, in UTC as programs write it."""
        return f"{self.date(moment.date())}, {moment:%H:%M} UTC"

    def written_date(self, day: str) -> str:
        """Return a date in words that was written as YYYY-MM-DD."""
        return self.date(date.fromisoformat(day))

    def number(self, number: int) -> str:
        """Return a number with its digits grouped."""
        return i18n.number_in_words(number, self.language)

    def share(self, share: float) -> str:
        """Return a share, 0 to 1, in percent."""
        return i18n.share_in_words(share, self.language)

    def count(self, key: str, number: int, **values: str) -> str:
        """Return the text for a number of things."""
        text = i18n.counted(key, number, self.language)
        return text.format(count=self.number(number), **values)

    def years(self, first: str, last: str) -> str:
        """Return when documents were published, from year to year."""
        if first == last:
            return self.texts["published_in"].format(year=first)
        return self.texts["published_between"].format(first=first, last=last)

    def link(self, address: str) -> str:
        """Return a link to another page, which keeps the language if it was asked for."""
        if self.asked_language is None:
            return address
        path, mark, fragment = address.partition("#")
        between = "&" if "?" in path else "?"
        return f"{path}{between}lang={self.asked_language}{mark}{fragment}"

    def ask(self, question: str) -> str:
        """Return the address that asks a question, the first of a conversation."""
        return Asked(text=question).address

    def in_each_language(self) -> list[tuple[str, str, str]]:
        """Return (code, own name, link) of this page in every language, by name."""
        kept = [(name, value) for name, value in self._parameters if name != "lang"]
        named = sorted((i18n.language_name(code, code), code) for code in i18n.LANGUAGES)
        return [
            (code, name, f"?{urlencode([*kept, ('lang', code)], errors='replace')}")
            for name, code in named
        ]
