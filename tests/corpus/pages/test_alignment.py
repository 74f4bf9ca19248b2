"""A cleaned text is found among the characters of a page, whatever reading did to it."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.pages.alignment import MAX_PLACES, aligned

TREATY = (
    "Les ministres ont signé le traité lundi à Bruxelles. Les policiers pourront désormais "
    "intervenir plus facilement chez leurs voisins, et échanger des données sans délai."
)
WORDS = ("Mosel", "Brücke", "Fähre", "gesperrt", "Umleitung", "Wasserbillig", "Zug", "abends", "47")


def words_on(text: str, print_: str) -> str:
    """Return what of ``print_`` was found in ``text``."""
    found = aligned(text, print_)
    return "".join(print_[at] if at in found else "·" for at in range(len(print_)))


def same(text: str, print_: str) -> list[tuple[str, str]]:
    return [(print_[at], text[place]) for at, place in sorted(aligned(text, print_).items())]


def test_a_word_that_print_breaks_is_found_whole() -> None:
    found = same(TREATY, TREATY.replace("facilement", "facile-\r\nment"))
    assert "".join(there for _, there in found) == "".join(filter(str.isalnum, TREATY))


def test_ligatures_and_drawn_accents_are_the_letters_they_show() -> None:
    text, print_ = "ein fiktives Büro der Offiziere", "ein ﬁktives B¨uro der Oﬃziere"
    found = same(text, print_)
    assert ("ﬁ", "i") in found
    assert ("u", "ü") in found
    assert len(found) == len(print_) - len("    ¨")


def test_what_belongs_to_the_page_is_not_taken_for_the_text() -> None:
    head, foot = "Amtsblatt der Region 14", "Seite 3 von 12"
    found = words_on(TREATY, f"{head}\r\n{TREATY}\r\n{foot}")
    assert found.startswith("·" * len(head))
    assert found.endswith("·" * len(foot))


def test_a_word_of_the_page_before_is_not_found_in_a_running_head() -> None:
    before = "Das Abkommen über die Zusammenarbeit gilt seit dem ersten Januar dieses Jahres."
    print_ = f"Abkommen\r\n{TREATY}"
    assert words_on(f"{before} {TREATY}", print_).startswith("·" * len("Abkommen"))


def test_columns_are_found_in_whatever_order_they_are_drawn() -> None:
    left = ["Die Brücke bei Wallendorf bleibt", "bis Freitag gesperrt, sagt die", "Verwaltung."]
    right = ["Der Nachtzug fährt um zehn Uhr", "abends und nimmt Fahrräder mit,", "kostenlos."]
    text = " ".join(left + right)
    drawn = "\r\n".join(f"{one} {other}" for one, other in zip(left, right, strict=True))
    found = aligned(text, drawn)
    place = drawn.index("Verwaltung")
    assert text[found[place] :].startswith("Verwaltung")


def test_a_sentence_that_stands_there_twice_is_found_in_its_place() -> None:
    again = "Er tritt am Tag nach der Veröffentlichung in Kraft."
    text = f"Artikel 1 über den Warndienst. {again} Artikel 2 über das Register. {again} Ende."
    found = aligned(text, text.replace(". ", ".\r\n"))
    assert [found[at] for at in sorted(found)] == sorted(found.values())


def test_a_character_that_print_writes_otherwise_is_bridged() -> None:
    print_ = TREATY.replace("signé le traité", "sign\ufffd le tr\ufffdit\ufffd")
    assert "sign··le·tr·it··lundi" in words_on(TREATY, print_)
    oddly = TREATY.replace("signé le traité", "sign\u0101 le tr\u0254it\u0254")
    assert len(aligned(TREATY, oddly)) == len(aligned(TREATY, TREATY))


def test_a_page_of_one_line_over_and_over_takes_no_longer() -> None:
    line = "Article premier de la loi. "
    assert len(aligned(line * 500, line * 500)) == 500 * 21
    assert len(aligned("a" * 20_000, "a" * 20_000)) == 20_000
    assert MAX_PLACES < 500


@settings(max_examples=40)
@given(st.lists(st.sampled_from(WORDS), min_size=8, max_size=60), st.data())
def test_what_is_found_is_the_same_letter_once(words: Sequence[str], data: st.DataObject) -> None:
    text = " ".join(words)
    cut = data.draw(st.integers(0, len(words)))
    print_ = "\r\n".join((" ".join(words[cut:]), " ".join(words[:cut])))
    found = aligned(text, print_)
    assert len(set(found.values())) == len(found)
    for at, place in found.items():
        assert print_[at] == text[place]


@settings(max_examples=40)
@given(st.text(), st.text())
def test_any_two_texts_can_be_compared(text: str, print_: str) -> None:
    for at, place in aligned(text, print_).items():
        assert print_[at].strip()
        assert 0 <= place < len(text)


@settings(max_examples=40)
@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=20))
def test_a_text_is_found_in_itself(text: str) -> None:
    assert all(at == place for at, place in aligned(text, text).items())
