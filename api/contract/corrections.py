"""What may be corrected of a document: the shape of the request, and what it stands for."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from api.contract import examples
from api.contract.requests import CollectionName, IsoDate
from corpus.ingest import DEFAULT_COLLECTION
from corpus.store.corrections import Corrected
from corpus.types import Fact

MAX_TITLE: Final = 500
"""Characters of a title; the longest of laws have some 400."""

MAX_ADDRESS: Final = 2_000
"""Characters of a web address, which is what all browsers take."""

_CODE = re.compile(r"[a-z]{2,3}", re.ASCII)
_ADDRESS = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)


def _one_line(value: Any) -> Any:
    """Return a text with its white space collapsed; nothing of one that has no more."""
    return (" ".join(value.split()) or None) if isinstance(value, str) else value


def _printable(text: str) -> str:
    if not text.isprintable():
        raise PydanticCustomError("printable", "Use printable characters.")
    return text


def _code(code: str) -> str:
    if not _CODE.fullmatch(code.lower()):
        raise PydanticCustomError("language", "Write a language code such as fr, nl or de.")
    return code.lower()


def _address(address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise PydanticCustomError("url", "Write a web address that begins with http or https.")
    return address


Line = Annotated[str, Field(max_length=MAX_TITLE), AfterValidator(_printable)]
OneLine = BeforeValidator(_one_line)


class CorrectionRequest(BaseModel):
    """What to correct; what is left out stays as it is. `null` says that there is none."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [examples.CORRECTION]},
    )

    title: Annotated[Line, OneLine] = Field("", min_length=1)
    publisher: Annotated[Line | None, OneLine] = None
    published: Annotated[IsoDate | None, OneLine] = None
    language: Annotated[str, AfterValidator(_code), OneLine] = Field(
        "und", description="Of the document and of its passages. `und` if it has none."
    )
    url: Annotated[
        Annotated[str, Field(max_length=MAX_ADDRESS), AfterValidator(_address)] | None, OneLine
    ] = Field(None, description="Where it is on the web.")
    collection: CollectionName = Field(
        DEFAULT_COLLECTION,
        description="The collection that it is in. Another one than now moves it there, under the "
        "same id; that needs the right to write in both.",
    )

    @property
    def moves_to(self) -> str | None:
        """The collection that it is to be in, if that was sent."""
        return self.collection if "collection" in self.model_fields_set else None

    def to_corrected(self) -> Corrected:
        """Return what each fact that was sent is to be."""
        sent = {fact: getattr(self, fact) for fact in Fact if fact in self.model_fields_set}
        return {fact: None if value is None else str(value) for fact, value in sent.items()}


class CorrectionForm(BaseModel):
    """The form on a document's page, as it was filled in; what it lacks stays as it is.

    It is checked later, so that nothing that was typed is lost.
    """

    model_config = ConfigDict(extra="forbid")

    title: str | None = None
    publisher: str | None = None
    published: str | None = None
    language: str | None = None
    url: str | None = None
    tag: str | None = Field(None, max_length=100)
