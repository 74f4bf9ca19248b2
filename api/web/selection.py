"""The documents that are chosen on the corpus page, to do something with all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, Self

from pydantic import ValidationError
from starlette.datastructures import QueryParams

from api.auth.permissions import Rights
from api.contract.requests import DocumentsQuery
from api.web.documents_page import said_by
from corpus.store.view import View
from corpus.store.view.listings import DocumentSummary

MAX_SELECTED: Final = 10_000
"""Documents that are chosen at once: to remove so many takes about a minute."""

MAX_NAMED: Final = 200
"""Documents that are chosen one by one; a page of the list has fewer."""

SHOWN: Final = 10
"""Documents that are named before all are removed."""


class Selection(NamedTuple):
    """What an address chooses: documents by their ids, or with ``all`` those of a filter."""

    query: str
    documents: tuple[DocumentSummary, ...]
    """Up to one more than MAX_SELECTED."""

    @classmethod
    def of(cls, view: View, rights: Rights, query: str) -> Self:
        """Return what is chosen of what may be changed."""
        parameters = QueryParams(query)
        chosen = _matching if "all" in parameters else _named
        writable = (
            each for each in chosen(view, parameters) if rights.may_write_in(each.collection)
        )
        return cls(query, tuple(writable))

    @property
    def is_too_large(self) -> bool:
        """Whether it is more than may be changed at once."""
        return len(self.documents) > MAX_SELECTED

    @property
    def first(self) -> tuple[DocumentSummary, ...]:
        """Those that are named."""
        return self.documents[:SHOWN]


def _named(view: View, parameters: QueryParams) -> Iterator[DocumentSummary]:
    for document in dict.fromkeys(parameters.getlist("document")[:MAX_NAMED]):
        if summary := view.summary(view.meant(document)):
            yield summary


def _matching(view: View, parameters: QueryParams) -> list[DocumentSummary]:
    try:
        wanted = DocumentsQuery.model_validate({**said_by(parameters), "offset": 0})
    except ValidationError:
        return []  # what cannot be understood chooses nothing
    return view.list_documents(wanted.to_filter(), 0, MAX_SELECTED + 1)[1]
