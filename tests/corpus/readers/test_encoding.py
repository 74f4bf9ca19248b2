from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.encoding import decode

FRENCH = (
    "Le ministère de l'Intérieur a été chargé de préparer la réunion à Liège, où « l’œuvre » naît."
)
PORTUGUESE = (
    "A polícia não está sozinha: as forças de segurança são coordenadas na fronteira, disse."
)
POLISH = "Rząd przyjął nową ustawę o współpracy policyjnej, która wejdzie w życie w przyszłym roku."
RUSSIAN = "Министр принял участие в заседании совета, где обсуждалось сотрудничество полиции."
GREEK = "Ο υπουργός συμμετείχε στη συνεδρίαση του συμβουλίου για τη συνεργασία της αστυνομίας."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le",
                                      "utf-16-be", "windows-1252"])  # fmt: skip
def test_encodings_of_french_are_recognized(encoding: str) -> None:
    assert decode(FRENCH.encode(encoding)) == FRENCH


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(PORTUGUESE, "windows-1252"), (POLISH, "windows-1250"), (RUSSIAN, "windows-1251"),
     (GREEK, "windows-1253")],
)  # fmt: skip
def test_other_code_pages_are_recognized_by_their_language(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_a_declared_encoding_is_taken() -> None:
    assert decode(POLISH.encode("iso-8859-2"), "iso-8859-2") == POLISH


def test_declared_latin_1_is_read_as_windows_1252_as_browsers_do() -> None:
    assert decode("l’œuvre à 5 €".encode("windows-1252"), "ISO-8859-1") == "l’œuvre à 5 €"


@pytest.mark.parametrize("declared", ["utf-8", "hex", "no such thing", "a\0b", ""])
def test_a_wrong_declaration_does_no_harm(declared: str) -> None:
    assert decode(FRENCH.encode("windows-1252"), declared) == FRENCH


def test_valid_utf_8_wins_over_a_wrong_declaration() -> None:
    assert decode(FRENCH.encode(), "windows-1252") == FRENCH


def test_utf_8_cut_inside_a_character_stays_utf_8() -> None:
    text = FRENCH * 5 + "à"
    assert decode(text.encode()[:-1]) == text[:-1] + "\ufffd"


@pytest.mark.parametrize(
    "declared", ["undefined", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "hex"]
)
def test_a_codec_that_is_no_encoding_of_files_is_passed_over(declared: str) -> None:
    content = ("Le café est fermé. " * 20).encode("windows-1252") + rb"\u0041\x"
    assert decode(content, declared) == decode(content)


@given(st.binary(max_size=300), st.none() | st.text(max_size=12))
def test_any_bytes_become_text(content: bytes, declared: str | None) -> None:
    decode(content, declared).encode("utf-8", "strict")
