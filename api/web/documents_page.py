"""The corpus page: which documents it lists, and the addresses of the other ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from pydantic import ValidationError
from starlette.datastructures import QueryParams

from api.contract.requests import DocumentsQuery
from corpus.store.view import View
from corpus.store.view.listings import DocumentSummary
from corpus.types import composed

ADDRESS = "/documents"

PAGE_DOCUMENTS = 25
"""Documents on one page."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the documents that are wanted."""

    said: Mapping[str, Any]
    """What the address says, as it was written."""
    total: int
    offset: int
    documents: Sequence[DocumentSummary]
    is_valid: bool = True

    @classmethod
    def of(cls, view: View, parameters: QueryParams) -> Self:
        """Return what an address asks for; all documents if it cannot be understood."""
        said = said_by(parameters)
        try:
            query, is_valid = DocumentsQuery.model_validate({**said, "limit": PAGE_DOCUMENTS}), True
        except ValidationError:
            query, is_valid = DocumentsQuery.model_validate({"limit": PAGE_DOCUMENTS}), False
        total, documents = view.list_documents(query.to_filter(), query.offset, query.limit)
        return cls(said, total, query.offset, documents, is_valid)

    @property
    def narrows(self) -> bool:
        """Whether it leaves any document out."""
        return any(name != "offset" for name in self.said)

    @property
    def number(self) -> int:
        """Which page this is, from 1."""
        return self.offset // PAGE_DOCUMENTS + 1

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE_DOCUMENTS))

    @property
    def chosen(self) -> str:
        """The address that chooses all documents of the list, to do something with them."""
        wanted = {name: value for name, value in self.said.items() if name != "offset"}
        return f"/selected?{urlencode([('all', ''), *_pairs(wanted)])}"

    def page(self, number: int) -> str:
        """Return the address of another page of the same documents."""
        return self._address(offset=(number - 1) * PAGE_DOCUMENTS or None)

    def only(self, name: str, value: str) -> str:
        """Return the address that narrows to ``value``, or no longer does if this one does."""
        return self._address(**{name: None if self.has(name, value) else [value]}, offset=None)

    def has(self, name: str, value: str) -> bool:
        """Tell whether this page narrows to ``value``."""
        return value in self.said.get(name, ())

    def year(self, year: str) -> str:
        """Return the address that narrows to a year, or no longer does if this one does."""
        first, last = (None, None) if self.has_year(year) else (f"{year}-01-01", f"{year}-12-31")
        return self._address(published_from=first, published_to=last, offset=None)

    def has_year(self, year: str) -> bool:
        """Tell whether this page narrows to a year."""
        return (self.said.get("published_from"), self.said.get("published_to")) == (
            f"{year}-01-01",
            f"{year}-12-31",
        )

    def _address(self, **changes: Any) -> str:
        wanted = {name: value for name, value in {**self.said, **changes}.items() if value}
        return f"{ADDRESS}?{urlencode(wanted, doseq=True)}" if wanted else ADDRESS


def said_by(parameters: QueryParams) -> dict[str, Any]:
    """Return what an address says of the documents that are wanted, as it was written."""
    said: dict[str, Any] = {}
    for name in ("language", "collection"):
        values = [composed(value) for value in parameters.getlist(name) if value]
        if values:
            said[name] = values
    for name in ("q", "published_from", "published_to", "offset"):
        value = parameters.get(name, "").strip()
        if value:
            said[name] = value
    return said


def _pairs(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, each)
        for name, value in said.items()
        for each in (value if isinstance(value, list) else [value])
    ]
