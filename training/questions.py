"""The questions that are trained on, each with the document that answers it."""

from __future__ import annotations

import logging
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from training.batches import page_of
from training.recipe import AnswerRecipe
from training.tasks import WHOLE, Asked, Document
from training.types import Paragraph
from training.written import Note, ParagraphQuestions, held_out, read_notes, read_paragraphs

Sources = Sequence[Sequence[Paragraph]]
"""Parallel text, source by source (``batches.read``)."""

log = logging.getLogger(__name__)


def chosen(sources: Sources, recipe: AnswerRecipe) -> list[Asked]:
    """Return the questions of a training, without headings.

    They are those on notes, and the recipe's shares of those on paragraphs and of those that hold
    a name.
    """
    chance = random.Random(recipe.seed)  # noqa: S311, repeatable on purpose
    asked = [each for each in on_notes() if not is_named(each) or chance.random() < recipe.named]
    paragraphs = list(on_paragraphs(sources))
    return asked + chance.sample(
        paragraphs, min(round(recipe.paragraphs * len(asked)), len(paragraphs))
    )


def on_notes(notes: Iterable[Note] | None = None) -> Iterator[Asked]:
    """Return the questions on notes; without ``notes``, on those that are for training."""
    for note in read_notes() if notes is None else notes:
        document = Document(note.id, note.titles, note.texts)
        for question in note.questions:
            yield Asked(question.q, question.lang, document, question.answer)


def on_paragraphs(
    sources: Sources, written: Iterable[ParagraphQuestions] | None = None
) -> Iterator[Asked]:
    """Return the questions on paragraphs of the parallel text.

    Left out are those on pages that are held out, and those whose paragraph is not in the text:
    it changes with Debian. Their number is logged.
    """
    places = _places(sources)
    gone = 0
    for each in read_paragraphs() if written is None else written:
        if (place := places.get((each.source, each.paragraph))) is None:
            gone += 1
            continue
        document, at = place
        if not held_out(document.id):
            for question in each.questions:
                yield Asked(question.q, question.lang, document, (at, WHOLE))
    if gone:
        log.warning("%d paragraphs that are asked about are not in the parallel text", gone)


def headings(sources: Sources, *, seed: int) -> list[Asked]:
    """Return headings of the parallel text, each as a question that its first paragraph answers.

    Each is in a language drawn by chance.
    """
    chance = random.Random(seed)  # noqa: S311, repeatable on purpose
    places = _places(sources)
    found = []
    for paragraph in (each for source in sources for each in source if each.headings):
        document, at = places[paragraph.source, paragraph.id]
        language = chance.choice(sorted(paragraph.headings))
        if language in paragraph.texts and not held_out(document.id):
            found.append(Asked(paragraph.headings[language], language, document, (at, WHOLE)))
    return found


def is_named(asked: Asked) -> bool:
    """Tell whether a question shares a word with its document in another language: a name."""
    return not _words(asked.text).isdisjoint(_words_of(asked.document))


def _words_of(document: Document) -> frozenset[str]:
    texts = (text for of in document.paragraphs.values() for part in of for text in part)
    return frozenset().union(*map(_words, texts))


def _words(text: str) -> frozenset[str]:
    """Return the words of four letters or more that begin with a capital."""
    return frozenset(word for word in re.findall(r"\w{4,}", text) if word[0].isupper())


def _places(sources: Sources) -> dict[tuple[str, str], tuple[Document, int]]:
    """Return the document and the number of each paragraph, by source and id."""
    pages: defaultdict[tuple[str, str], list[Paragraph]] = defaultdict(list)
    for source in sources:
        for paragraph in source:
            pages[paragraph.source, page_of(paragraph)].append(paragraph)
    return {
        (paragraph.source, paragraph.id): (document, at)
        for (source, page), paragraphs in pages.items()
        for document in [_document(f"{source}/{page}", paragraphs)]
        for at, paragraph in enumerate(paragraphs)
    }


def _document(id_: str, paragraphs: Sequence[Paragraph]) -> Document:
    spoken = sorted({language for each in paragraphs for language in each.texts})
    return Document(
        id_,
        titles={},
        paragraphs={
            of: [[each.texts[of]] if of in each.texts else [] for each in paragraphs]
            for of in spoken
        },
    )
