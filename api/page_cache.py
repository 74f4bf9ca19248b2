"""Pictures of pages, kept on disk for those who turn back a page or look closer."""

from __future__ import annotations

import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import IO, Final, NamedTuple

MAX_BYTES: Final = 64 * 2**20
"""Of all pictures: some 200 of A4."""

MAX_PICTURES: Final = 200
"""Each is an open file."""

MAX_SECONDS: Final = 600.0
"""That a picture is kept: as long as somebody reads a document. What was removed is not shown, but
a picture of it may be on the disk so long."""


class _Kept(NamedTuple):
    file: IO[bytes]
    size: int
    since: float


class PageCache:
    """Bytes by their keys, in files without names; safe to use from several threads.

    Such a file is gone with the process, however that ends, and with it what it holds.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = monotonic) -> None:
        """Keep them on the disk of ``folder``."""
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._timer: threading.Timer | None = None

    def get(self, key: Hashable) -> bytes | None:
        """Return what is kept under a key."""
        with self._lock:
            self._drop()
            if (kept := self._kept.get(key)) is None:
                return None
            self._kept.move_to_end(key)
            kept.file.seek(0)
            return kept.file.read()

    def put(self, key: Hashable, content: bytes) -> None:
        """Keep something; without a word nothing, where the disk has no room."""
        with self._lock, suppress(OSError):
            file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115, kept open
            try:
                file.write(content)
                file.flush()
            except OSError:
                file.close()
                raise
            if before := self._kept.pop(key, None):
                before.file.close()
            self._kept[key] = _Kept(file, len(content), self._clock())
            self._drop()
            self._set_timer()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            while self._kept:
                self._kept.popitem()[1].file.close()

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        with self._lock:
            return self._size()

    def _size(self) -> int:
        return sum(kept.size for kept in self._kept.values())

    def _drop(self) -> None:
        """Forget what is too old, and of the rest what was not asked for for longest."""
        oldest = self._clock() - MAX_SECONDS
        for key in [key for key, kept in self._kept.items() if kept.since <= oldest]:
            self._kept.pop(key).file.close()
        while len(self._kept) > MAX_PICTURES or self._size() > MAX_BYTES:
            self._kept.popitem(last=False)[1].file.close()

    def _set_timer(self) -> None:
        """See to it that what nobody asks for any more is forgotten in time."""
        if self._timer is None and self._kept:
            self._timer = threading.Timer(MAX_SECONDS, self._on_time)
            self._timer.daemon = True
            self._timer.start()

    def _on_time(self) -> None:
        with self._lock:
            self._timer = None
            self._drop()
            self._set_timer()
