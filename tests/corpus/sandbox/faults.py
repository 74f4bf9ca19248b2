"""A fork server whose readers misbehave on the files whose names say so."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import stat
import time
from collections.abc import Callable
from pathlib import PurePath

from corpus import progress, readers
from corpus.progress import Progress
from corpus.sandbox import protocol, server
from corpus.sandbox.extract import extract
from corpus.types import RawDocument


def _hang() -> None:
    time.sleep(3_600)


def _spin() -> None:
    while True:
        pass


def _take_all_memory() -> None:
    _kept = [bytearray(2**20) for _ in range(100_000)]


def _take_all_memory_in_c() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    while libc.malloc(2**20):
        pass
    libc.abort()


def _crash() -> None:
    ctypes.string_at(0)


def _fail() -> None:
    raise ZeroDivisionError("in a library")


def _end() -> None:
    os._exit(0)


def _be_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _open_a_file() -> None:
    open("/etc/hostname").close()  # noqa: PTH123


def _recurse() -> None:
    _recurse()


def _count() -> None:
    """Note how far it is until that has been passed on."""
    begun, done = time.monotonic(), 0
    while time.monotonic() - begun < 2 * server.TELL_SECONDS:
        done += 1
        progress.note(done, 2**31 - 1)


def _babble() -> None:
    """Pass on more notes than anyone listens to, as a child may that was taken over."""
    teller = server._Teller(socket.socket(fileno=_channel()))
    while True:
        teller._told = -server.TELL_SECONDS
        teller.tell(Progress(1, 2))


def _channel() -> int:
    """Return the descriptor of the socket to the service."""
    found = (at for at in range(3, 100) if _is_socket(at))
    return next(found)


def _is_socket(descriptor: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:
        return False


FAULTS: dict[str, Callable[[], None]] = {
    "hang": _hang,
    "spin": _spin,
    "memory": _take_all_memory,
    "memory-in-c": _take_all_memory_in_c,
    "crash": _crash,
    "fail": _fail,
    "end": _end,
    "killed": _be_killed,
    "stop": _stop,
    "open": _open_a_file,
    "recurse": _recurse,
    "count": _count,
    "babble": _babble,
}


def read(content: bytes, file: str) -> protocol.Found:
    """Read a file, but misbehave in the middle of a reader if its name is a fault's."""
    fault = FAULTS.get(PurePath(file).stem)
    if fault is None:
        return server.read_file(content, file)
    if file.endswith("/"):  # the files in it are asked for
        fault()
    real = readers.read

    def misbehaving(content: bytes, media_type: str) -> RawDocument:
        document = real(content, media_type)
        fault()
        return document

    readers.read = misbehaving
    try:
        return extract(content, file)
    finally:
        readers.read = real


def serve(control_descriptor: int) -> None:
    """Run the server with these readers."""
    server.serve(control_descriptor, read)
