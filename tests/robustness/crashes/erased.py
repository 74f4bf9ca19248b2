"""Whether what was erased is gone from the bytes, too."""

from __future__ import annotations

from pathlib import Path

from tests.robustness.crashes.life import Told


def still_on_disk(folder: Path, present: dict[str, str], told: Told) -> list[str]:
    """Return what is wrong: texts that a process said were erased, and that a file still has."""
    had = {name: {text} for name, text in present.items()}
    gone: set[str] = set()
    for operation, is_acknowledged in told.steps:
        for name, text in operation.contents.items():
            if text is not None:
                had.setdefault(name, set()).add(text)
            elif operation.kind == "erase" and is_acknowledged:
                gone |= had.pop(name, set())
    sought = {_only_there(text).encode() for text in gone}
    files = [path for path in folder.rglob("*") if path.is_file()] if sought else []
    return [
        f"{path.name} still has {each.decode()!r}, which was erased"
        for path in files
        for each in sought
        if each in path.read_bytes()
    ]


def _only_there(text: str) -> str:
    """Return the beginning of a text, which has its file's name and a number of its own."""
    return text.partition(" suit ")[0]
