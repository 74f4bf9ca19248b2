"""What is taken in and asked: pages of a manual in several languages, and its sentences in others.

The texts are what ``python -m training.parallel --source libreoffice-help`` writes: paragraphs
with their translations. Whoever asks does so in a language that no document is in.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

LANGUAGES = ("de", "en", "fr", "nl")
"""Of the documents; with all that the texts have where those do not suffice."""

ASKING = ("it", "es")
"""Languages of the questions; the first in which there is one."""

CHARACTERS = 650
"""Of a passage, about."""

SNIPPET = 40
"""Characters at a paragraph's start by which a passage is known to hold it."""

SHORTEST, LONGEST = 30, 200
"""Characters of a question."""


class Paragraph(NamedTuple):
    """Texts that say the same."""

    page: str
    texts: dict[str, str]
    """By language."""


def write(sources: Iterable[Path], folder: Path, passages: int) -> None:
    """Write ``documents/`` with some so many passages and ``questions.jsonl`` into ``folder``.

    The questions are in the form that ``passerelle evaluate`` reads.
    """
    paragraphs = [each for source in sources for each in _paragraphs(source)]
    size = dict.fromkeys(LANGUAGES, 0)
    for paragraph in paragraphs:
        for language, text in paragraph.texts.items():
            size[language] = size.get(language, 0) + len(text)
    languages: list[str] = []
    for language in size:  # the four first, then as many more as are needed
        if sum(size[each] for each in languages) < passages * CHARACTERS or len(languages) < 4:
            languages.append(language)
    pages: defaultdict[str, list[Paragraph]] = defaultdict(list)
    for paragraph in paragraphs:
        pages[paragraph.page].append(paragraph)
    documents = folder / "documents"
    written, asked = 0, set[str]()
    with (folder / "questions.jsonl").open("w", encoding="utf-8") as questions:
        for page, content in sorted(pages.items()):
            if written > passages * CHARACTERS:
                break
            for language in languages:
                texts = [each.texts[language] for each in content if language in each.texts]
                if texts:
                    file = documents / language / f"{page}.txt"
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text("\n\n".join(texts) + "\n", "utf-8")
                    written += sum(map(len, texts))
            for line in _questions(content, languages, asked):
                questions.write(json.dumps(line, ensure_ascii=False) + "\n")


def read_questions(folder: Path) -> list[str]:
    """Return the questions' texts, no two alike."""
    lines = (folder / "questions.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines]


def _paragraphs(source: Path) -> Iterator[Paragraph]:
    for line in source.read_text("utf-8").splitlines():
        read = json.loads(line)
        page = f"{read['source']}/{read['id'].split('#')[0]}".replace("/", "_")
        yield Paragraph(page, read["texts"])


def _questions(
    content: Iterable[Paragraph], languages: Iterable[str], asked: set[str]
) -> Iterator[dict[str, object]]:
    for paragraph in content:
        asking = next((each for each in ASKING if each in paragraph.texts), "")
        question = re.split(r"(?<=[.?!]) ", paragraph.texts.get(asking, ""))[0]
        if question in asked or not SHORTEST <= len(question) <= LONGEST:
            continue
        asked.add(question)
        relevant = [
            {"doc": f"{language}/{paragraph.page}.txt", "contains": _snippet(text)}
            for language, text in paragraph.texts.items()
            if language in languages
        ]
        if relevant:
            number = f"q{len(asked):05}"
            yield {"id": number, "lang": asking, "question": question, "relevant": relevant}


def _snippet(text: str) -> str:
    return " ".join(text.split())[:SNIPPET].strip()
