"""An answer as a message of a chat, in Markdown: quotations with their sources, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from api.web.citation_formats import facts, in_markdown, markdown_link, source_link
from api.web.i18n import choose, texts
from index.vocabulary import WORD
from qa.advice.advising import Advice
from qa.types import Abstention, Answer, CitedPassage


class Quotation(NamedTuple):
    """A passage in the message."""

    text: str
    title: str
    address: str
    """Absolute; opens the document at the passage."""


class Message(NamedTuple):
    """What is said, in this order, and then quoted."""

    said: str
    """Empty where the quotations answer."""
    quotations: tuple[Quotation, ...]


def message(
    outcome: Answer | Abstention, advice: Advice, base: str, accept_language: str
) -> Message:
    """Return an outcome as a message, in the question's language if the interface has it.

    Args:
        outcome: What was found.
        advice: What may help where it answers nothing.
        base: The address that links begin with.
        accept_language: For questions in other languages.
    """
    language = choose(outcome.question.language, accept_language)
    if advice.is_thanks:
        return Message(f"{texts(language).welcome} {texts(language).welcome_hint}", ())
    passages = outcome.passages if isinstance(outcome, Answer) else outcome.nearest
    if advice.containing:
        passages = tuple(each.passage for each in advice.containing)
    is_answer = isinstance(outcome, Answer)
    return Message(
        "\n\n".join(_said(outcome, advice, passages, language)),
        tuple(_quotation(each, base, language, marked=is_answer) for each in passages),
    )


def _said(
    outcome: Answer | Abstention,
    advice: Advice,
    passages: Sequence[CitedPassage],
    language: str,
) -> list[str]:
    t = texts(language)
    match outcome:
        case Answer(is_sure=True):
            return []
        case Answer():
            return [f"{t.may_answer}. {t.may_answer_note}"]
    said = [f"{t.abstained}."]
    if advice.corrected:
        said.append(f"{t.did_you_mean} {in_markdown(advice.corrected)}")
    if advice.containing:
        words = " ".join(WORD.findall(outcome.question.text))
        said.append(f"{t.containing.format(words=in_markdown(words))}:")
    elif passages:
        said.append(t.nearest)
    return said


def _quotation(cited: CitedPassage, base: str, language: str, *, marked: bool) -> Quotation:
    document, address = cited.citation.document, base + cited.citation.link
    details = [markdown_link(document.title, address), *map(in_markdown, facts(cited, language))]
    source = ", ".join(details)
    sentence = cited.text[slice(*cited.answer)]
    if original := source_link(document, cited.citation.page, sentence):
        source += f" · {markdown_link(texts(language).original, original)}"
    quoted = _marked(cited) if marked else in_markdown(_on_one_line(cited.text))
    return Quotation(f"> {quoted}\n>\n> — {source}", document.title, address)


def _marked(cited: CitedPassage) -> str:
    """Return a passage with its answering sentence in bold, which spaces set apart."""
    start, end = cited.answer
    before, sentence, after = (
        in_markdown(_on_one_line(part))
        for part in (cited.text[:start], cited.text[start:end], cited.text[end:])
    )
    return " ".join(part for part in (before, sentence and f"**{sentence}**", after) if part)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
