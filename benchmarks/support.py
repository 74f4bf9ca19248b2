"""How many wrong sentences are caught, and right ones kept, when held against their quotations.

    python -m benchmarks.support

checks the 600 pairs of ``benchmarks/supported``: a sentence in one language, and what it says that
it rests on in another. Half of the sentences are right, half subtly wrong. The passages on the same
topic are the rivals. A third was held out: it was written after everything was chosen.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import click

from index.encoders.loading import load_encoder
from index.settings import ModelSettings
from qa.writing.checking import Checker
from qa.writing.types import Claim, Given, Held, LeftOut

FOLDER = Path(__file__).with_name("supported")


class Passage(NamedTuple):
    id: str
    topic: str
    language: str
    is_held_out: bool
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.sentences)


class Pair(NamedTuple):
    id: str
    passage: Passage
    quotation: str
    language: str
    text: str
    wrong: str | None
    """What is wrong with the sentence; None if it is right."""


class Judged(NamedTuple):
    pair: Pair
    outcome: Held | LeftOut

    @property
    def is_right(self) -> bool:
        """Whether a right one was kept, or a wrong one caught."""
        return isinstance(self.outcome, Held) == (self.pair.wrong is None)


def read_pairs(folder: Path = FOLDER) -> list[Pair]:
    """Return the pairs, in the order of the file."""
    passages = {
        each["id"]: Passage(
            each["id"], each["topic"], each["lang"], each["held_out"], tuple(each["sentences"])
        )
        for each in _lines(folder / "passages.jsonl")
    }
    return [
        Pair(
            each["id"],
            passages[each["passage"]],
            passages[each["passage"]].sentences[each["sentence"]],
            each["lang"],
            each["text"],
            each["wrong"],
        )
        for each in _lines(folder / "pairs.jsonl")
    ]


def judge(checker: Checker, pairs: Iterable[Pair]) -> list[Judged]:
    """Check pairs, each among all passages on its topic."""
    pairs = list(pairs)
    by_topic: dict[str, list[Passage]] = defaultdict(list)
    for passage in dict.fromkeys(pair.passage for pair in read_pairs()):
        by_topic[passage.topic].append(passage)
    judged = []
    for pair in pairs:
        among = by_topic[pair.passage.topic]
        claim = Claim(pair.text, among.index(pair.passage), pair.quotation)
        given = [Given(passage.text, passage.language) for passage in among]
        (outcome,) = checker.check([claim], given, pair.language)
        judged.append(Judged(pair, outcome))
    return judged


def shares(judged: Iterable[Judged], group: Callable[[Judged], str]) -> dict[str, tuple[int, int]]:
    """Return how many of each group are right, and how many there are."""
    right: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for each in judged:
        of[group(each)] += 1
        right[group(each)] += each.is_right
    return {name: (right[name], of[name]) for name in sorted(of)}


def report(judged: list[Judged]) -> str:
    """Return the figures as text."""
    lines = []
    for title, group in (
        ("part", lambda each: "held out" if each.pair.passage.is_held_out else "for choosing"),
        ("kind", lambda each: each.pair.wrong or "right"),
        ("language of the sentence", lambda each: each.pair.language),
        ("language of the quotation", lambda each: each.pair.passage.language),
    ):
        for what, some in (
            ("caught", [each for each in judged if each.pair.wrong]),
            ("kept", [each for each in judged if not each.pair.wrong]),
        ):
            lines.append(f"{what}, by {title}")
            lines += [
                f"  {name:14} {right:4} of {of:4} {right / of:.2f}"
                for name, (right, of) in shares(some, group).items()
            ]
    return "\n".join(lines)


def _lines(path: Path) -> Iterable[dict[str, Any]]:
    return map(json.loads, path.read_text("utf-8").splitlines())


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--failures", is_flag=True, help="Print what was judged wrongly, too.")
@click.option("--part", type=click.Choice(["all", "held-out", "for-choosing"]), default="all")
def main(failures: bool, part: str) -> None:
    settings = ModelSettings()
    checker = Checker(load_encoder(settings.model, settings.cache))
    wanted = {"all": (True, False), "held-out": (True,), "for-choosing": (False,)}[part]
    judged = judge(checker, (x for x in read_pairs() if x.passage.is_held_out in wanted))
    click.echo(report(judged))
    for each in judged if failures else ():
        if not each.is_right:
            fault = each.outcome.fault if isinstance(each.outcome, LeftOut) else "kept"
            click.echo(f"{each.pair.wrong}: {fault}: {each.pair.text} | {each.pair.quotation}")


if __name__ == "__main__":
    main()
