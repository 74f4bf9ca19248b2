"""What a question means after the ones before it."""

from __future__ import annotations

from collections.abc import Sequence

from qa.config import FOLLOW_UP_WORDS


def standalone(question: str, conversation: Sequence[str]) -> str:
    """Return ``question`` as it can be understood without the earlier questions.

    A question too short to say what it is about ("Et en Belgique ?") is put behind the one
    before it; any other is taken as it stands.
    """
    if not conversation or len(question.split()) > FOLLOW_UP_WORDS:
        return question
    return f"{conversation[-1]} {question}"
