"""Where a cleaned text stands among the characters of a page of print.

Reading puts columns one after the other, mends words, and leaves out what belongs to the page. So
only letters and digits are compared, and each stretch that is the same in both is found wherever
it stands: greedy string tiling (M. J. Wise, 1993). A sentence that stands on the page twice is
found at the right place by what stands around it.
"""

from __future__ import annotations

import heapq
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

SEED: Final = 6
"""Letters that a stretch has at least: about a word."""

ALONE: Final = 20
"""Letters from which a stretch is no chance where neither neighbour is found beside it: three or
four words. A single word of the text may stand in a running head too."""

MAX_GAP: Final = 40
"""Letters between two stretches, in text and print, over which the one still vouches for the
other: a word that print writes otherwise, or half a line of a formula."""

MAX_PLACES: Final = 32
"""Places of one seed that are looked at: a page of nothing but "Article 1" would take time in the
square of its length."""


class _Letters(NamedTuple):
    """The letters and digits of a text, without accents and case, and where each of them stands."""

    folded: str
    positions: Sequence[int]


class _Stretch(NamedTuple):
    """Letters that are the same in text and print, by their numbers there."""

    text: int
    print: int
    length: int


def aligned(text: str, print_: str) -> dict[int, int]:
    """Return, for the characters of ``print_`` that are letters or digits and stand in ``text``
    too, where they stand there."""
    here, there = _letters(text), _letters(print_)
    stretches = sorted(_vouched_for(_tiles(here.folded, there.folded), len(here.folded)))
    places = {
        there.positions[print_at + at]: here.positions[text_at + at]
        for text_at, print_at, length in stretches
        for at in range(length)
    }
    for before, after in pairwise(stretches):
        places.update(_between(before, after, here, there))
    return places


def _letters(text: str) -> _Letters:
    folded, positions = [], []
    for position, character in enumerate(text):
        for letter in _folded(character):
            folded.append(letter)
            positions.append(position)
    return _Letters("".join(folded), positions)


@lru_cache(maxsize=2_000)
def _folded(character: str) -> str:
    letters = unicodedata.normalize("NFKD", character).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def _tiles(text: str, print_: str) -> list[_Stretch]:
    """Return the longest stretches that text and print have in common, each letter in one."""
    free_text, free_print = np.ones(len(text), bool), np.ones(len(print_), bool)
    tiles: list[_Stretch] = []
    left = [(_rank(stretch), stretch) for stretch in _common(text, print_)]
    heapq.heapify(left)
    while left:
        _, stretch = heapq.heappop(left)
        here = free_text[stretch.text : stretch.text + stretch.length]
        there = free_print[stretch.print : stretch.print + stretch.length]
        parts = list(_parts(stretch, (here & there).tobytes()))
        if parts == [stretch]:
            tiles.append(stretch)
            here[:] = there[:] = False
        else:
            for part in parts:
                heapq.heappush(left, (_rank(part), part))
    return tiles


def _rank(stretch: _Stretch) -> tuple[int, int]:
    """The longest first; of those alike, that which moves least."""
    return -stretch.length, abs(stretch.text - stretch.print)


def _common(text: str, print_: str) -> Iterator[_Stretch]:
    """Yield the stretches that go no further, neither back nor on."""
    seeds = _seeds(print_)
    tried: Counter[str] = Counter()
    reached: dict[int, int] = {}
    for at in range(len(text) - SEED + 1):
        seed = text[at : at + SEED]
        places = seeds.get(seed, ())
        tried[seed] += 1
        if tried[seed] > MAX_PLACES:
            continue
        for place in places:
            if reached.get(place - at, 0) <= at:
                back = _common_back(text, at, print_, place)
                length = back + _common_length(text, at, print_, place)
                reached[place - at] = at - back + length
                yield _Stretch(at - back, place - back, length)


def _seeds(print_: str) -> dict[str, list[int]]:
    """Return where each seed stands, MAX_PLACES of it at most."""
    seeds: defaultdict[str, list[int]] = defaultdict(list)
    for at in range(len(print_) - SEED + 1):
        places = seeds[print_[at : at + SEED]]
        if len(places) < MAX_PLACES:
            places.append(at)
    return seeds


def _common_back(text: str, at: int, print_: str, place: int) -> int:
    """Return how many letters before both are the same, no more than a seed has."""
    back = 0
    while back < min(at, place, SEED) and text[at - back - 1] == print_[place - back - 1]:
        back += 1
    return back


def _common_length(text: str, at: int, print_: str, place: int) -> int:
    """Return how many letters from both on are the same, where a seed is."""
    length, step = SEED, 64
    while step:
        here = text[at + length : at + length + step]
        if len(here) == step and here == print_[place + length : place + length + step]:
            length += step
        else:
            step //= 2
    return length


def _parts(stretch: _Stretch, free: bytes) -> Iterator[_Stretch]:
    """Yield the parts of a stretch that no tile covers yet and that are long enough for one."""
    end = 0
    while (start := free.find(1, end)) >= 0:
        end = free.find(0, start)
        end = len(free) if end < 0 else end
        if end - start >= SEED:
            yield _Stretch(stretch.text + start, stretch.print + start, end - start)


def _vouched_for(tiles: Sequence[_Stretch], letters: int) -> Iterator[_Stretch]:
    """Yield the tiles that are long enough by themselves, or stand beside such a one in both."""
    enough = min(ALONE, letters)
    ordered = sorted(tiles)
    is_sure = [tile.length >= enough for tile in ordered]
    for order in (range(1, len(ordered)), range(len(ordered) - 2, -1, -1)):
        step = -1 if order.step > 0 else 1
        for at in order:
            pair = sorted((ordered[at], ordered[at + step]))
            is_sure[at] |= is_sure[at + step] and _is_beside(*pair)
    yield from (tile for tile, sure in zip(ordered, is_sure, strict=True) if sure)


def _is_beside(before: _Stretch, after: _Stretch) -> bool:
    in_text = after.text - before.text - before.length
    in_print = after.print - before.print - before.length
    return 0 <= in_text <= MAX_GAP and 0 <= in_print <= MAX_GAP


def _between(
    before: _Stretch, after: _Stretch, here: _Letters, there: _Letters
) -> Iterator[tuple[int, int]]:
    """Yield places for what print writes otherwise between two stretches."""
    start, end = before.text + before.length, after.text
    first, last = before.print + before.length, after.print
    if start == end or not _is_beside(before, after):
        return
    for at in range(first, last):
        letter = start + (at - first) * (end - start) // (last - first)
        yield there.positions[at], here.positions[letter]
