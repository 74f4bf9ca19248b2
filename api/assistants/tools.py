"""What the tools do, whoever calls them and by whatever transport."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from api.assistants.shapes import (
    AskArguments,
    AskResult,
    DocumentFactsOut,
    FetchArguments,
    FetchResult,
    Hit,
    SearchArguments,
    SearchResults,
    TranslationHit,
)
from api.auth.middleware import Principal
from api.contract.answers import AnswerOut, ask_response
from api.problems import BadId, UnknownFilter
from api.routes.dependencies import advice_for, answer_for, document_in, view_for
from api.service import Service
from api.web.citation_formats import source_link, web_address
from corpus.types import Document, Span
from index.snapshot import EVERYTHING, Scope
from qa.types import Abstention, Answer, CitedPassage, Question

MAX_CHARACTERS = 50_000
"""Of a document that are read at once: some 15,000 tokens of English, where assistants take about
25,000 of a tool's result."""

MAX_NAMED = 50
"""Collections or languages that an error names."""

_ID = re.compile(r"(d-[0-9a-f]{16,32})(?:#(\d{1,10})-(\d{1,10}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, what answers them, and the address that their links begin with."""

    service: Service
    principal: Principal
    base: str


def search(caller: Caller, wanted: SearchArguments) -> SearchResults:
    """Return the nearest passages.

    Raises:
        UnknownFilter: a collection or language is not there.
        CatalogueError: the passages could not be read.
    """
    _check(caller, wanted.scope())
    question = Question(wanted.query, limit=wanted.limit, scope=wanted.scope())
    outcome = answer_for(caller.service, caller.principal, question)
    return SearchResults(results=[_hit(caller, each) for each in _passages(outcome)])


def ask(caller: Caller, wanted: AskArguments) -> AskResult:
    """Return whether something answers, and the passages.

    Raises:
        UnknownFilter: a collection or language is not there.
        CatalogueError: the passages could not be read.
    """
    _check(caller, wanted.scope())
    question = Question(
        wanted.question,
        limit=wanted.limit,
        scope=wanted.scope(),
        conversation=tuple(wanted.conversation),
    )
    outcome = answer_for(caller.service, caller.principal, question)
    advice = advice_for(caller.service, caller.principal, question, outcome)
    response = ask_response(outcome, advice)
    return AskResult(
        question=response.question,
        answered=response.answered,
        outcome=response.outcome,
        confidence=response.confidence,
        passages=[_hit(caller, each) for each in _passages(outcome)],
        corrected=response.advice.corrected,
        dates=response.advice.dates,
    )


def fetch(caller: Caller, wanted: FetchArguments) -> FetchResult:
    """Return the text of a document or of a part of it, MAX_CHARACTERS of it at most.

    Raises:
        BadId: it is no id, or of a range that the document does not have.
        UnknownDocument: there is none, or the caller may not read it.
    """
    found = _ID.fullmatch(wanted.id)
    if found is None:
        raise BadId(
            f"{wanted.id!r} is no id. Take one from `search` or `ask`, such as `d-3f9c5e0a71b2d846`"
            " or `d-3f9c5e0a71b2d846#412-476`."
        )
    document = document_in(view_for(caller.service, caller.principal), found[1])
    whole = len(document.text)
    start, end = (int(found[2]), int(found[3])) if found[2] else (0, whole)
    if found[2] and not start < end <= whole:
        raise BadId(
            f"The document {document.id} has {whole:,} characters, so there is no range "
            f"{start}-{end} in it. It may have changed: search again."
        )
    return _read(caller, document, Span(start, min(end, start + MAX_CHARACTERS)), end)


def _read(caller: Caller, document: Document, span: Span, wanted_end: int) -> FetchResult:
    at = f"#{span.start}-{span.end}"
    follows = f"{document.id}#{span.end}-{wanted_end}" if span.end < wanted_end else None
    return FetchResult(
        id=f"{document.id}{at}",
        title=document.title,
        text=document.text[slice(*span)],
        url=f"{caller.base}/documents/{document.id}{at}",
        metadata=DocumentFactsOut(
            document=document.id,
            language=document.language,
            published=document.published,
            publisher=document.publisher,
            collection=document.collection,
            file=document.file,
            source_url=web_address(document.url),
            start=span.start,
            end=span.end,
            characters=len(document.text),
            next=follows,
        ),
    )


def _check(caller: Caller, scope: Scope) -> None:
    if scope == EVERYTHING:
        return
    view = view_for(caller.service, caller.principal)
    _known("collection", scope.collections, [each.collection for each in view.collections()])
    _known("language", scope.languages, [each.language for each in view.languages()])


def _known(what: str, wanted: frozenset[str], known: list[str]) -> None:
    if unknown := sorted(wanted.difference(known)):
        raise UnknownFilter(
            f"{what}s: no passage is there with the {what} {_listed(unknown)}. Choose from: "
            f"{_listed(known)}. Or leave `{what}s` out to search all."
        )


def _listed(names: Iterable[str]) -> str:
    first = [repr(name) for name in names]
    more = f" and {len(first) - MAX_NAMED} more" if len(first) > MAX_NAMED else ""
    return ", ".join(first[:MAX_NAMED]) + more


def _passages(outcome: Answer | Abstention) -> tuple[CitedPassage, ...]:
    return outcome.passages if isinstance(outcome, Answer) else outcome.nearest


def _hit(caller: Caller, cited: CitedPassage) -> Hit:
    citation, (start, end) = cited.citation, cited.answer
    document, sentence = citation.document, cited.text[start:end]
    return Hit(
        id=f"{document.id}{citation.fragment}",
        title=document.title,
        url=caller.base + citation.link,
        text=cited.text,
        answer=AnswerOut(start=start, end=end, text=sentence),
        language=cited.language,
        published=document.published,
        publisher=document.publisher,
        collection=document.collection,
        page=citation.page,
        start=citation.span.start,
        end=citation.span.end,
        source_url=source_link(document, citation.page, sentence),
        also_in=[
            TranslationHit(
                id=f"{each.citation.document.id}{each.citation.fragment}",
                language=each.language,
                url=caller.base + each.citation.link,
            )
            for each in cited.also_in
        ],
    )
