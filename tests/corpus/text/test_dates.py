from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.dates import (
    DATELINE_LENGTH,
    is_date,
    months_of,
    stated_date,
    written_date,
)
from corpus.text.language_id import known_languages
from tests.corpus.text.months import months_by_babel

MAY = date(2021, 5, 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Le 14 décembre 2020, le ministre a participé à la réunion.", date(2020, 12, 14)),
        ("18 Mai. 2017", date(2017, 5, 18)),
        ("Les 2 et 3 février 2022, le ministre", date(2022, 2, 3)),
        ("Le 1er mai 2019 à Bruxelles", date(2019, 5, 1)),
        ("Het verdrag werd op 23 juli 2018 getekend", date(2018, 7, 23)),
        ("Brussel, 3 mrt. 2018", date(2018, 3, 3)),
        ("Berlin, am 3. Mai 2020", date(2020, 5, 3)),
        ("Den 3. Mäerz 2020 huet de Minister", date(2020, 3, 3)),
        ("May 3, 2020: the minister said", date(2020, 5, 3)),
        ("On the 3rd of May 2020", date(2020, 5, 3)),
        ("3 de mayo de 2020, el ministro dijo que la policía trabaja mucho", date(2020, 5, 3)),
        ("Dnia 3 listopada 2020 minister wziął udział w posiedzeniu rady", date(2020, 11, 3)),
        ("2020-05-03T10:00:00Z", date(2020, 5, 3)),
        ("03.05.2020", date(2020, 5, 3)),
        ("Publié le 03/05/2020 par le ministère de la Justice", date(2020, 5, 3)),
        ("Published 25/05/2020 by the ministry", date(2020, 5, 25)),
        ("Published 03/05/2020 by the ministry of justice", None),
        ("Since May 2017 and in February 2016", None),
        ("31 février 2020", None),
        ("Version 2020.05.03.1 and 10.11.12.2013", None),
        ("", None),
    ],
)
def test_dates_are_read_in_every_way_they_are_written(text: str, expected: date | None) -> None:
    assert written_date(text) == expected


@pytest.mark.parametrize(
    "line",
    [
        "3 May 2021",
        "Monday, 3 May 2021, 14:30",
        "Le 3 mai 2021",
        "Montag, den 3. Mai 2021",
        "maandag 3 mei 2021",
        "Luxembourg, le 3 mai 2021",
        "Esch-sur-Alzette, le 3 mai 2021 – La ministre de l'Intérieur a ouvert le pont.",
        "LUXEMBOURG, May 3, 2021 (Reuters) – The minister has opened the bridge.",
        "Frankfurt am Main, 3. Mai 2021. Die Brücke ist offen.",
        "Aachen, 3. Mai 2021 – Die Brücke ist offen.",
        "’s-Gravenhage, 3 mei 2021",
        "The Hague, 3 May 2021: the bridge is open.",
        "Washington, D.C., May 3, 2021 — The bridge is open.",
        "Zagreb, Croatia, 3 May 2021",
        "Lëtzebuerg, den 3. Mee 2021",
        "Wolz, den 3. Mee 2021 – 260 Jugendlecher campéieren dës Woch op der Wiss.",
        "Published on 3 May 2021",
        "Published 3 May 2021 by the ministry of transport",
        "Date: 2021-05-03",
        "Publié le lundi 3 mai 2021 à 14h30 par le ministère",
        "Communiqué (03.05.2021)",
        "Veröffentlicht am 3. Mai 2021",
        "Pressemitteilung vom 3. Mai 2021",
        "Persbericht | 3 mei 2021",
        "Verëffentlecht den 3. Mee 2021",
        "2021-05-03T10:00:00Z",
        "03.05.2021",
    ],
)
def test_a_line_that_says_when_the_document_is_of_dates_it(line: str) -> None:
    assert stated_date(f"A bridge is open\n\n{line}\n\nThe bridge is open to all.") == MAY


@pytest.mark.parametrize(
    "line",
    [
        "Die Brücken werden am 3. Mai 2021 gesperrt",
        "Die Brücken werden am 3. Mai 2021 gesperrt, und zwar alle.",
        "Sinds 1 januari 2025 geldt een nieuwe regel voor de fietsen.",
        "Sinds 1 januari 2025",
        "Met ingang van 1 januari 2025 geldt een nieuwe regel voor de fietsen.",
        "from 1 March 2024 the library closes",
        "Since 1 January 2025 a new rule has been in force for the bicycles.",
        "Ab dem 1. Januar 2025 gilt eine neue Regel für die Fahrräder.",
        "À partir du 1er janvier 2025, une nouvelle règle vaut pour les vélos.",
        "Zënter dem 1. Januar 2025 gëllt eng nei Reegel fir d'Vëloen.",
        "Le 14 décembre 2020, le ministre a participé à la réunion.",
        "Den 3. Mäerz 2020 huet de Minister d'Bréck opgemaach.",
        "Les 2 et 3 février 2022",
        "3 May 2021 – 5 May 2021",
        "3-5 May 2021",
        "Bonn, 3. Mai 2021 – 5. Mai 2021",
        "Meeting of 3 May 2021",
        "Sperrung am 3. Mai 2021",
        "Sperrung der Brücke, 3. Mai 2021",
        "3 May 2021: the first case was found.",
        "Published on 3 May 2021, the report says that no bridge was closed.",
        "The report was published on 3 May 2021",
        "Tickets are sold until 3 May 2021",
        "3 May 2021 | 12 | 14",
        "The treaty, which all three of the countries have ratified, is of 23 July 2018.",
    ],
)
def test_a_date_that_the_text_tells_of_is_not_the_documents(line: str) -> None:
    assert stated_date(line) is None
    assert stated_date(f"{line}\n\nBrussels, 3 May 2020") == date(2020, 5, 3)


def test_the_first_of_several_dates_is_the_documents() -> None:
    assert stated_date("3 May 2020. The accord of 4 June 2018 holds.") == date(2020, 5, 3)


def test_days_in_lines_of_their_own_are_a_list_unless_one_is_said_to_be_the_documents() -> None:
    days = "3 May 2020\n\nThe bridge opens.\n\n4 May 2020\n\nThe bridge closes."
    assert stated_date(days) is None
    assert stated_date(f"{days}\n\nPublished on 5 May 2020") == date(2020, 5, 5)


def test_a_date_deep_in_the_text_is_not_the_documents() -> None:
    assert stated_date("word\n" * (DATELINE_LENGTH // 5) + "3 May 2020") is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [("18 Mai. 2017", True), ("Paris, 3 May 2020", True), ("The accord", False), ("May", False)],
)
def test_a_line_with_a_date_only_is_told_from_a_title(line: str, expected: bool) -> None:
    assert is_date(line) is expected


@pytest.mark.parametrize("code", known_languages())
def test_months_are_those_of_the_locale_data(code: str) -> None:
    assert months_of(code) == {
        name.casefold(): number for number, names in months_by_babel(code).items() for name in names
    }


@pytest.mark.parametrize("language", ["und", "", "not a language", "xx"])
def test_languages_without_locale_data_have_no_months(language: str) -> None:
    assert months_of(language) == {}


@given(st.text())
def test_any_text_has_a_date_or_none(text: str) -> None:
    for found in (stated_date(text), written_date(text)):
        assert found is None or 1900 <= found.year <= 2100


@given(st.text(alphabet="Aa ’'-.,–D\n", max_size=DATELINE_LENGTH))
def test_what_stands_before_a_date_takes_no_time(text: str) -> None:
    assert stated_date(f"{text[: DATELINE_LENGTH - 11]} 3 May 2020") in (None, date(2020, 5, 3))
