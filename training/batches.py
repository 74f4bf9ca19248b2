"""What the student reads at each step: questions and passages in many languages.

A batch is a small retrieval task: some places in the sources, a few neighbouring paragraphs of
each, so that near topics compete; every paragraph once as a passage, and one sentence of it,
or the heading it stands under, as a question. A batch speaks few languages, so that passages in
the question's own compete with the one that is right in another.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from corpus.text.sentences import sentences
from training.cleaning import letters_of
from training.errors import NoText
from training.types import PIVOT, Paragraph


class Pair(NamedTuple):
    """A text and its English version."""

    text: str
    english: str
    language: str
    """Of the text, ISO 639-1."""


class Batch(NamedTuple):
    """Questions, and the passages they were taken from, in the same order."""

    questions: list[Pair]
    passages: list[Pair]


@dataclass(frozen=True, slots=True)
class Shape:
    """How batches are drawn."""

    places: int = 8
    """Places a batch is taken from; ``neighbours`` paragraphs at each."""
    neighbours: int = 4
    joined: float = 0.25
    """Share of passages to which the next paragraph of the same page is put, so that passages
    of the length the product makes are learnt as well."""
    one_language: float = 0.25
    """Share of places whose questions and passages are all in one language: what keeps
    retrieval within a language sharp."""
    spoken: int = 4
    """Languages drawn for a batch; a paragraph that has none of them is in any of its own."""
    headings: float = 0.5
    """Share of the paragraphs under a heading of which that is the question."""
    rarity: float = 0.5
    """A language is drawn by its number of texts to the power of minus this: 0 is as often as
    it occurs, 1 evenly."""


def read(files: Iterable[Path]) -> list[list[Paragraph]]:
    """Return the paragraphs of each file, without those whose English text came before.

    Raises:
        NoText: there is not one paragraph.
    """
    seen: set[str] = set()
    sources = []
    for file in files:
        paragraphs = []
        for line in file.read_text("utf-8").splitlines():
            paragraph = Paragraph(**json.loads(line))
            letters = letters_of(paragraph.texts[PIVOT])
            if letters not in seen:
                seen.add(letters)
                paragraphs.append(paragraph)
        if paragraphs:
            sources.append(paragraphs)
    if not sources:
        raise NoText(
            "There is no parallel text in the files given. Run python -m training.parallel."
        )
    return sources


def languages(sources: Iterable[Sequence[Paragraph]]) -> dict[str, int]:
    """Return the number of texts in each language, most first."""
    found = Counter(
        language for source in sources for paragraph in source for language in paragraph.texts
    )
    return dict(found.most_common())


def draw(
    sources: Sequence[Sequence[Paragraph]], shape: Shape, *, steps: int, seed: int
) -> Iterator[Batch]:
    """Yield ``steps`` batches; the same for the same seed.

    A source is drawn by the square root of its size, so that a large one does not rule.
    """
    chance = random.Random(seed)  # noqa: S311, repeatable on purpose
    weights = {language: count**-shape.rarity for language, count in languages(sources).items()}
    sizes = [len(source) ** 0.5 for source in sources]
    for _ in range(steps):
        batch = Batch([], [])
        places = [
            _place(source, shape, chance)
            for source in chance.choices(sources, sizes, k=shape.places)
        ]
        spoken = {
            _language(place[0], weights, chance) for place in chance.choices(places, k=shape.spoken)
        }
        for place in places:
            _add(batch, place, shape, dict.fromkeys(sorted(spoken), 1.0), weights, chance)
        yield batch


def _place(source: Sequence[Paragraph], shape: Shape, chance: random.Random) -> Sequence[Paragraph]:
    """Return neighbouring paragraphs, and the one that follows them if there is one."""
    start = chance.randrange(max(1, len(source) - shape.neighbours))
    return source[start : start + shape.neighbours + 1]


def _add(
    batch: Batch,
    place: Sequence[Paragraph],
    shape: Shape,
    spoken: Mapping[str, float],
    weights: Mapping[str, float],
    chance: random.Random,
) -> None:
    only = None
    if chance.random() < shape.one_language:
        only = _language(place[0], spoken, chance, weights)
    for paragraph, following in zip(place, [*place[1:], None], strict=True):
        if following is None and len(place) > shape.neighbours:
            break
        fixed = only if only in paragraph.texts else None
        asked = fixed or _language(paragraph, spoken, chance, weights)
        read_in = fixed or _language(paragraph, spoken, chance, weights)
        batch.questions.append(_question(paragraph, asked, shape, chance))
        joined = following if chance.random() < shape.joined else None
        batch.passages.append(_passage(paragraph, joined, read_in))


def _language(
    paragraph: Paragraph,
    weights: Mapping[str, float],
    chance: random.Random,
    otherwise: Mapping[str, float] = MappingProxyType({}),
) -> str:
    """Return one of the paragraph's languages by their weights; if none has one, ``otherwise``."""
    there = sorted(paragraph.texts.keys() & weights.keys())
    if not there:
        return _language(paragraph, otherwise, chance)
    return chance.choices(there, [weights[language] for language in there])[0]


def _question(paragraph: Paragraph, language: str, shape: Shape, chance: random.Random) -> Pair:
    headings = paragraph.headings
    if language in headings and PIVOT in headings and chance.random() < shape.headings:
        return Pair(headings[language], headings[PIVOT], language)
    return _sentence(paragraph, language, chance)


def _sentence(paragraph: Paragraph, language: str, chance: random.Random) -> Pair:
    """Return one sentence with its English version: the whole where their numbers differ."""
    text, english = paragraph.texts[language], paragraph.texts[PIVOT]
    ours, theirs = sentences(text, language), sentences(english, PIVOT)
    if len(ours) != len(theirs):
        return Pair(text, english, language)
    at = chance.randrange(len(ours))
    return Pair(text[slice(*ours[at])], english[slice(*theirs[at])], language)


def _passage(paragraph: Paragraph, following: Paragraph | None, language: str) -> Pair:
    texts = [paragraph.texts]
    if following and page_of(following) == page_of(paragraph) and language in following.texts:
        texts.append(following.texts)
    ours, theirs = (" ".join(each[of] for each in texts) for of in (language, PIVOT))
    return Pair(ours, theirs, language)


def page_of(paragraph: Paragraph) -> str:
    """Return the page that a paragraph stands on."""
    return paragraph.id.rpartition("#")[0] or paragraph.id
