"""What the command line says of erased documents."""

from __future__ import annotations

import shlex

from api.cli.output import printable
from api.erasing import Erased
from corpus.store.sqlite import log_size


def report(erased: Erased) -> str:
    """Return what was erased and what was not, line by line."""
    lines = [f"erased {document}" for document in erased.documents]
    for document, twins in erased.twins.items():
        named = ", ".join(f"{twin.collection}/{twin.file} ({twin.id})" for twin in twins)
        lines.append(f"Documents with the same file as {document} stay: {named}.")
    if not erased.is_overwritten:
        command = shlex.join(
            ["passerelle", "documents", "remove", "--erase", *erased.documents, *erased.unknown]
        )
        lines.append(
            f"Deleted text is still in {erased.folder / 'catalogue.sqlite-wal'} "
            f"({log_size(erased.folder) / 1e6:,.0f} MB), since another program has been reading an "
            f"older state for too long. Stop it, then run: {command}"
        )
    if erased.held:
        lines.append("These copies still hold it. Delete them, or make them anew:")
        lines += [f"  {held.document}  {held.place}" for held in erased.held]
    for title, paths in (
        ("These copies are not there now, so they may still hold it:", erased.missing),
        ("These copies cannot be read, so they may still hold it:", erased.unreadable),
    ):
        if paths:
            lines.append(f"{title} {', '.join(map(str, paths))}")
    lines.append(
        "Copies that were moved, or made without `passerelle backup` and `passerelle export`, are "
        "not known here. Neither are snapshots of the disk."
    )
    return "\n".join(map(printable, lines))
