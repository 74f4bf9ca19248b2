"""What a machine wrote stands only if its quotation carries it."""

from __future__ import annotations

import pytest

from index.encoders.protocol import Encoder
from qa.errors import WritingError
from qa.writing.checking import Checker
from qa.writing.types import Claim, Fault, Given, Held, LeftOut
from tests.encoders import WordEncoder

CENSUS = (
    "Op 17 mei 2021 telde Drenthe zeven roedels wolven met samen 39 dieren. Schapenhouders krijgen "
    "een raster vergoed, maar geen waakhond."
)
BRIDGE = (
    "Die Brücke über den Gaybach wurde im Mai 2015 gebaut und kostete 2,2 Millionen Euro. "
    "Spaziergänger dürfen die Brücke nicht betreten."
)
GIVEN = [Given(CENSUS, "nl"), Given(BRIDGE, "de")]
COUNTED = "Op 17 mei 2021 telde Drenthe zeven roedels wolven met samen 39 dieren."
COST = "Die Brücke über den Gaybach wurde im Mai 2015 gebaut und kostete 2,2 Millionen Euro."
CLOSED = "Spaziergänger dürfen die Brücke nicht betreten."


@pytest.fixture(scope="module")
def checker(encoder: Encoder) -> Checker:
    return Checker(encoder)


def fault(checker: Checker, text: str, place: int, quotation: str) -> Fault | None:
    (outcome,) = checker.check([Claim(text, place, quotation)], GIVEN, "en")
    return outcome.fault if isinstance(outcome, LeftOut) else None


def test_what_the_quotation_says_stands_and_is_found_in_the_passage(checker: Checker) -> None:
    right = Claim("On 17 May 2021 Drenthe had seven packs of wolves with 39 animals.", 0, COUNTED)
    spaced = Claim("Walkers may not step on the bridge.", 1, CLOSED.replace(" ", "\n "))
    outcome = checker.check([right, spaced], GIVEN, "en")
    assert [type(each) for each in outcome] == [Held, Held]
    first, second = (each for each in outcome if isinstance(each, Held))
    assert CENSUS[slice(*first.quote)] == COUNTED
    assert BRIDGE[slice(*second.quote)] == CLOSED


@pytest.mark.parametrize(
    ("text", "place", "quotation", "expected"),
    [
        ("The bridge cost 2.2 million euros.", 1, "Die Brücke kostete 2,2 Millionen.", "quotation"),
        ("The bridge cost 2.2 million euros.", 0, COST, "quotation"),
        ("The bridge cost 2.2 million euros.", 9, COST, "quotation"),
        ("The bridge cost 2.2 million euros.", -1, COST, "quotation"),
        ("The bridge is closed.", 1, "nicht", "quotation"),
        ("The bridge over the Gaybach cost 2.4 million euros.", 1, COST, "number"),
        ("The bridge over the Gaybach was built in March 2015.", 1, COST, "date"),
        ("The bridge over the Mosel was built in May 2015.", 1, COST, "name"),
        ("Walkers may step on the bridge.", 1, CLOSED, "negation"),
        ("The sheep farmers get a fence.", 1, COST, "passage"),
        ("Spaziergänger dürfen die Brücke leider nicht betreten.", 1, CLOSED, "language"),
        ("Walkers may not step on the [bridge](https://x.example).", 1, CLOSED, "markup"),
        ("<b>Walkers</b> may not step on the bridge.", 1, CLOSED, "markup"),
    ],
)
def test_what_it_does_not_say_is_left_out(
    checker: Checker, text: str, place: int, quotation: str, expected: str
) -> None:
    assert fault(checker, text, place, quotation) == Fault(expected)


def test_another_passage_that_says_the_same_is_no_rival(checker: Checker) -> None:
    claim = Claim("Walkers may not step on the bridge.", 0, CLOSED)
    twice = [Given(BRIDGE, "de"), Given(f"Amtsblatt. {BRIDGE}", "de")]
    assert isinstance(checker.check([claim], twice, "en")[0], Held)


def test_nothing_stands_on_a_language_whose_negations_are_not_known(checker: Checker) -> None:
    given = [Given("橋は二〇一五年五月に建設された。歩行者は橋を渡れません。", "ja")]
    claim = Claim("Walkers may not cross the bridge.", 0, "歩行者は橋を渡れません。")
    assert checker.check([claim], given, "en") == [LeftOut(claim, Fault.LANGUAGE)]


def test_nothing_is_made_of_nothing(checker: Checker) -> None:
    assert checker.check([], GIVEN, "en") == []
    claim = Claim("Walkers may not step on the bridge.", 0, CLOSED)
    assert checker.check([claim], [], "en") == [LeftOut(claim, Fault.QUOTATION)]


def test_a_model_that_has_no_reader_cannot_check() -> None:
    with pytest.raises(WritingError, match="PASSERELLE_LLM_URL"):
        Checker(WordEncoder())
