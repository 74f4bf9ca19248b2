"""Make the set ``written``: the notes of our own that no model of ours is trained on.

    python -m benchmarks.written --out FOLDER [--training]

writes ``written/docs/<language>/<note>.txt`` and ``written/questions.jsonl``, which ``passerelle
evaluate`` and ``benchmarks.quality`` read. Near misses are among the questions, with nothing that
answers them. ``written/follow_ups.jsonl`` has the conversations about the same notes. With
``--training`` it makes sets of the other notes as well, as many notes in each: ``notes-1`` and on,
which ``training.reader`` learns from.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from training.written import (
    HELD_OUT_FOLLOW_UPS,
    HELD_OUT_NOTES,
    FollowUp,
    Note,
    read_follow_ups,
    read_notes,
)

NAME = "written"


def make(notes: Sequence[Note], follow_ups: Iterable[FollowUp], out: Path, name: str = NAME) -> int:
    """Write the set's folder below ``out`` anew; return its number of questions."""
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    lines: list[dict[str, Any]] = []
    for note in notes:
        for language in note.texts:
            _write(folder / "docs" / language / f"{note.id}.txt", _document(note, language))
        lines += _questions(note)
    _write_lines(folder / "questions.jsonl", lines)
    by_id = {note.id: note for note in notes}
    _write_lines(
        folder / "follow_ups.jsonl",
        [_follow_up(one, by_id[one.note]) for one in follow_ups if one.note in by_id],
    )
    return len(lines)


def _document(note: Note, language: str) -> list[str]:
    """Return the title and the paragraphs, a blank line after each."""
    paragraphs = (" ".join(sentences) for sentences in note.texts[language])
    return [line for block in (note.titles[language], *paragraphs) for line in (block, "")]


def _questions(note: Note) -> Iterator[dict[str, Any]]:
    for number, question in enumerate(note.questions, start=1):
        yield _line(f"{note.id}-{number}", question.lang, question.q) | {
            "relevant": _relevant(note, question.answer)
        }
    for number, miss in enumerate(note.near_misses, start=1):
        yield _line(f"{note.id}-near-{number}", miss.lang, miss.q) | {"relevant": []}


def _follow_up(one: FollowUp, note: Note) -> dict[str, Any]:
    assert one.answer is not None  # the loader refuses a note without it
    relevant = _relevant(note, one.answer)
    return {"id": one.id, "lang": one.lang, "turns": one.turns, "relevant": relevant}


def _relevant(note: Note, answer: tuple[int, int]) -> list[dict[str, str]]:
    """Return each version of a note, with the sentence in it that answers."""
    paragraph, sentence = answer
    return [
        {"doc": f"{language}/{note.id}.txt", "contains": text[paragraph][sentence]}
        for language, text in note.texts.items()
    ]


def _line(id_: str, language: str, question: str) -> dict[str, Any]:
    return {"id": id_, "lang": language, "question": question}


def _write_lines(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    _write(path, [json.dumps(line, ensure_ascii=False) for line in lines])


def _write(path: Path, lines: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--training", is_flag=True, help="Make sets of the notes for training as well.")
def main(out: Path, training: bool) -> None:
    """Write the sets, and say how many questions each has."""
    notes = read_notes(HELD_OUT_NOTES)
    follow_ups = read_follow_ups(HELD_OUT_FOLLOW_UPS)
    click.echo(f"{NAME}: {len(notes)} notes, {make(notes, follow_ups, out)} questions")
    if training:
        others = read_notes()
        sets = len(others) // len(notes)
        for number in range(sets):
            name, some = f"notes-{number + 1}", others[number::sets]
            click.echo(f"{name}: {len(some)} notes, {make(some, [], out, name)} questions")


if __name__ == "__main__":
    main()
