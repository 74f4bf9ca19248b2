"""Who wrote a message, to whom, when and about what."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.pages.letterhead import MAX_SHOWN, letterhead_of
from corpus.pages.types import Letterhead
from corpus.readers.media_types import MAIL, MSG
from tests.compound_file import compound_file, message
from tests.corpus.readers.formats.test_messages import NOON_2020_12_14


def head(headers: bytes) -> Letterhead:
    return letterhead_of(headers + b"\n\nHallo", MAIL)


def test_the_head_of_a_message_is_told_with_its_encoded_words_and_in_utc() -> None:
    found = head(
        b"From: =?utf-8?q?J=C3=B6?= Roe <jo@example.org>\r\n"
        b'To: a@example.org, "Doe, Jane" <jane@example.org>,\r\n Bob <bob@example.org>\r\n'
        b"Cc: undisclosed-recipients:;\r\n"
        b"Date: Mon, 14 Dec 2020 10:00:00 +0100\r\n"
        b"Subject: =?iso-8859-1?q?Caf=E9?="
    )
    assert found == Letterhead(
        sender="Jö Roe <jo@example.org>",
        to="a@example.org, Doe, Jane <jane@example.org>, Bob <bob@example.org>",
        copied="undisclosed-recipients:;",
        sent=datetime(2020, 12, 14, 9, tzinfo=UTC),
        subject="Café",
    )


def test_the_head_of_outlooks_message_is_told_like_any_other() -> None:
    content = compound_file(
        message(
            "Angebot",
            "Siehe Anlage.",
            sender=("Jo Roe", "jo@example.org"),
            to="Doe, Jane; bob@example.org; ;Max <Muster>",
            sent=NOON_2020_12_14,
        )
    )
    assert letterhead_of(content, MSG) == Letterhead(
        sender="Jo Roe <jo@example.org>",
        to="Doe, Jane, bob@example.org, Max <Muster>",
        sent=datetime(2020, 12, 14, 12, tzinfo=UTC),
        subject="Angebot",
    )


@pytest.mark.parametrize("said", [
    b"a, " * 300_000, b"((" * 4_000, b"<" * 99_999, b"=?utf-8?q?" * 30_000,
    b"\xff\x00\x07<a", b'"\\',
])  # fmt: skip
def test_a_header_that_is_hostile_costs_nothing_but_itself(said: bytes) -> None:
    found = head(b"To: " + said + b"\nSubject: Angebot")
    assert found.subject == "Angebot"
    assert len(found.to) <= MAX_SHOWN + 1


@pytest.mark.parametrize("date", [b"", b"heute", b"Mon, 14 Dec 99999 10:00:00 +0100", b"\xff" * 99])
def test_a_date_that_is_none_is_left_out(date: bytes) -> None:
    assert head(b"Date: " + date).sent is None


def test_signs_that_turn_a_line_around_are_not_shown() -> None:
    turned = "Angebot \u202efdp.exe\u2066 \x1b[31m\u200b\u2028Ende".encode()
    assert head(b"Subject: " + turned).subject == "Angebot fdp.exe [31m Ende"


@given(st.lists(st.tuples(st.sampled_from(["From", "To", "Cc", "Date", "Subject"]), st.text())))
def test_whatever_the_headers_say_it_is_lines_that_can_be_printed(
    headers: list[tuple[str, str]],
) -> None:
    written = "\n".join(f"{name}: {said}" for name, said in headers)
    found = head(written.encode("utf-8", "surrogatepass"))
    shown = (found.sender, found.to, found.copied, found.subject)
    assert all(each.isprintable() for each in chain.from_iterable(shown))
