"""Evaluation text is found in training text, and left out of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training import overlap
from training.errors import NoText
from training.overlap import LONGEST_SHARED, NGRAM, Figures, Overlap, Text, read_set, tokens_of
from training.types import Paragraph

WORDS = [f"word{number}" for number in range(40)]


def paragraph(**texts: str) -> Paragraph:
    return Paragraph("manual", "page#1", texts)


def document(text: str, language: str = "en", set_: str = "set", name: str = "a.txt") -> Text:
    return Text(set_, language, "document", name, tokens_of(text, language))


def found(text: Text, training: Paragraph) -> Figures:
    compared = Overlap([text])
    compared.is_copied(training)
    [figures] = compared.figures()
    return figures


def write_set(folder: Path) -> Path:
    (folder / "docs/en").mkdir(parents=True)
    (folder / "docs/en/a.txt").write_text(" ".join(WORDS), "utf-8")
    question = {"id": "q1", "lang": "fr", "question": "Où est le pont ?", "relevant": []}
    (folder / "questions.jsonl").write_text(json.dumps(question), "utf-8")
    return folder


def write_training(path: Path, *texts: str) -> Path:
    paragraphs = (paragraph(en=text, fr="Autre chose.")._asdict() for text in texts)
    path.write_text("".join(f"{json.dumps(each)}\n" for each in paragraphs), "utf-8")
    return path


def test_a_paragraph_under_a_heading_that_is_asked_word_for_word_is_copied() -> None:
    asked = Text("set", "fr", "question", "q1", tokens_of("Où est le pont ?", "fr"))
    under = paragraph(en="It stands.", fr="Il est là.")
    for heading, copied in (("Où est le pont", True), ("Où est le vieux pont", False)):
        assert Overlap([asked]).is_copied(under._replace(headings={"fr": heading})) is copied


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["overlap", *map(str, arguments)])
    overlap.main()


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_shared_run_is_as_long_as_what_was_copied(start: int, end: int) -> None:
    copied = WORDS[start:end]
    figures = found(document(" ".join(WORDS)), paragraph(en=" ".join(["before", *copied, "after"])))
    expected = [tuple(copied)] if len(copied) >= NGRAM else []
    assert [run.tokens for run in figures.runs] == expected
    assert figures.shared == max(0, len(copied) - NGRAM + 1)
    assert figures.ngrams == len(WORDS) - NGRAM + 1


@given(st.integers(NGRAM, 40))
def test_a_paragraph_is_copied_if_it_shares_more_words_than_set_phrases_have(length: int) -> None:
    compared = Overlap([document(" ".join(WORDS))])
    shared = paragraph(en="Unlike", fr=" ".join(WORDS[:length]))
    assert not compared.is_copied(shared)
    shared = paragraph(en=" ".join(WORDS[:length]), fr="Autre")
    assert compared.is_copied(shared) == (length > LONGEST_SHARED)


def test_case_punctuation_and_composition_of_letters_make_no_difference() -> None:
    text = "Où est l'été ? À la mer, en 2024, avec les bateaux du port."
    other = "OÙ EST L’E\u0301TÉ: à la mer en 2024 avec les bateaux_du port"
    figures = found(document(text, "fr"), paragraph(en="x", fr=other))
    assert figures.shared == figures.ngrams > 0


def test_where_there_are_no_spaces_two_characters_count_for_a_word() -> None:
    text = "纸张格式改变时文档的页边距会保留并且还可以另外设置其他选项。"
    figures = found(document(text, "zh"), paragraph(en="x", zh=f"前言，{text[:20]}后"))
    assert [run.words() for run in figures.runs] == [10]
    assert figures.shared == 5


def test_no_run_goes_from_one_document_into_the_next() -> None:
    compared = Overlap([document(" ".join(WORDS[:10])), document(" ".join(WORDS[10:20]))])
    assert not compared.is_copied(paragraph(en=" ".join(WORDS[:20])))
    [figures] = compared.figures()
    assert {len(run.tokens) for run in figures.runs} == {10}


def test_text_in_another_language_is_not_compared() -> None:
    assert found(document(" ".join(WORDS), "nl"), paragraph(en=" ".join(WORDS))).shared == 0


def test_a_document_is_known_from_a_tenth_of_its_ngrams() -> None:
    text = document(" ".join(f"w{number}" for number in range(NGRAM - 1 + 100)))
    for ngrams, known in ((10, 0), (11, 1)):
        copied = " ".join(text.tokens[: NGRAM - 1 + ngrams])
        assert found(text, paragraph(en=copied)).known == known


def test_the_same_words_are_shown_once_for_each_set() -> None:
    compared = Overlap([document(" ".join(WORDS)), document(" ".join(WORDS), set_="other")])
    for _ in range(2):
        compared.is_copied(paragraph(en=" ".join(WORDS[:9])))
    assert [(each.set, len(each.runs)) for each in compared.figures()] == [("other", 1), ("set", 1)]


def test_a_set_is_its_documents_and_its_questions(tmp_path: Path) -> None:
    texts = list(read_set(write_set(tmp_path / "bridges")))
    assert texts == [
        Text("bridges", "en", "document", "en/a.txt", WORDS),
        Text("bridges", "fr", "question", "q1", ["où", "est", "le", "pont"]),
    ]


def test_a_folder_without_documents_is_no_set(tmp_path: Path) -> None:
    with pytest.raises(NoText, match="is no evaluation set"):
        list(read_set(tmp_path))


def test_the_command_shows_what_is_shared_and_writes_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copied, near = " ".join(WORDS[:13]), " ".join(WORDS[:12])
    texts = write_training(tmp_path / "manual.jsonl", "Something else.", copied, near)
    lines = texts.read_text("utf-8").splitlines()
    bridges = write_set(tmp_path / "bridges")
    run(monkeypatch, "--texts", texts, "--sets", bridges, "--clean", tmp_path / "clean")
    assert (tmp_path / "clean/manual.jsonl").read_text("utf-8").splitlines() == [lines[0], lines[2]]
    shown = capsys.readouterr().out
    assert "manual.jsonl: 1 paragraphs share more than 12 words in a row" in shown
    assert f"bridges en, 13 words, en/a.txt and manual page#1: {copied}" in shown


def test_the_command_writes_nothing_unless_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = write_training(tmp_path / "manual.jsonl", " ".join(WORDS))
    bridges = write_set(tmp_path / "bridges")
    before = sorted(tmp_path.rglob("*"))
    run(monkeypatch, "--texts", texts, "--sets", bridges)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_command_says_what_is_missing_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = write_training(tmp_path / "manual.jsonl", "Text.")
    with pytest.raises(SystemExit, match="is no evaluation set"):
        run(monkeypatch, "--texts", texts, "--sets", tmp_path / "nowhere")


def test_files_of_one_name_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(monkeypatch, "--texts", "a/x.jsonl", "b/x.jsonl", "--sets", tmp_path)
    assert "two of the files have one name" in capsys.readouterr().err
