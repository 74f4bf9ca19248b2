from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.datastructures import QueryParams

from api.web.query_string import MAX_EARLIER, MAX_EARLIER_CHARACTERS, Asked


def asked(query: str) -> Asked:
    return Asked.of(QueryParams(query))


def test_an_address_becomes_a_question() -> None:
    question = asked(
        "q=Et+en+2018+%3F&earlier=Qui+a+sign%C3%A9+%3F&languages=fr&languages=NL"
        "&collections=press&published_from=2018-01-01&published_to=2018-12-31&prefer=1"
    ).to_question()
    assert question.text == "Et en 2018 ?"
    assert question.conversation == ("Qui a signé ?",)
    assert question.scope.languages == {"fr", "nl"}
    assert question.scope.collections == {"press"}
    assert question.scope.published_from == date(2018, 1, 1)
    assert question.scope.published_to == date(2018, 12, 31)
    assert question.prefer == 1.0


def test_what_a_form_leaves_empty_does_not_count() -> None:
    found = asked("q=+Pegel+&published_from=&published_to=&languages=&prefer=&earlier=+")
    assert found == Asked(text="Pegel")
    assert found.address == "/?q=Pegel"
    assert not found.narrows
    assert found.filters == 0


@pytest.mark.parametrize(
    "query",
    [
        "q=a&published_from=2018",
        "q=a&published_from=2019-01-01&published_to=2018-01-01",
        "q=a&prefer=much",
        "q=a&prefer=nan",
        "q=" + "a" * 10_000,
    ],
)
def test_what_cannot_be_asked_is_refused(query: str) -> None:
    with pytest.raises(ValidationError):
        asked(query).to_question()


def test_a_follow_up_takes_the_conversation_and_the_filters_along() -> None:
    found = asked("q=b&earlier=a&languages=fr")
    assert found.followed_up() == Asked(earlier=("a", "b"), languages=("fr",))
    assert found.back_to(0) == Asked(text="a", languages=("fr",))
    assert found.anywhere() == Asked(text="b", earlier=("a",))


@given(
    st.builds(
        Asked,
        text=st.text(min_size=1).map(str.strip).filter(bool),
        languages=st.lists(st.sampled_from(["fr", "nl"])).map(tuple),
        prefer=st.sampled_from(["", "1"]),
    )
)
def test_an_address_asks_what_it_was_made_of(question: Asked) -> None:
    assert asked(urlsplit(question.address).query) == question


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=2_000), max_size=20))
def test_a_conversation_never_outgrows_an_address(earlier: list[str]) -> None:
    found = Asked(text="a", earlier=tuple(earlier)).followed_up()
    assert len(found.earlier) <= MAX_EARLIER
    assert sum(map(len, found.earlier)) <= MAX_EARLIER_CHARACTERS
    assert found.earlier == () or found.earlier[-1] == "a"
    assert parse_qs(urlsplit(found.address).query).get("q") is None
