"""The pairs are what their datasheet says, and the figures are counted rightly."""

from __future__ import annotations

from collections import Counter

from benchmarks.support import Judged, judge, read_pairs, report, shares
from index.encoders.loading import load_encoder
from index.settings import ModelSettings
from qa.writing.checking import Checker, quote_of
from qa.writing.types import Claim, Fault, Given, Held, LeftOut

LANGUAGES = {"de", "en", "es", "fr", "lb", "nl", "pl", "ru"}


def test_half_of_the_pairs_are_wrong_and_each_has_a_right_twin() -> None:
    pairs = read_pairs()
    wrong = [pair for pair in pairs if pair.wrong]
    assert (len(pairs), len(wrong)) == (600, 300)
    assert sum(pair.passage.is_held_out for pair in pairs) == 200
    assert {pair.language for pair in pairs} == LANGUAGES
    assert {pair.passage.language for pair in pairs} == LANGUAGES
    assert set(Counter(pair.wrong for pair in wrong)) == {
        "number", "date", "name", "negation", "passage",
    }  # fmt: skip
    twins = {pair.id.removesuffix("-right"): pair for pair in pairs if not pair.wrong}
    for pair in wrong:
        twin = twins[pair.id.removesuffix("-wrong")]
        assert (twin.quotation, twin.language) == (pair.quotation, pair.language)
        assert twin.text != pair.text


def test_every_quotation_stands_in_its_passage() -> None:
    for pair in read_pairs():
        claim = Claim(pair.text, 0, pair.quotation)
        assert quote_of(claim, [Given(pair.passage.text, pair.passage.language)])


def test_figures_are_counted_by_kind_and_language() -> None:
    right, wrong = read_pairs()[:2]
    claim = Claim("", 0, "")
    judged = [
        Judged(right, LeftOut(claim, Fault.NAME)),
        Judged(wrong, LeftOut(claim, Fault.DATE)),
        Judged(wrong, Held(claim, (0, 1))),  # type: ignore[arg-type]
    ]
    assert shares(judged, lambda each: each.pair.wrong or "right") == {
        "date": (1, 2),
        "right": (0, 1),
    }
    assert "  date              1 of    2 0.50" in report(judged)


def test_wrong_ones_are_caught_and_right_ones_kept() -> None:
    encoder = load_encoder("bundled", ModelSettings().cache)
    topic = [pair for pair in read_pairs() if pair.passage.id in ("railways-1", "energy-2")]
    judged = judge(Checker(encoder), topic)
    assert sum(each.is_right for each in judged) >= 0.9 * len(judged)
