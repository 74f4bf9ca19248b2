"""Question files: one JSON object a line, each with the passages that answer it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from qa.answering import checked
from qa.errors import QuestionError, QuestionFileError


class Relevant(NamedTuple):
    """A document that answers, and a snippet of the passage that does if that is known."""

    file: str
    contains: str | None


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question whose answers are known; none if the collection does not answer it."""

    id: str
    language: str
    text: str
    conversation: tuple[str, ...]
    relevant: tuple[Relevant, ...]


def read_questions(path: Path) -> list[JudgedQuestion]:
    """Read a question file.

    Raises:
        QuestionFileError: it cannot be read, or a line is no question; the line is named.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise QuestionFileError(
            f"The question file {path} cannot be read ({error.strerror}). Check its path."
        ) from error
    except UnicodeDecodeError as error:
        raise QuestionFileError(f"{path} is not valid UTF-8. Save it as UTF-8.") from error
    questions = list(_questions(lines, path))
    if not questions:
        raise QuestionFileError(f"{path} contains no questions. Write one JSON object per line.")
    return questions


def _questions(lines: list[str], path: Path) -> Iterator[JudgedQuestion]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _question(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, QuestionError) as error:
            raise QuestionFileError(
                f"{path}, line {number}, is not a question ({type(error).__name__}: {error}). "
                'It should look like {"id": "1", "lang": "fr", "question": "…", '
                '"relevant": [{"doc": "fr/a.txt", "contains": "…"}]}.'
            ) from error


def _question(value: dict[str, Any]) -> JudgedQuestion:
    turns = [checked(turn) for turn in value.get("turns") or [value["question"]]]
    return JudgedQuestion(
        id=str(value["id"]),
        language=str(value["lang"]),
        text=turns[-1],
        conversation=tuple(turns[:-1]),
        relevant=tuple(
            Relevant(str(item["doc"]), _collapsed(item.get("contains")))
            for item in value["relevant"]
        ),
    )


def _collapsed(snippet: str | None) -> str | None:
    return " ".join(snippet.split()) if snippet else None
