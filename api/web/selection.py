"""The documents that are chosen on the corpus page, to do something with all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, Self
from urllib.parse import parse_qsl

from pydantic import ValidationError
from starlette.datastructures import QueryParams

from api.auth.permissions import Rights
from api.contract.requests import DocumentsQuery
from api.web.documents_page import said_by
from corpus.store.view import View
from corpus.store.view.listings import DocumentSummary

MAX_SELECTED: Final = 10_000
"""Documents that are chosen at once: to remove so many takes about a minute."""

MAX_MOVED: Final = 1_000
"""Documents that are moved at once: one of a page or two takes some 15 ms on a busy machine."""

MAX_NAMED: Final = 200
"""Documents that are chosen one by one; a page of the list has fewer."""

TO: Final = "to"
"""What an address names the collection by that the chosen documents are to be moved to."""

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
        """Whether it is more than may be removed at once."""
        return len(self.documents) > MAX_SELECTED

    @property
    def is_too_large_to_move(self) -> bool:
        """Whether it is more than may be moved at once."""
        return len(self.documents) > MAX_MOVED

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What a form holds that chooses the same."""
        pairs = parse_qsl(self.query, keep_blank_values=True)
        return [(name, value) for name, value in pairs if name != TO]

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
