"""``python -m training.written`` reads the collection, and counts what is in it."""

from __future__ import annotations

from collections import Counter

import click

from training.errors import TrainingError
from training.written import (
    HELD_OUT_NOTES,
    read_follow_ups,
    read_judged,
    read_notes,
    read_paragraphs,
)


@click.command(help=__doc__)
def main() -> None:
    """Print how many texts, questions and conversations there are, by language and style."""
    try:
        notes, follow_ups = read_notes() + read_notes(HELD_OUT_NOTES), read_follow_ups()
        paragraphs, judged = read_paragraphs(), read_judged()
    except TrainingError as error:
        raise click.ClickException(str(error)) from None
    counts: dict[str, Counter[str]] = {
        "texts": Counter(language for note in notes for language in note.texts),
        "questions": Counter(each.lang for note in notes for each in note.questions),
        "styles": Counter(each.style for note in notes for each in note.questions),
        "near misses": Counter(each.lang for note in notes for each in note.near_misses),
        "questions on paragraphs": Counter(
            each.lang for paragraph in paragraphs for each in paragraph.questions
        ),
        "verdicts": Counter(each.verdict for one in judged for each in one.passages),
        "conversations": Counter(each.lang for each in follow_ups),
        "kinds of conversation": Counter(each.kind for each in follow_ups),
    }
    for what, counted in counts.items():
        shown = ", ".join(f"{name} {count}" for name, count in counted.most_common())
        click.echo(f"{counted.total():,} {what}: {shown}")


if __name__ == "__main__":
    main()
