"""A small disk that can be filled, where one may be mounted."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

SIZE_MIB: Final = 32


class Disk:
    """A folder: a file system of its own where this process may mount one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(folder)]
        self.can_be_full = _is_done(mount) if os.geteuid() == 0 else False
        self._filler = folder / "filler"

    @property
    def is_full(self) -> bool:
        """Whether ``fill`` was called last."""
        return self._filler.exists()

    def fill(self) -> None:
        """Leave no byte free, though others write meanwhile."""
        with self._filler.open("wb") as file:
            while room := self._room():
                with suppress(OSError):
                    os.posix_fallocate(file.fileno(), 0, room)
                    break

    def _room(self) -> int:
        facts = os.statvfs(self.folder)
        return facts.f_bavail * facts.f_frsize

    def free(self) -> None:
        """Give the room back, if it was taken."""
        with suppress(FileNotFoundError):
            self._filler.unlink()

    def close(self) -> None:
        """Take the file system down."""
        if self.can_be_full:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


def _is_done(command: list[str]) -> bool:
    try:
        return not subprocess.run(command, check=False, capture_output=True).returncode
    except FileNotFoundError:
        return False
