"""``python -m training.written`` reads the collection, and counts what is in it."""

from __future__ import annotations

from collections import Counter

import click

from training.errors import TrainingError
from training.written import read_follow_ups, read_notes


@click.command(help=__doc__)
def main() -> None:
    """Print how many texts, questions and conversations there are, by language and style."""
    try:
        notes, follow_ups = read_notes(), read_follow_ups()
    except TrainingError as error:
        raise click.ClickException(str(error)) from None
    counts: dict[str, Counter[str]] = {
        "texts": Counter(language for note in notes for language in note.texts),
        "questions": Counter(each.lang for note in notes for each in note.questions),
        "styles": Counter(each.style for note in notes for each in note.questions),
        "near misses": Counter(each.lang for note in notes for each in note.near_misses),
        "conversations": Counter(each.lang for each in follow_ups),
        "kinds of conversation": Counter(each.kind for each in follow_ups),
    }
    for what, counted in counts.items():
        shown = ", ".join(f"{name} {count}" for name, count in counted.most_common())
        click.echo(f"{counted.total():,} {what}: {shown}")


if __name__ == "__main__":
    main()
