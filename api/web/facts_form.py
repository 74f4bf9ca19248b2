"""The form that corrects what is known of a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import ValidationError

from api.contract.corrections import CorrectionForm, CorrectionRequest
from api.web.page import Page
from corpus.languages import languages
from corpus.store.corrections import Corrected
from corpus.store.view.listings import DocumentSummary
from corpus.types import UNKNOWN_LANGUAGE, Fact


class FactsForm(NamedTuple):
    """What the form holds."""

    values: Mapping[str, str]
    """By the fact's name, as they are typed."""
    known: Mapping[str, str]
    """What is there now."""
    tag: str
    """Of what is there now."""
    wrong: frozenset[str] = frozenset()
    """Facts that cannot be what was typed."""
    is_overtaken: bool = False
    """Somebody else corrected the document while this was typed."""

    @classmethod
    def of(cls, summary: DocumentSummary) -> FactsForm:
        """Return the form as it is before anything is typed."""
        known = _known(summary)
        return cls(known, known, summary.tag)

    @classmethod
    def typed(cls, form: CorrectionForm, summary: DocumentSummary) -> FactsForm:
        """Return the form as it was sent, for the document as it is now."""
        known = _known(summary)
        sent = {fact.value: getattr(form, fact) for fact in Fact}
        values = {fact: known[fact] if typed is None else typed for fact, typed in sent.items()}
        return cls(values, known, form.tag or summary.tag)

    def changes(self) -> Corrected:
        """Return what is to be corrected: what differs from what is there.

        Raises:
            ValidationError: something cannot be what was typed.
        """
        sent = {
            fact: value for fact, value in self.values.items() if value.strip() != self.known[fact]
        }
        return CorrectionRequest.model_validate(sent).to_corrected()

    def refused(self, error: ValidationError) -> FactsForm:
        """Return the same with what is wrong in it."""
        wrong = frozenset(str(each["loc"][0]) for each in error.errors())
        return self._replace(wrong=wrong)

    def overtaken(self, now: DocumentSummary) -> FactsForm:
        """Return what was typed, to be sent again over what is there now."""
        return self._replace(known=_known(now), tag=now.tag, is_overtaken=True)


def language_choices(page: Page, chosen: str) -> list[tuple[str, str]]:
    """Return the codes and names of the languages that a document can be in, by name."""
    codes = {*languages(), UNKNOWN_LANGUAGE, chosen} - {""}
    return sorted(((code, page.name_of(code)) for code in codes), key=lambda each: each[1])


def _known(summary: DocumentSummary) -> dict[str, str]:
    values = {fact.value: getattr(summary, fact) for fact in Fact}
    return {fact: "" if value is None else str(value) for fact, value in values.items()}
