"""The service's side of the sandbox: starts it, sends it files, replaces what misbehaves."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from time import monotonic
from typing import Final

from corpus import progress
from corpus.errors import DamagedFile, OutOfMemory, ReadingUnavailable, Refused, TooCostly
from corpus.pages.types import Letterhead, PageText, Picture, Slide
from corpus.readers.web_links import Link
from corpus.sandbox import protocol
from corpus.sandbox.extract import Extract
from corpus.sandbox.limits import Limits, limits_for

FILES_OF_ONE_CHILD: Final = 500
"""Files after which a child is replaced, which costs as much as reading two or three."""

MAX_NOTES: Final = 20_000
"""Notes of how far a file is that are listened to: two a second, for longer than any may take."""

START_SECONDS: Final = 120.0
"""How long loading may take; three seconds are usual."""

_ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
"""Of the process: a child may start no threads, as OpenMP would."""

_START = "import sys; sys.path[:] = sys.argv[2:]; from {} import serve; serve(int(sys.argv[1]))"

log = logging.getLogger(__name__)


class ReadingProcess:
    """Reads files in a process apart, one at a time; safe to use from several threads.

    The process ends with this object, and with the process that made it, however that ends.
    """

    def __init__(
        self, limits: Callable[[bytes], Limits] = limits_for, server: str = "corpus.sandbox.server"
    ) -> None:
        """``limits`` are a file's by its bytes; ``server`` is the module whose ``serve`` runs."""
        self.limits = limits
        self._module = server
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._child: socket.socket | None = None
        self._files = 0

    def prepare(self) -> None:
        """Start it, without waiting until it is ready."""
        with self._lock:
            if self._server is None:
                self._server = _Server(self._module)

    def extract(self, content: bytes, file: str) -> Extract:
        """Return what the bytes of ``file``, which is no table, say.

        Raises:
            Refused: they cannot be read, hold no text, or reading them went over a limit or
                made the process fail.
            ReadingUnavailable: the process cannot be started.
        """
        said = self._read(content, file)
        assert isinstance(said, Extract)
        return said

    def members(self, content: bytes, file: str) -> protocol.Rows:
        """Return the files in ``file``: the rows of a table, the attachments of a message.

        Raises:
            Refused, ReadingUnavailable: as ``extract`` does.
        """
        said = self._read(content, f"{file}/")
        others = Extract | PageText | Picture | Slide | protocol.Links | protocol.NoPage
        assert not isinstance(said, others | Letterhead)
        return said

    def links(self, content: bytes, *, is_list: bool) -> tuple[Link, ...]:
        """Return the addresses that a sitemap or feed lists, or that a page says of itself.

        Raises:
            Refused, ReadingUnavailable: as ``extract`` does.
        """
        said = self._read(content, protocol.LINKS_IN_LIST if is_list else protocol.LINKS_IN_PAGE)
        assert isinstance(said, protocol.Links)
        return said.found

    def _read(self, content: bytes, file: str) -> protocol.Found:
        with self._lock:
            try:
                said = self._said(content, file)
            except _Died:
                # Something else may have ended it, as a system does that is short of memory.
                try:
                    said = self._said(content, file)
                except _Died as death:
                    raise DamagedFile(
                        f"The reader crashed on this file ({death}). Save it again, or in another "
                        "format."
                    ) from None
        if isinstance(said, Refused):
            raise said
        if isinstance(said, protocol.Failure):
            log.error("Reading a file failed: %s", said.trace.encode("unicode_escape").decode())
            raise DamagedFile(
                f"The file cannot be read ({said.error}). Save it again, or in another format."
            )
        return said

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._forget()

    def _said(self, content: bytes, file: str) -> protocol.Said:
        limits = self.limits(content)
        if self._child is None or self._files >= FILES_OF_ONE_CHILD or _is_closed(self._child):
            self._new_child()
        assert self._child is not None
        self._files += 1
        try:
            said = protocol.understood(_exchange(self._child, content, file, limits))
        except TimeoutError:
            self._new_child()
            return _too_slow(limits)
        except (OSError, EOFError, protocol.Garbled) as error:
            ended = self._new_child()
            if ended == signal.SIGXCPU:
                return _too_slow(limits)
            reason = signal.strsignal(ended) if ended else None
            raise _Died(reason or "it ended too soon") from error
        if isinstance(said, protocol.Failure | OutOfMemory):
            self._new_child()  # who knows what is left of that file
        return said

    def _new_child(self) -> int:
        """Replace the child and return the signal that ended it, 0 if none did before."""
        self._files = 0
        for _ in range(2):
            if self._server is None:
                self._server = _Server(self._module)
            try:
                self._child, ended = self._server.fork()
            except (OSError, EOFError):  # the server itself is gone
                self._forget()
            else:
                return ended
        raise ReadingUnavailable(
            "The process that reads files does not start. The lines above say why; fix that and "
            "try again."
        )

    def _forget(self) -> None:
        if self._server is not None:
            self._server.close()
        self._child = self._server = None


class _Died(Exception):
    """The child ended, or made no sense, while it read a file."""


class _Server:
    """The fork server, running."""

    def __init__(self, module: str) -> None:
        self._control, other = socket.socketpair()
        # Isolated, or a file in the present folder could pass for a module.
        command = [sys.executable, "-I", "-c", _START.format(module), str(other.fileno())]
        with other:
            self._process = subprocess.Popen(  # noqa: S603, our own interpreter
                [*command, *filter(os.path.isabs, sys.path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
                env=_ENVIRONMENT,  # there may be secrets in ours
                cwd="/",
                start_new_session=True,
            )
        self._sockets = [self._control]
        self.close = weakref.finalize(self, _end, self._process, self._sockets)

    def fork(self) -> tuple[socket.socket, int]:
        """Return the socket of a new child, and the signal that ended the one before, if any.

        The socket is this object's to close.


        Raises OSError or EOFError if the server is not there.
        """
        for child in self._sockets[1:]:
            child.close()
        ours, other = socket.socketpair()
        self._sockets[1:] = [ours]
        with other:
            self._control.settimeout(START_SECONDS)
            socket.send_fds(self._control, [b"f"], [other.fileno()])
        (ended,) = protocol.ENDED.unpack(_reader(self._control, START_SECONDS)(protocol.ENDED.size))
        return ours, ended


def _end(process: subprocess.Popen[bytes], sockets: list[socket.socket]) -> None:
    for each in sockets:
        each.close()
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _too_slow(limits: Limits) -> Refused:
    return TooCostly(
        f"Reading the file takes longer than the {limits.seconds:.0f} seconds allowed for its "
        "size. Split it, or save it in another format."
    )


def _exchange(child: socket.socket, content: bytes, file: str, limits: Limits) -> bytes:
    """Send a file and return the answer; note what is said before of how far it is.

    Raises TimeoutError, EOFError, OSError or Garbled.
    """
    patience_seconds = limits.waiting_seconds
    read = _reader(child, patience_seconds)
    child.settimeout(patience_seconds)
    name = file.encode("utf-8", "surrogatepass")
    head = protocol.HEAD.pack(len(name), len(content), *limits)
    child.sendall(head + name)
    child.sendall(content)
    for _ in range(MAX_NOTES):
        answer = protocol.received(read, limits.answer_bytes)
        so_far = protocol.progress_in(answer)
        if so_far is None:
            return answer
        progress.note(*so_far)
    raise protocol.Garbled("too many notes")


def _reader(channel: socket.socket, seconds: float) -> Callable[[int], bytes]:
    """Return what reads just so many bytes, all within ``seconds`` from now."""
    deadline = monotonic() + seconds

    def read(size: int) -> bytes:
        content = bytearray()
        while len(content) < size:
            channel.settimeout(max(deadline - monotonic(), 0.001))
            more = channel.recv(min(size - len(content), 2**20))
            if not more:
                raise EOFError
            content += more
        return bytes(content)

    return read


def _is_closed(channel: socket.socket) -> bool:
    """Tell whether the other side has gone, or says what it was not asked."""
    channel.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        channel.recv(1, socket.MSG_PEEK)
        return True
    return False
