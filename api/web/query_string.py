"""A question as the page's address holds it, and the addresses that ask it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from api.contract.requests import AskRequest
from corpus.types import composed
from qa.types import Question

MAX_EARLIER = 8
"""Earlier questions that go along; a follow-up seldom leans on more than the two before it."""

MAX_EARLIER_CHARACTERS = 4_000
"""Characters of theirs: with a question of 2,000, each written as nine bytes, an address stays
under the 64 KiB that servers and proxies take."""

PREFERRED = "1"
"""``prefer`` as the page's form asks for it, in spreads of the score."""

FILTERS = ("languages", "collections", "published_from", "published_to", "prefer")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form on the page says, as it was written, so that it can be shown again."""

    text: str = ""
    earlier: tuple[str, ...] = ()
    """The earlier questions, oldest first."""
    languages: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    published_from: str = ""
    published_to: str = ""
    prefer: str = ""

    @classmethod
    def of(cls, parameters: QueryParams) -> Self:
        """Return what an address asks; what it leaves empty does not count."""
        return cls(
            text=parameters.get("q", "").strip(),
            earlier=_latest(_filled(parameters, "earlier")),
            languages=tuple(_filled(parameters, "languages")),
            collections=tuple(map(composed, _filled(parameters, "collections"))),
            published_from=parameters.get("published_from", ""),
            published_to=parameters.get("published_to", ""),
            prefer=parameters.get("prefer", ""),
        )

    def to_question(self) -> Question:
        """Return the question as the question path takes it.

        Raises:
            pydantic.ValidationError: it cannot be asked like this.
        """
        said: dict[str, Any] = {
            "question": self.text,
            "conversation": [{"question": earlier} for earlier in self.earlier],
        }
        for name in FILTERS:
            value = getattr(self, name)
            if value:
                said[name] = _number(value) if name == "prefer" else value
        return AskRequest.model_validate(said).to_question()

    @property
    def narrows(self) -> bool:
        """Whether it leaves any passage out."""
        return any(getattr(self, name) for name in FILTERS if name != "prefer")

    @property
    def filters(self) -> int:
        """How many things are set beside the question itself."""
        return sum(bool(getattr(self, name)) for name in FILTERS)

    @property
    def address(self) -> str:
        """Path and query that ask this."""
        return f"/?{urlencode(list(self._pairs()))}"

    def anywhere(self) -> Self:
        """Return the same question to all documents."""
        return replace(self, languages=(), collections=(), published_from="", published_to="")

    def at_any_date(self) -> Self:
        """Return the same question whatever the documents' dates."""
        return replace(self, published_from="", published_to="")

    def in_any_language(self) -> Self:
        """Return the same question whatever the passages' language."""
        return replace(self, languages=())

    def in_any_collection(self) -> Self:
        """Return the same question to all collections."""
        return replace(self, collections=())

    def asking(self, text: str) -> Self:
        """Return the same with other words, such as those that were meant."""
        return replace(self, text=text)

    def followed_up(self) -> Self:
        """Return what the next question in this conversation begins with."""
        return replace(self, text="", earlier=_latest([*self.earlier, self.text]))

    def back_to(self, number: int) -> Self:
        """Return the conversation as it was at its earlier question ``number``, from 0."""
        return replace(self, text=self.earlier[number], earlier=self.earlier[:number])

    def _pairs(self) -> Iterator[tuple[str, str]]:
        if self.text:
            yield "q", self.text
        yield from (("earlier", earlier) for earlier in self.earlier)
        yield from (("languages", language) for language in self.languages)
        yield from (("collections", collection) for collection in self.collections)
        for name in ("published_from", "published_to", "prefer"):
            if getattr(self, name):
                yield name, getattr(self, name)


def _filled(parameters: QueryParams, name: str) -> Iterator[str]:
    return (value for value in parameters.getlist(name) if value.strip())


def _latest(questions: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for question in [*questions][-MAX_EARLIER:][::-1]:
        if sum(map(len, kept)) + len(question) > MAX_EARLIER_CHARACTERS:
            break
        kept.append(question)
    return tuple(kept[::-1])


def _number(value: str) -> float | str:
    """Return ``value`` as a number if it is one; what is not is refused with the rest."""
    try:
        return float(value)
    except ValueError:
        return value
