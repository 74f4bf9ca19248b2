"""The written collection holds together, and a bad line is refused by file, line and reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from training.written import BadWrittenFile, read_follow_ups, read_notes

NOTE: dict[str, Any] = {
    "id": "n1",
    "kind": "by-law",
    "register": "formal",
    "source": "fr",
    "titles": {"fr": "Chiens", "nl": "Honden"},
    "texts": {
        "fr": [["Les chiens sont tenus en laisse.", "L’amende est de 40 euros."]],
        "nl": [["Honden zijn aangelijnd.", "De boete bedraagt 40 euro."]],
    },
    "questions": [{"lang": "de", "style": "plain", "answer": [0, 1], "q": "Was kostet es?"}],
    "near_misses": [{"lang": "en", "q": "Who collects the fine?"}],
}
FOLLOW_UP: dict[str, Any] = {
    "id": "f1",
    "lang": "en",
    "kind": "ellipsis",
    "turns": ["When does the pool open?", "And in winter?"],
    "answers": ["At 9."],
    "standalone": "When does the pool open in winter?",
    "leans": True,
}


def test_the_notes_that_are_shipped_are_sound() -> None:
    notes = read_notes()
    assert len(notes) >= 100
    assert all(len(note.texts) == 3 for note in notes)
    assert all(len(note.questions) == 8 and len(note.near_misses) == 3 for note in notes)
    assert all(4 <= len(note.texts[note.source]) <= 6 for note in notes)


def test_the_follow_ups_that_are_shipped_are_sound() -> None:
    follow_ups = read_follow_ups()
    assert len(follow_ups) == 800
    assert sum(each.kind == "change" for each in follow_ups) == 200
    assert not any(each.leans for each in follow_ups if each.kind in ("change", "thanks"))


def _written(folder: Path, *lines: dict[str, Any] | str) -> Path:
    file = folder / "written.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("\n".join(texts), "utf-8")
    return file


def _but(**changes: Any) -> dict[str, Any]:
    return {**NOTE, **changes}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no JSON"),
        (_but(questions=[{"lang": "de", "style": "plain", "answer": [0, 1]}]), "questions.0.q"),
        (_but(questions=[{**NOTE["questions"][0], "q": " "}]), "the text is empty"),
        (_but(questions=[{**NOTE["questions"][0], "lang": "tlh"}]), "tlh is none of"),
        (_but(questions=[{**NOTE["questions"][0], "lang": "nl"}]), "a language of the note"),
        (_but(questions=[{**NOTE["questions"][0], "answer": [0, 2]}]), "no sentence (0, 2)"),
        (_but(questions=[{**NOTE["questions"][0], "answer": [-1, 0]}]), "no sentence (-1, 0)"),
        (_but(source="de"), "not of the same languages"),
        (_but(texts={**NOTE["texts"], "nl": [["Honden."]]}), "differ in their paragraphs"),
        (_but(more=1), "more"),
    ],
)
def test_a_bad_note_is_refused(line: dict[str, Any] | str, reason: str, tmp_path: Path) -> None:
    file = _written(tmp_path, NOTE, line)
    with pytest.raises(BadWrittenFile) as refusal:
        read_notes(file)
    assert str(refusal.value).startswith(f"{file}:2: ")
    assert reason in str(refusal.value)


def test_a_text_that_is_there_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    file = _written(tmp_path, NOTE, "", _but(id="n2"))
    with pytest.raises(BadWrittenFile, match=r":3: the text .* is on line 1 already"):
        read_notes(file)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"answers": []}, "not one answer"),
        ({"turns": ["When?"], "answers": []}, "turns"),
        ({"standalone": ""}, "nothing says what it means"),
    ],
)
def test_a_bad_conversation_is_refused(
    changes: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(BadWrittenFile, match=reason):
        read_follow_ups(_written(tmp_path, {**FOLLOW_UP, **changes}))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadWrittenFile, match=r"none\.jsonl cannot be read"):
        read_notes(tmp_path / "none.jsonl")
