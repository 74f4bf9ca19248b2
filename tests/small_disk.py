"""Real file systems of a few megabytes, to be filled."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

KINDS = ("tmpfs", "ext4")


@contextmanager
def mounted(kind: str, size_mib: int, where: Path) -> Iterator[Path]:
    """Yield a new file system of one of KINDS; skip the test where none may be mounted."""
    folder, image = where / kind, where / f"{kind}.img"
    folder.mkdir()
    if kind == "tmpfs":
        run(["mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "tmpfs", str(folder)])
    else:
        with image.open("wb") as file:
            file.truncate(size_mib * 2**20)
        run(["mkfs.ext4", "-q", "-m", "0", str(image)])
        run(["mount", "-o", "loop", str(image), str(folder)])
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def run(command: list[str]) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no {command[0]}")
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"{command[0]} may not be used here: {done.stderr.strip()}")


def fill(folder: Path) -> Path:
    """Leave no byte free on a file system; return the file to delete for more."""
    filler = folder / "filler"
    for size in (2**20, 2**12, 1):
        with suppress(OSError), filler.open("ab", buffering=0) as file:
            while True:
                file.write(os.urandom(size))
    return filler
