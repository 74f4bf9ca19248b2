from __future__ import annotations

from datetime import date

import pytest

from index.snapshot import Extent, Scope, Snapshot
from qa.advice.scope import Missing, missing

FIRST, LAST = date(2018, 7, 23), date(2021, 3, 12)


def some(*names: str) -> frozenset[str]:
    return frozenset(names)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(), Missing()),
        (Scope(collections=some("press"), languages=some("fr")), Missing()),
        (Scope(collections=some("pres", "press")), Missing(collections=("pres",))),
        (Scope(languages=some("it", "fr")), Missing(languages=("it",))),
        (Scope(published_from=date(2030, 1, 1)), Missing(dates=(FIRST, LAST))),
        (Scope(published_to=date(2000, 1, 1)), Missing(dates=(FIRST, LAST))),
        (
            Scope(published_from=date(2019, 1, 1), published_to=date(2019, 12, 31)),
            Missing(dates=(FIRST, LAST)),
        ),
        (Scope(published_from=FIRST), Missing()),
        (
            Scope(published_from=FIRST, collections=some("notes")),
            Missing(is_undated=True),
        ),
        (
            Scope(published_from=date(2030, 1, 1), collections=some("none")),
            Missing(collections=("none",)),
        ),
        (Scope(languages=some("nl"), collections=some("notes")), Missing()),
    ],
)
def test_what_is_not_there_is_named(snapshot: Snapshot, scope: Scope, expected: Missing) -> None:
    assert missing(snapshot, scope) == expected


def test_a_collection_that_may_not_be_read_is_not_there(snapshot: Snapshot) -> None:
    inside = snapshot.within(frozenset({"notes"}))
    wanted = Scope(collections=some("press"), languages=some("fr"))
    assert missing(inside, wanted) == Missing(collections=("press",), languages=("fr",))


def test_however_many_collections_are_named_the_documents_are_gone_through_once(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Scope] = []
    extent = type(snapshot).extent

    def noted(self: Snapshot, scope: Scope) -> Extent:
        counted.append(scope)
        return extent(self, scope)

    monkeypatch.setattr(type(snapshot), "extent", noted)
    names = some("press", *(f"none {number:03}" for number in range(200)))
    assert len(missing(snapshot, Scope(collections=names)).collections) == 200
    assert len(counted) <= 1
