"""Tell how much of an evaluation set was trained on, and leave that out of the training text.

    python -m training.overlap --texts FILE.jsonl... --sets FOLDER... [--clean FOLDER] [--written]

A set is a folder with ``docs/LANGUAGE/*.txt`` and ``questions.jsonl``. Compared are runs of
NGRAM words, in each language with the training text of that language, without regard to case,
punctuation and paragraphs. ``--clean`` writes each training file again without the paragraphs
of which more than LONGEST_SHARED words in a row are in a set, whichever the language.
``--written`` looks up the written collection as well.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from qa.errors import QuestionFileError
from qa.evaluation.qrels import read_questions
from training.errors import NoText, TrainingError
from training.types import Paragraph
from training.written import OnParagraph, Question, read_notes, read_paragraphs

NGRAM = 8
"""Words of a run that is seldom shared by chance."""

LONGEST_SHARED = 12
"""Words that a training paragraph may share in a row. Shorter runs are titles, names and set
phrases, which any text on the subject has; longer ones are sentences, and were copied."""

MUCH = 0.1
"""Share of a document's n-grams from which it counts as known from training."""

CHARACTERS_PER_WORD = 2
"""Where words are not set apart by spaces, characters are counted, two for a word."""

_WITHOUT_SPACES = frozenset({"ja", "th", "zh"})
_WORD = re.compile(r"[^\W_]+")
_RUNS_SHOWN = 3


class Text(NamedTuple):
    """A document or a question of an evaluation set."""

    set: str
    language: str
    kind: str
    """``document`` or ``question``."""
    name: str
    tokens: list[str]


class Run(NamedTuple):
    """Tokens in a row that a training paragraph shares with a text."""

    tokens: tuple[str, ...]
    text: Text
    source: str
    id: str

    def words(self) -> float:
        """Return its length in words, or what stands for them."""
        return len(self.tokens) / (CHARACTERS_PER_WORD if _is_dense(self.text.language) else 1)

    def __str__(self) -> str:
        between = "" if _is_dense(self.text.language) else " "
        shown = between.join(self.tokens)
        return f"{self.words():g} words, {self.text.name} and {self.source} {self.id}: {shown}"


class Figures(NamedTuple):
    """What one language of a set shares with the training text."""

    set: str
    language: str
    ngrams: int
    shared: int
    documents: int
    known: int
    """Documents of which more than MUCH is shared."""
    questions: int
    known_questions: int
    runs: list[Run]
    """The longest first: one for each paragraph at most, and the same words once."""

    def __str__(self) -> str:
        share = self.shared / max(1, self.ngrams)
        return (
            f"{self.set:<20} {self.language:<4} {self.ngrams:>9,} {share:>8.2%} "
            f"{self.known:>5,} of {self.documents:<6,} {self.known_questions:>5,} of "
            f"{self.questions:<6,} {max((run.words() for run in self.runs), default=0):>7g}"
        )


HEADINGS = (
    f"{'set':<20} {'lang':<4} {'n-grams':>9} {'shared':>8} {'documents':>14} {'questions':>15} "
    f"{'longest':>7}"
)


class Index:
    """Where each n-gram is, in all texts of one language."""

    def __init__(self, language: str) -> None:
        self._size = NGRAM * (CHARACTERS_PER_WORD if _is_dense(language) else 1)
        self._places: defaultdict[int, list[int]] = defaultdict(list)
        self._texts: list[Text] = []
        self._starts: list[int] = []
        self._end = 0
        self._seen: set[int] = set()

    def add(self, text: Text) -> None:
        """Take in a text that training text is to be compared with."""
        self._texts.append(text)
        self._starts.append(self._end)
        for place, ngram in enumerate(self._ngrams(text.tokens), self._end):
            self._places[ngram].append(place)
            self._end = place + 1
        self._end += 1  # so that no run goes from one text on into the next

    def look_up(self, paragraph: Paragraph, language: str) -> dict[str, Run]:
        """Return the longest run that ``paragraph`` shares with each set, by the set's name.

        Its n-grams are remembered as seen in training.
        """
        tokens = tokens_of(paragraph.texts[language], language)
        longest: dict[str, Run] = {}
        running: dict[int, int] = {}  # places where a run goes on, and how many n-grams it has
        for end, ngram in enumerate(self._ngrams(tokens), self._size):
            places = self._places.get(ngram, ())
            if places:
                self._seen.add(ngram)
            running = {place: running.get(place - 1, 0) + 1 for place in places}
            for place, ngrams in running.items():
                text = self._texts[bisect_right(self._starts, place) - 1]
                length = self._size + ngrams - 1
                if text.set not in longest or length > len(longest[text.set].tokens):
                    shared = tuple(tokens[end - length : end])
                    longest[text.set] = Run(shared, text, paragraph.source, paragraph.id)
        return longest

    def shared(self) -> Iterator[tuple[Text, int, int]]:
        """Return each text with its number of n-grams, and of those seen in training."""
        for text in self._texts:
            ngrams = list(self._ngrams(text.tokens))
            yield text, len(ngrams), sum(ngram in self._seen for ngram in ngrams)

    def _ngrams(self, tokens: Sequence[str]) -> Iterator[int]:
        """Return a number for each run of n tokens: 64 bits, and no two met were ever alike."""
        for start in range(len(tokens) - self._size + 1):
            yield hash(tuple(tokens[start : start + self._size]))


class Overlap:
    """Evaluation sets, and what was found of them in training text."""

    def __init__(self, texts: Iterable[Text]) -> None:
        """Take in the texts of every set."""
        self._indexes: dict[str, Index] = {}
        self._runs: defaultdict[tuple[str, str], dict[tuple[str, ...], Run]] = defaultdict(dict)
        self._questions: set[tuple[str, ...]] = set()
        for text in texts:
            if text.kind == "question":
                self._questions.add(tuple(text.tokens))
            self._indexes.setdefault(text.language, Index(text.language)).add(text)

    def is_copied(self, paragraph: Paragraph) -> bool:
        """Tell whether more than LONGEST_SHARED words are in a set, and remember what is shared.

        A paragraph under a heading that a set asks word for word is copied, too.
        """
        copied = any(
            tuple(tokens_of(heading, language)) in self._questions
            for language, heading in paragraph.headings.items()
        )
        for language in paragraph.texts.keys() & self._indexes.keys():
            for run in self._indexes[language].look_up(paragraph, language).values():
                self._runs[run.text.set, language].setdefault(run.tokens, run)
                copied = copied or run.words() > LONGEST_SHARED
        return copied

    def figures(self) -> list[Figures]:
        """Return what each set shares with the paragraphs asked about, language by language."""
        found: defaultdict[tuple[str, str], list[tuple[str, int, int]]] = defaultdict(list)
        for language, index in self._indexes.items():
            for text, ngrams, shared in index.shared():
                found[text.set, language].append((text.kind, ngrams, shared))
        return [
            Figures(
                *key,
                ngrams=sum(ngrams for _, ngrams, _ in texts),
                shared=sum(shared for _, _, shared in texts),
                documents=sum(kind == "document" for kind, _, _ in texts),
                known=_known(texts, "document"),
                questions=sum(kind == "question" for kind, _, _ in texts),
                known_questions=_known(texts, "question"),
                runs=sorted(self._runs[key].values(), key=Run.words, reverse=True),
            )
            for key, texts in sorted(found.items())
        ]


def tokens_of(text: str, language: str) -> list[str]:
    """Return the words of ``text``, or its characters: letters and digits, case folded, in NFC."""
    words = _WORD.findall(unicodedata.normalize("NFC", text.casefold()))
    return list("".join(words)) if _is_dense(language) else words


def read_set(folder: Path) -> Iterator[Text]:
    """Return the documents and the questions of an evaluation set.

    Raises:
        NoText: it has no documents.
        QuestionFileError: its questions cannot be read.
    """
    documents = sorted(folder.glob("docs/*/*.txt"))
    if not documents:
        raise NoText(
            f"{folder} is no evaluation set: it has no docs/LANGUAGE/*.txt. Name the folder that "
            "holds docs and questions.jsonl."
        )
    for path in documents:
        language = path.parent.name
        tokens = tokens_of(path.read_text("utf-8"), language)
        yield Text(folder.name, language, "document", f"{language}/{path.name}", tokens)
    for question in read_questions(folder / "questions.jsonl"):
        words = " ".join([*question.conversation, question.text])
        tokens = tokens_of(words, question.language)
        yield Text(folder.name, question.language, "question", question.id, tokens)


def compare(files: Sequence[Path], overlap: Overlap, clean: Path | None) -> Iterator[str]:
    """Look up every training paragraph; yield a line on each file.

    With ``clean``, a folder, each file is written there without what was copied.
    """
    for file in files:
        kept, copied = [], 0
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                if overlap.is_copied(Paragraph(**json.loads(line))):
                    copied += 1
                elif clean is not None:
                    kept.append(line)
        if clean is not None:
            clean.mkdir(parents=True, exist_ok=True)
            part = clean / f"{file.name}.part"
            part.write_text("".join(kept), "utf-8")
            part.replace(clean / file.name)
        yield f"{file.name}: {copied:,} paragraphs share more than {LONGEST_SHARED} words in a row"


def of_written(overlap: Overlap) -> Iterator[str]:
    """Look up the written collection; yield a line on each text or question that was copied."""
    texts = [
        Paragraph("written", note.id, {of: _joined(text) for of, text in note.texts.items()})
        for note in read_notes()
    ]
    asked: list[tuple[str, OnParagraph | Question]] = [
        *((note.id, each) for note in read_notes() for each in note.questions),
        *((on.paragraph, each) for on in read_paragraphs() for each in on.questions),
    ]
    questions = [
        Paragraph("written", id_, {each.lang: each.q}, {each.lang: each.q}) for id_, each in asked
    ]
    for paragraph in (*texts, *questions):
        if overlap.is_copied(paragraph):
            yield f"{paragraph.id} is, or shares more than {LONGEST_SHARED} words with, a set's"


def _joined(paragraphs: Sequence[Sequence[str]]) -> str:
    return " ".join(sentence for paragraph in paragraphs for sentence in paragraph)


def main() -> None:
    """Print the table, the longest runs and the paragraphs that were copied."""
    options = _options()
    try:
        overlap = Overlap(text for folder in options.sets for text in read_set(folder))
        copied = list(compare(options.texts, overlap, options.clean))
        if options.written:
            copied += of_written(overlap)
    except (TrainingError, QuestionFileError, OSError) as error:
        sys.exit(str(error))
    figures = overlap.figures()
    print(HEADINGS, *figures, "", *copied, sep="\n")
    for each in figures:
        for run in each.runs[:_RUNS_SHOWN]:
            print(f"\n{each.set} {each.language}, {run}")


def _known(texts: Iterable[tuple[str, int, int]], wanted: str) -> int:
    return sum(kind == wanted and shared > MUCH * ngrams for kind, ngrams, shared in texts)


def _is_dense(language: str) -> bool:
    return language in _WITHOUT_SPACES


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Tell how much of a set was trained on.")
    parser.add_argument("--texts", type=Path, nargs="*", default=[], metavar="FILE.jsonl")
    parser.add_argument("--written", action="store_true", help="The written collection, too.")
    parser.add_argument("--sets", type=Path, nargs="+", required=True, metavar="FOLDER")
    parser.add_argument("--clean", type=Path, metavar="FOLDER", help="Where to write what is left.")
    options = parser.parse_args()
    if len({file.name for file in options.texts}) < len(options.texts):
        parser.error("two of the files have one name, and --clean would write one of them only")
    return options


if __name__ == "__main__":
    main()
