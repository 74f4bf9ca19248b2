"""What every implementation of a snapshot answers, held against brute force."""

from __future__ import annotations

from datetime import date
from itertools import chain

import numpy as np
import pytest

from corpus.types import Fact
from index.snapshot import EVERYTHING, Hits, Scope, Snapshot
from tests.index.conformance.collections import (
    Known,
    collection,
    holds,
    in_scope,
    known,
    made,
    tokens,
)
from tests.index.conformance.conftest import Opened

ROUNDED = 2e-3
"""By how much scores may differ: vectors may be kept in 16 bits, sentences' in 8."""

DOCUMENTS = collection()

SCOPES = [
    EVERYTHING,
    Scope(languages=frozenset({"fr"})),
    Scope(languages=frozenset({"de", "sv"})),
    Scope(collections=frozenset({"press"})),
    Scope(collections=frozenset({"laws", "nowhere"}), languages=frozenset({"nl", "fr"})),
    Scope(published_from=date(2018, 1, 1)),
    Scope(published_from=date(2017, 1, 1), published_to=date(2020, 12, 31)),
    Scope(documents=frozenset(each.document.id for each in DOCUMENTS[::5])),
    Scope(documents=frozenset()),
    Scope(collections=frozenset({"nowhere"})),
]

QUESTIONS = ["Polizei Grenze Brücke", "traité signé lundi", "water fiets E34", "nothing of it"]


@pytest.fixture(scope="session")
def passages(opened: Opened) -> list[Known]:
    return known(DOCUMENTS, opened.encoder)


def texts(snapshot: Snapshot, hits: Hits) -> list[tuple[str, str]]:
    """Return each hit's document and text."""
    stored = snapshot.view.passages(hits.found.ids.tolist())
    summaries = snapshot.view.summaries(hits.found.document_keys.tolist())
    return [
        (summaries[stored[id_].document_key].id, stored[id_].text)
        for id_ in hits.found.ids.tolist()
    ]


def place(one: Known) -> tuple[str, str]:
    return one.made.document.id, one.passage.text


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("scope", SCOPES)
def test_the_nearest_of_each_language_are_found(
    opened: Opened, passages: list[Known], scope: Scope, question: str
) -> None:
    vector = opened.encoder.questions([question])[0]
    snapshot = opened.live.newest()
    hits = snapshot.search(vector, 5, scope)
    assert list(hits.languages) == ["de", "fr", "nl"]
    assert list(hits.language_numbers) == sorted(hits.language_numbers)
    scores = {place(one): float(one.vector @ vector) for one in passages}
    for number, language in enumerate(hits.languages):
        wanted = [
            scores[place(one)]
            for one in passages
            if one.passage.language == language and in_scope(one, scope)
        ]
        here = hits.at(np.flatnonzero(hits.language_numbers == number))
        np.testing.assert_allclose(
            here.found.scores, sorted(wanted, reverse=True)[:5], atol=ROUNDED
        )
    found = texts(snapshot, hits)
    assert len(set(found)) == len(found)
    np.testing.assert_allclose(hits.found.scores, [scores[each] for each in found], atol=ROUNDED)


def test_each_hit_has_the_cosines_of_its_sentences(opened: Opened, passages: list[Known]) -> None:
    vector = opened.encoder.questions([QUESTIONS[0]])[0]
    snapshot = opened.live.newest()
    hits = snapshot.search(vector, 50)
    assert len(hits) == len(passages) == len(snapshot)
    by_place = {place(one): one.sentences @ vector for one in passages}
    wanted = [by_place[each] for each in texts(snapshot, hits)]
    for cosines, found in zip(wanted, hits.found.sentences(), strict=True):
        np.testing.assert_allclose(found, cosines, atol=0.01)


@pytest.mark.parametrize("scope", SCOPES)
def test_passages_that_are_named_are_scored_if_they_are_in_the_scope(
    opened: Opened, passages: list[Known], scope: Scope
) -> None:
    vector = opened.encoder.questions([QUESTIONS[1]])[0]
    snapshot = opened.live.newest()
    every = snapshot.search(vector, 50)
    some = dict(zip(every.found.ids.tolist()[::7], texts(snapshot, every)[::7], strict=True))
    hits = snapshot.scored(vector, [*some, 10**9], scope)
    by_place = {place(one): one for one in passages}
    wanted = {id_ for id_, each in some.items() if in_scope(by_place[each], scope)}
    assert set(hits.found.ids.tolist()) == wanted
    np.testing.assert_allclose(
        hits.found.scores,
        [by_place[some[id_]].vector @ vector for id_ in hits.found.ids.tolist()],
        atol=ROUNDED,
    )


@pytest.mark.parametrize("scope", SCOPES)
def test_what_there_is_to_search_is_counted(
    opened: Opened, passages: list[Known], scope: Scope
) -> None:
    snapshot = opened.live.newest()
    assert snapshot.count(scope) == sum(in_scope(one, scope) for one in passages)
    held = [
        each
        for each in DOCUMENTS
        if any(in_scope(one, scope) for one in passages if one.made == each)
    ]
    if not scope.languages:
        days = sorted(each.document.published for each in held if each.document.published)
        wanted = (len(held), days[0] if days else None, days[-1] if days else None)
        assert snapshot.extent(scope) == wanted


@pytest.mark.parametrize("readable", [None, frozenset({"press"}), frozenset({"laws", "notes"})])
def test_means_are_of_what_may_be_read_and_of_nothing_else(
    opened: Opened, passages: list[Known], readable: frozenset[str] | None
) -> None:
    snapshot = opened.live.newest().within(readable)
    here = [one for one in passages if readable is None or one.made.document.collection in readable]
    levels = snapshot.levels()
    assert levels.keys() == {one.passage.language for one in here}
    for language, level in levels.items():
        vectors = [one.vector for one in here if one.passage.language == language]
        assert level.passages == len(vectors)
        np.testing.assert_allclose(level.mean, np.mean(vectors, axis=0), atol=ROUNDED)
    assert len(snapshot) == len(here)


def test_within_some_collections_nothing_else_is_found(
    opened: Opened, passages: list[Known]
) -> None:
    snapshot = opened.live.newest().within(frozenset({"laws"}))
    vector = opened.encoder.questions([QUESTIONS[0]])[0]
    wanted = sorted(place(one) for one in passages if one.made.document.collection == "laws")
    assert sorted(texts(snapshot, snapshot.search(vector, 50))) == wanted
    assert {each.collection for each in snapshot.view.collections()} == {"laws"}
    assert snapshot.extent(Scope(collections=frozenset({"press"}))).documents == 0
    for word in ("Polizei", "police", "politie"):
        found = snapshot.passages_with([word], 500)
        assert len(found) == sum(holds(text, word) for _, text in wanted)
    outside = opened.live.newest().search(vector, 50)
    assert len(snapshot.scored(vector, outside.found.ids.tolist())) == len(wanted)
    keys = set(outside.found.document_keys.tolist())
    assert {each.collection for each in snapshot.facts(keys).values()} == {"laws"}


def test_vectors_are_returned_for_comparison(opened: Opened, passages: list[Known]) -> None:
    snapshot = opened.live.newest()
    hits = snapshot.search(opened.encoder.questions([QUESTIONS[2]])[0], 9)
    languages = [hits.languages[number] for number in hits.language_numbers]
    order = np.random.default_rng(1).permutation(len(hits))
    vectors = snapshot.vectors([languages[at] for at in order], hits.found.ids[order])
    by_place = {place(one): one.vector for one in passages}
    wanted = [by_place[each] for each in texts(snapshot, hits.at(order))]
    np.testing.assert_allclose(vectors, wanted, atol=ROUNDED)


@pytest.mark.parametrize(
    "phrases",
    [["police"], ["POLIZEI"], ["ecole"], ["eleve signe"], ["2018 0265"], ["§ 12"], ["§", "E34"],
     ["3 500"], ["strasse"], ["Straße"], ["cooperatie water"], ["l eau"], ['"'], ["OR AND NOT"],
     ["gesperrt Benelux", "Benelux lundi"], ["nowhere"]],
)  # fmt: skip
def test_words_are_looked_up_whatever_their_case_and_accents(
    opened: Opened, passages: list[Known], phrases: list[str]
) -> None:
    snapshot = opened.live.newest()
    wanted = [
        one
        for one in passages
        if any(tokens(each) and holds(one.passage.text, each) for each in phrases)
    ]
    found = snapshot.passages_with(phrases, 1000)
    stored = snapshot.view.passages(list(found))
    assert sorted(each.text for each in stored.values()) == sorted(
        one.passage.text for one in wanted
    )
    assert all(stored[id_].language == language for id_, language in found.items())
    assert len(snapshot.passages_with(phrases, 2)) == min(2, len(wanted))


def test_a_word_names_its_documents_unless_too_many_have_it(
    opened: Opened, passages: list[Known]
) -> None:
    snapshot = opened.live.newest()
    wanted = [one for one in passages if holds(one.passage.text, "benelux")]
    found = snapshot.documents_with("Benelux", len(wanted) + 1)
    ids = {each.id for each in snapshot.facts(list(found)).values()}
    assert ids == {one.made.document.id for one in wanted}
    assert set(chain.from_iterable(found.values())) == {"de", "fr", "nl"}
    assert not snapshot.documents_with("Benelux", len(wanted))


def test_places_of_several_words_come_the_oldest_first(
    opened: Opened, passages: list[Known]
) -> None:
    snapshot = opened.live.newest()
    wanted = [one for one in passages if {"wasser", "benelux"} <= set(tokens(one.passage.text))]
    found = snapshot.places_of(["benelux", "wasser"], 100)
    assert len(found) == len(wanted) > 0
    assert [each.passage for each in found] == sorted(each.passage for each in found)
    assert {each.language for each in found} == {"de"}
    assert list(snapshot.places_of(["benelux", "wasser"], 1)) == list(found[:1])


def test_the_words_that_begin_alike_are_told(opened: Opened) -> None:
    words = opened.live.newest().words_from("g")
    assert {"gesperrt", "getekend", "gemeinde", "gemeente", "grenze", "grens"} <= set(words)
    assert all(word.startswith("g") for word in words)


def test_texts_facts_and_codes_are_of_the_same_state(opened: Opened, passages: list[Known]) -> None:
    snapshot = opened.live.newest()
    view = snapshot.view
    by_id = {each.document.id: each for each in DOCUMENTS}
    keys = view.documents_by_key()
    assert {each.id for each in keys.values()} == by_id.keys()
    for key, facts in snapshot.facts(keys).items():
        one, summary = by_id[facts.id], view.summaries([key])[key]
        assert (facts.collection, facts.published) == (
            one.document.collection,
            one.document.published,
        )
        assert (summary.title, summary.passages) == (one.document.title, len(one.passages))
        stored = view.passages_of(facts.id)
        assert [each.span for each in stored] == [each.span for each in one.passages]
        assert [each.sentences for each in stored] == [each.sentences for each in one.passages]
        document = view.document(facts.id)
        assert document is not None
        assert document.text == one.document.text
        model = view.active_model()
        assert model is not None
        codes = view.token_codes(model, [each.id for each in stored])
        assert [len(of) for of in codes.values()] == [len(each.sentences) for each in stored]


def found(snapshot: Snapshot, opened: Opened, word: str) -> list[str]:
    """Return the ids of the documents that have a word, as both ways of looking tell."""
    vector = opened.encoder.questions([word])[0]
    hits = snapshot.search(vector, 500)
    named = snapshot.passages_with([word], 500)
    ids = {document for document, text in texts(snapshot, hits) if holds(text, word)}
    stored = snapshot.view.passages(list(named))
    keys = {each.document_key for each in stored.values()}
    assert ids == {each.id for each in snapshot.facts(keys).values()}
    return sorted(ids)


def test_what_is_added_replaced_corrected_and_deleted_is_seen_at_once_and_not_before(
    opened: Opened,
) -> None:
    first = opened.live.newest()
    count = len(first)
    new = made("new.txt", "press", "fr", 1001, also="zirconium")
    opened.add([new])
    second = opened.live.newest()
    assert (found(first, opened, "zirconium"), found(second, opened, "zirconium")) == (
        [], [new.document.id],
    )  # fmt: skip
    assert (len(first), len(second)) == (count, count + 4)
    replaced = made("new.txt", "press", "fr", 1002, number=3, also="ytterbium")
    opened.add([replaced])
    third = opened.live.newest()
    assert found(third, opened, "zirconium") == []
    assert found(third, opened, "ytterbium") == [new.document.id]
    assert found(second, opened, "zirconium") == [new.document.id], "a snapshot stays as it was"
    with opened.store.existing() as catalogue:
        assert catalogue.correct(new.document.id, {Fact.LANGUAGE: "nl", Fact.TITLE: "Other"})
    opened.live.refresh()
    fourth = opened.live.newest()
    nl = Scope(languages=frozenset({"nl"}), documents=frozenset({new.document.id}))
    assert (third.count(nl), fourth.count(nl)) == (0, 3)
    assert (third.levels()["nl"].passages + 3) == fourth.levels()["nl"].passages
    with opened.store.existing() as catalogue:
        assert catalogue.remove(new.document.id)
        assert not catalogue.remove(new.document.id)
    opened.live.refresh()
    last = opened.live.newest()
    assert found(last, opened, "ytterbium") == []
    assert last.view.document(new.document.id) is None
    assert (len(last), len(fourth)) == (count, count + 3)
    assert found(fourth, opened, "ytterbium") == [new.document.id]
    np.testing.assert_allclose(last.levels()["nl"].mean, first.levels()["nl"].mean, atol=ROUNDED)


def test_a_language_that_is_new_is_found_while_older_snapshots_are_read(opened: Opened) -> None:
    before = opened.live.newest()
    assert "lb" not in before.levels()
    new = made("new.txt", "press", "lb", 1003, also="ytterbium")
    opened.add([new])
    after = opened.live.newest()
    assert after.levels()["lb"].passages == len(new.passages)
    assert (found(before, opened, "ytterbium"), found(after, opened, "ytterbium")) == (
        [],
        [new.document.id],
    )
    with opened.store.existing() as catalogue:
        assert catalogue.remove(new.document.id)
    opened.live.refresh()
    assert "lb" not in opened.live.newest().levels()
