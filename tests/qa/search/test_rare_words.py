from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.store.catalogue import Catalogue
from index.snapshot import Snapshot
from index.snapshot_builder import load_snapshot
from index.writer import encode_waiting
from qa.config import RankingConfig
from qa.search.rare_words import hold_rare_words
from tests.corpus.store.test_catalogue import make
from tests.encoders import WordEncoder


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Forty French notes, two of which name a minister, and two in Hungarian."""
    folder = tmp_path_factory.mktemp("notes")
    encoder = WordEncoder()
    names = {3: "Darmanin", 4: "Bettel", 5: "Bettel"}
    notes = [
        (f"La note {number} dit ce que le ministre {names.get(number, 'nouveau')} a signé.", "fr")
        for number in range(40)
    ]
    notes += [("Hogyan épült a híd?", "hu"), ("Hogyan működik a rendőrség?", "hu")]
    with Catalogue(folder) as catalogue:
        for number, (text, language) in enumerate(notes):
            catalogue.put(*make(f"{number}.txt", text, language=language), 1)
        encode_waiting(catalogue, encoder)
    return load_snapshot(folder, encoder.identity)


def texts(snapshot: Snapshot, question: str, config: RankingConfig) -> dict[str, float]:
    shares = hold_rare_words(snapshot, question, config)
    passages = snapshot.view.passages(list(shares))
    return {passages[passage].text: share for passage, share in shares.items()}


def test_a_name_alone_tells_the_passage_that_holds_it_in_any_language(collection: Snapshot) -> None:
    ((text, share),) = texts(collection, "Was hat Darmanin gesagt?", RankingConfig()).items()
    assert "Darmanin" in text
    assert share == 1


def test_a_word_counts_by_how_rare_it_is(collection: Snapshot) -> None:
    shares = texts(collection, "Darmanin or Bettel?", RankingConfig())
    (rarest,) = (share for text, share in shares.items() if "Darmanin" in text)
    others = {share for text, share in shares.items() if "Bettel" in text}
    assert len(shares) == 3
    assert others.pop() < rarest
    assert not others


def test_a_word_that_many_passages_hold_says_nothing(collection: Snapshot) -> None:
    assert texts(collection, "Que dit le ministre ?", RankingConfig()) == {}


def test_a_word_is_not_rare_because_its_language_is(collection: Snapshot) -> None:
    assert texts(collection, "Hogyan?", RankingConfig()) == {}
    assert list(texts(collection, "Hogyan működik?", RankingConfig())) == [
        "Hogyan működik a rendőrség?"
    ]


@pytest.mark.parametrize("off", [RankingConfig(exact=0), RankingConfig(rare_words=0)])
def test_nothing_is_looked_up_where_it_would_not_count(
    collection: Snapshot, off: RankingConfig
) -> None:
    assert hold_rare_words(collection, "Was hat Darmanin gesagt?", off) == {}


@given(st.text(max_size=200) | st.text(alphabet='Darmni" *:^()-', max_size=60))
def test_any_text_may_be_asked(collection: Snapshot, question: str) -> None:
    shares = hold_rare_words(collection, question, RankingConfig())
    assert all(0 < share <= 1 for share in shares.values())
