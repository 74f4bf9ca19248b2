"""Which of a model's tokens are a text's own."""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Final

from index.encoders.protocol import States

MAX_TOKENS: Final = 64
"""Tokens of a text whose states are given: a bound on memory. Of 35,000 sentences of the written
notes hardly one has more."""

_SPECIAL_BEHIND: Final = 1
"""Special tokens after a text."""


def prompt_tokens(tokens_of: Callable[[str], Sized], prompt: str) -> int:
    """Return how many tokens come before a text's own, special ones included.

    ``tokens_of`` gives a text's tokens, with the special ones. A prompt that ends with a space
    shares no token with what follows it.
    """
    return len(tokens_of(prompt.strip())) - _SPECIAL_BEHIND


def text_states(states: States, beginning: int) -> States:
    """Return the states of a text's own tokens, the first MAX_TOKENS, out of those of all."""
    own = states[beginning : len(states) - _SPECIAL_BEHIND][:MAX_TOKENS]
    return own.copy()
