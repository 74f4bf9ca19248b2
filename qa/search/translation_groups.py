"""Translations of one passage shown as one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from index.encoders.protocol import Vectors
from index.snapshot import Snapshot
from index.vectors.columns import Integers
from qa.config import TranslationConfig
from qa.types import RankedPassage

Numbers = frozenset[int]

_ROUNDING: Final = 1e-5
"""Cosines that differ by less are equal: float32, summed over some 400 dimensions."""

_DIGITS: Final = re.compile(r"\d{1,9}")
"""A number in any script's digits, or a part of one: thousands are set apart in many ways."""


def group_translations(
    snapshot: Snapshot,
    ranked: Sequence[RankedPassage],
    question_language: str,
    config: TranslationConfig,
) -> list[RankedPassage]:
    """Return the passages in their order, each with its translations among the later ones.

    Every passage is there once, by itself or in another's ``also_in``. Of a passage and its
    translations the one in the question's language is shown if there is one, else the best,
    in the best one's place, as near and with its score.
    """
    compared = ranked[: config.compared]
    vectors = _seen_from_their_languages(snapshot, compared)

    def numbers(places: Sequence[int]) -> dict[int, Numbers]:
        texts = snapshot.view.passages([compared[place].passage_id for place in places])
        return {place: numbers_in(texts[compared[place].passage_id].text) for place in places}

    hits = [
        _one_hit([ranked[member] for member in members], question_language)
        for members in groups(compared, vectors, config, numbers)
    ]
    return [*hits, *ranked[config.compared :]]


def groups(
    ranked: Sequence[RankedPassage],
    vectors: Vectors,
    config: TranslationConfig,
    numbers: Callable[[Sequence[int]], dict[int, Numbers]],
) -> list[list[int]]:
    """Return the places in ``ranked`` of passages that are translations of one another.

    ``vectors`` has shape (passages, dimension), as from ``about``; ``numbers`` returns those of
    some places. The most alike come together first, and no language and no document comes twice
    into a group. Groups come in the order of their best passages, and so do the passages of a
    group.
    """
    group_of = [[place] for place in range(len(ranked))]
    for one, other in _translations(ranked, vectors, config, numbers):
        group, joining = group_of[one], group_of[other]
        if group is not joining and _can_be_one(ranked, group, joining):
            group += joining
            for place in joining:
                group_of[place] = group
    return [sorted(group) for place, group in enumerate(group_of) if place == min(group)]


def about(mean: Vectors, vectors: Vectors) -> Vectors:
    """Return ``vectors`` as seen from ``mean``, at unit length.

    That is one for all, shape (dimension,), or one for each. A vector that is the mean becomes 0,
    which is like no other.
    """
    seen = vectors - mean
    lengths: Vectors = np.linalg.norm(seen, axis=1, keepdims=True)
    lengths[lengths <= _ROUNDING] = np.inf
    unit: Vectors = seen / lengths
    return unit


def _seen_from_their_languages(snapshot: Snapshot, ranked: Sequence[RankedPassage]) -> Vectors:
    """Return the passages' vectors, each without what all passages of its language share."""
    if not ranked:
        return np.empty((0, 0), np.float32)
    languages = [passage.language for passage in ranked]
    ids = np.array([passage.passage_id for passage in ranked], np.int64)
    levels = snapshot.levels()
    means = np.array([levels[language].mean for language in languages])
    return about(means, snapshot.vectors(languages, ids))


def numbers_in(text: str) -> Numbers:
    """Return the numbers of a text in digits, each part of one by itself."""
    return frozenset(map(int, _DIGITS.findall(text)))


def _translations(
    ranked: Sequence[RankedPassage],
    vectors: Vectors,
    config: TranslationConfig,
    numbers: Callable[[Sequence[int]], dict[int, Numbers]],
) -> list[tuple[int, int]]:
    """Return the pairs of places that are translations, the most alike first.

    Their cosine is ``config.min_similarity`` at least, or ``config.min_with_numbers`` if their
    numbers agree, and among all ranked passages of other documents each is the other's nearest in
    its language.
    """
    places = {language: number for number, language in enumerate({p.language for p in ranked})}
    languages = np.array([places[passage.language] for passage in ranked], np.int64)
    documents = np.array([passage.document_key for passage in ranked], np.int64)
    near = vectors @ vectors.T
    near[documents[:, None] == documents] = -np.inf
    least = min(config.min_similarity, config.min_with_numbers)
    ones, others = np.divmod(np.flatnonzero(near >= least), len(ranked))
    near_enough = near[ones, others] + _ROUNDING
    nearest = _nearest_by_language(near, languages)
    are_translations = (
        (ones < others)
        & (languages[ones] != languages[others])
        & (near_enough >= nearest[ones, languages[others]])
        & (near_enough >= nearest[others, languages[ones]])
    )
    ones, others = ones[are_translations], others[are_translations]
    order = np.argsort(-near[ones, others], kind="stable")
    pairs = list(zip(ones[order].tolist(), others[order].tolist(), strict=True))
    doubtful = [pair for pair in pairs if near[pair] < config.min_similarity]
    if not doubtful:
        return pairs
    held = numbers(sorted({place for pair in doubtful for place in pair}))
    different = {
        (one, other)
        for one, other in doubtful
        if not _agree(held[one], held[other], config.same_numbers)
    }
    return [pair for pair in pairs if pair not in different]


def _agree(one: Numbers, other: Numbers, share: float) -> bool:
    fewer = min(len(one), len(other))
    return fewer > 0 and len(one & other) >= share * fewer


def _nearest_by_language(near: Vectors, languages: Integers) -> Vectors:
    """Return each row's largest value in the columns of each language, (rows, languages)."""
    by_language = np.argsort(languages, kind="stable")
    first = np.flatnonzero(np.diff(languages[by_language], prepend=-1))
    nearest: Vectors = np.maximum.reduceat(near[:, by_language], first, axis=1)
    return nearest


def _can_be_one(
    ranked: Sequence[RankedPassage], group: Sequence[int], joining: Sequence[int]
) -> bool:
    return all(
        ranked[one].language != ranked[other].language
        and ranked[one].document_key != ranked[other].document_key
        for one in group
        for other in joining
    )


def _one_hit(best_first: Sequence[RankedPassage], question_language: str) -> RankedPassage:
    if len(best_first) == 1:
        return best_first[0]
    own = (passage for passage in best_first if passage.language == question_language)
    shown = next(own, best_first[0])
    others = tuple(passage for passage in best_first if passage is not shown)
    best = best_first[0]
    return shown._replace(score=best.score, nearness=best.nearness, also_in=others)
