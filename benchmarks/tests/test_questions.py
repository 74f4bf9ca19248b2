"""The questions near to the sample ask what it almost says, and cannot be told by their form."""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import pytest
from rapidfuzz import fuzz

from corpus.sandbox.extract import extract
from qa.evaluation.metrics import auroc
from qa.evaluation.qrels import read_questions

ROOT = Path(__file__).parents[2]
DOCUMENTS = ROOT / "corpus" / "sample" / "documents"
QUESTIONS = ROOT / "benchmarks" / "questions"

ALIKE = 80
"""Likeness of two questions (rapidfuzz, of 100) from which they are one in other words. The most
alike that ask for different things have 66."""


@pytest.fixture(scope="module")
def passages() -> dict[str, list[str]]:
    """Return the passages of every document of the sample, with white space collapsed."""
    files = [path for path in DOCUMENTS.rglob("*.*") if path.is_file()]
    return {
        path.relative_to(DOCUMENTS).as_posix(): [
            " ".join(passage.text.split())
            for passage in extract(path.read_bytes(), path.name).passages
        ]
        for path in files
    }


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    text = (QUESTIONS / "sample_near.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def sources(line: dict[str, Any]) -> list[str]:
    """Return the documents that answer the question, or that it is near to."""
    return line.get("near") or [relevant["doc"] for relevant in line["relevant"]]


@pytest.mark.parametrize("name", ["sample_near", "sentences", "follow_ups"])
def test_what_answers_stands_in_a_passage_of_its_document(
    name: str, passages: dict[str, list[str]]
) -> None:
    for question in read_questions(QUESTIONS / f"{name}.jsonl"):
        for relevant in question.relevant:
            assert relevant.contains
            found = [text for text in passages[relevant.file] if relevant.contains in text]
            assert found, (question.id, relevant)


def test_a_hundred_are_near_to_every_document_and_forty_are_answered(
    lines: list[dict[str, Any]], passages: dict[str, list[str]]
) -> None:
    near = [line for line in lines if not line["relevant"]]
    assert len(near) == 100
    assert len(lines) - len(near) == 40
    assert all("near" not in line for line in lines if line["relevant"])
    counted = Counter(file for line in near for file in line["near"])
    assert set(counted) == set(passages)
    assert set(counted.values()) == {3, 5}  # three on a story, five where it has several versions


def test_they_are_asked_in_twenty_languages_and_seldom_in_that_of_the_document(
    lines: list[dict[str, Any]],
) -> None:
    for is_near, each in ((True, 5), (False, 2)):
        kind = [line for line in lines if bool(line.get("near")) is is_near]
        counted = Counter(line["lang"] for line in kind)
        assert len(counted) == 20
        assert set(counted.values()) == {each}
        own = [line for line in kind if line["lang"] in {file[:2] for file in sources(line)}]
        assert 0 < len(own) <= len(kind) / 3


def test_neither_length_nor_style_tells_whether_they_are_answered(
    lines: list[dict[str, Any]],
) -> None:
    near, answered = (
        [line for line in lines if bool(line.get("near")) is is_near] for is_near in (True, False)
    )
    lengths = [[len(line["question"]) for line in kind] for kind in (answered, near)]
    assert 0.4 < auroc(*lengths) < 0.6
    shares = [Counter(line["style"] for line in kind) for kind in (near, answered)]
    assert set(shares[0]) == set(shares[1])
    for style, count in shares[0].items():
        assert abs(count / len(near) - shares[1][style] / len(answered)) < 0.06


def test_no_two_questions_are_alike() -> None:
    files = (*QUESTIONS.glob("*.jsonl"), ROOT / "corpus" / "sample" / "questions.jsonl")
    questions = list(chain.from_iterable(read_questions(path) for path in files))
    assert len({question.id for question in questions}) == len(questions)
    alike = [
        (one.id, other.id)
        for one, other in combinations(questions, 2)
        if not (one.conversation or other.conversation)
        and fuzz.ratio(one.text.casefold(), other.text.casefold()) >= ALIKE
    ]
    assert alike == []
