from __future__ import annotations

from collections import Counter

from benchmarks.reading import crossings, grams, order_of, spaced_otherwise, words_of


def test_words_are_the_same_however_a_program_breaks_and_joins_them() -> None:
    assert words_of("La coopé-\nration est ﬁne.1") == words_of("La coopération est fine. 1")
    assert words_of("well-known") == words_of("well-\nknown")
    assert words_of("日本語") == words_of("日本\n語")


def test_a_word_with_other_spaces_is_not_missing() -> None:
    ours, theirs = words_of("the THESIS of a student"), words_of("the T HESIS of a student")
    missing = Counter(theirs) - Counter(ours)
    assert spaced_otherwise(missing, theirs, ours) == missing
    assert not spaced_otherwise(Counter(["lost"]), words_of("the lost thesis"), ours)


def test_a_word_is_not_missing_whose_accents_the_other_program_leaves_beside_its_letters() -> None:
    ours, theirs = (
        words_of("jest pięć razy większy dom"),
        words_of("jest pi ˛eć razy wi ˛ekszy dom"),
    )
    missing = Counter(theirs) - Counter(ours)
    assert spaced_otherwise(missing, theirs, ours) == missing
    assert not spaced_otherwise(Counter(["pięć"]), ours, words_of("jest pieć razy wiecej"))


def test_order_is_the_share_of_the_common_words_in_one_order() -> None:
    assert order_of(["a", "b", "c"], ["a", "b", "c"]) == 1
    assert order_of(["a", "b", "x", "c"], ["c", "a", "b"]) == 2 / 3
    assert order_of([], ["a"]) == 1


def test_lines_of_two_columns_that_are_read_on_across_are_found() -> None:
    line = "that it would look into the     a vote to be taken on this\n"
    assert crossings(4 * line) == {("into", "the", "a", "vote")}
    assert crossings(4 * line) & grams(words_of("would look into the a vote to be taken"))


def test_the_cells_of_a_table_are_no_columns() -> None:
    rows = (
        "the department of roads     in the town hall, on the first floor, beside the lift\n"
        "the schools that all villages of the district share     in the library of the town\n"
        "the department of schools     behind the old church\n"
    )
    assert not crossings(3 * rows)


def test_words_of_two_directions_are_two_where_no_space_is_between_them() -> None:
    assert words_of("xepersianنصب") == ["xepersian", "نصب"]
