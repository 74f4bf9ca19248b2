"""What a question means after the ones before it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from corpus.text.language_id import language_of
from qa.config import ELLIPSIS_LETTERS, ELLIPSIS_WORDS, FOLLOW_UP_WORDS


def _lists(**words: str) -> Mapping[str, frozenset[str]]:
    return {language: frozenset(text.split()) for language, text in words.items()}


# Words that carry on from what was said when a question begins with them.
_OPENING: Final = _lists(
    de="aber also oder und",
    en="and but or so",
    es="entonces o pero y",
    fr="alors c'est donc et mais ou",
    it="e ed ma o quindi",
    lb="a also an awer oder",
    nl="dus en maar of",
    pt="e então mas ou",
)

# Words that stand for what was said, as they are written inside a sentence ("Sie" is "you").
_REFERRING: Final = _lists(
    de="dabei dafür damit daran davon dazu dies dort er ihm ihn ihnen ihr ihre ihren sie",
    en="he her him his it its she that their them these they this those",
    es="allí ella ellas ellos eso esto él",
    fr="celle-ci celui-ci cela elle elles il ils leur leurs lui ça",
    it="ciò essa esso lei loro lui lì",
    lb="dat do dobäi dofir domat dovun dozou hatt hien hinnen hir hiren se si",
    nl="daar dat deze die dit haar hem hen hij hun ze zij",
    pt="ela elas ele eles isso isto lá",
)

# Chinese and Japanese put no spaces; two of their characters say about as much as a word.
_WORD: Final = re.compile(r"[\u3040-\u9fff]{1,2}|[^\s\u3040-\u9fff]+")
_MARKS: Final = "¿?¡!.,;:…«»„“”\"‘'()"


def standalone(question: str, conversation: Sequence[str]) -> str:
    """Return ``question`` as it can be understood without the earlier questions.

    A follow-up ("Et en Belgique ?") is put behind the question before it, which may itself be
    one and then brings along what it leans on; any other question is taken as it stands.
    """
    meaning = ""
    for asked in (*conversation, question):
        meaning = f"{meaning} {asked}" if meaning and _is_follow_up(asked, meaning) else asked
    return meaning


def _is_follow_up(question: str, before: str) -> bool:
    words = _words_of(question)
    if len(words) <= ELLIPSIS_WORDS and len("".join(words)) <= ELLIPSIS_LETTERS:
        return True
    if len(words) > FOLLOW_UP_WORDS:
        return False
    # A few words alone are often in no certain language, and a conversation may change its own.
    languages = {language_of(question), language_of(f"{before} {question}")}
    return any(
        words[0].casefold() in _OPENING.get(language, ())
        or not _REFERRING.get(language, frozenset()).isdisjoint(words)
        for language in languages
    )


def _words_of(question: str) -> list[str]:
    stripped = (word.strip(_MARKS) for word in _WORD.findall(question))
    return [word.replace("’", "'") for word in stripped if any(map(str.isalnum, word))]
