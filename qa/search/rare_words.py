"""Rare words: names and terms that stand in a question and in a passage alike.

A vector knows that a passage is about a minister, not which one. A name is written alike in most
languages, and so are many terms; a word that hardly any passage holds says much of those that do.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping

from index.lexical import passages_with
from index.snapshot import Snapshot
from qa.config import RankingConfig
from qa.search.lexical_evidence import NO_EVIDENCE, rarity

MAX_WORDS = 16
"""Words of a question that are looked up, the longest; a bound on work."""

_LEAST_PASSAGES = 3
_WORD = re.compile(r"[^\W\d_]{3,}")


def hold_rare_words(
    snapshot: Snapshot, question: str, config: RankingConfig
) -> Mapping[int, float]:
    """Return how much of the question's rare words a passage holds, over 0 to 1, by passage id.

    A word that one passage holds counts 1, one that ``config.rare_share`` of all hold nothing, with
    the logarithm in between. It says nothing of passages in a language of which more than
    ``config.common_share`` hold it: any word is rare whose language is.
    """
    if not config.exact * config.rare_words:
        return NO_EVIDENCE
    rare = max(int(len(snapshot) * config.rare_share), _LEAST_PASSAGES)
    sizes = {language: len(partition) for language, partition in snapshot.partitions.items()}
    shares: dict[int, float] = defaultdict(float)
    total = 0.0
    for word in _words(question):
        languages = passages_with(snapshot.view, [word], rare)
        weight = rarity(len(languages), rare)
        total += weight
        counts = Counter(languages.values())
        for passage, language in languages.items() if weight else ():
            if counts[language] <= max(1, config.common_share * sizes.get(language, 0)):
                shares[passage] += weight
    return {passage: share / max(total, 1.0) for passage, share in shares.items()}


def _words(question: str) -> list[str]:
    words = sorted({word.casefold() for word in _WORD.findall(question)})
    return sorted(words, key=len, reverse=True)[:MAX_WORDS]
