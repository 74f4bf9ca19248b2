"""The fork server, and the children it forks to read files.

The server only loads and forks. It reads nothing of a file, so whatever happens to a child,
the next one is as it should be. ``corpus.sandbox.client`` starts it.
"""

from __future__ import annotations

import ctypes
import gc
import math
import os
import resource
import signal
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Final, Never

from corpus import progress
from corpus.errors import DamagedFile, OutOfMemory, Refused, TooCostly
from corpus.progress import Progress
from corpus.readers import containers, web_links
from corpus.readers.recognition import allowance
from corpus.sandbox import protocol
from corpus.sandbox.extract import extract
from corpus.sandbox.limits import Limits
from corpus.sandbox.warmup import warm_up

_DIE_WITH_PARENT, _NO_NEW_PRIVILEGES = 1, 38  # PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS: prctl(2)

TELL_SECONDS: Final = 0.5
"""Pause between two notes of how far a file is; most files are read in less."""

Reader = Callable[[bytes, str], protocol.Found]


def read_file(content: bytes, file: str) -> protocol.Found:
    """Return what a file says or, of a name with a slash at its end, the files in it.

    Of the names that ``protocol`` has for that, which are no file's: the addresses in it.

    Raises:
        Refused: it cannot be read.
    """
    if file == protocol.LINKS_IN_PAGE:
        return protocol.Links(web_links.links_in_page(content))
    if file == protocol.LINKS_IN_LIST:
        return protocol.Links(web_links.links_in_list(content))
    if file.endswith("/"):
        return containers.members(file.removesuffix("/"), content)
    return extract(content, file)


def serve(
    control_descriptor: int, read: Reader = read_file, prepare: Callable[[], None] = warm_up
) -> None:
    """Fork a child for each socket that comes, until the other side is closed.

    There is one child at a time: the one before is killed first. ``prepare`` loads what ``read``
    needs.
    """
    prepare()
    gc.collect()
    gc.freeze()  # or else the first collection of every child would copy all of it
    control = socket.socket(fileno=control_descriptor)
    child = ended = 0
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if child:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        if not message:
            return
        child = os.fork()
        if child == 0:
            control.close()
            _be_child(socket.socket(fileno=descriptors[0]), read)
        os.close(descriptors[0])
        control.sendall(protocol.ENDED.pack(ended))


def _be_child(channel: socket.socket, read: Reader) -> Never:
    """Read the files that come, and end."""
    try:
        memory = _confine()
        with channel.makefile("rb") as incoming:
            while head := incoming.read(protocol.HEAD.size):
                with progress.told(_Teller(channel).tell):
                    answer = _answer(head, incoming, memory, read)
                channel.sendall(protocol.frame(answer))
    finally:
        os._exit(0)


class _Teller:
    """Says how far a file is, now and then."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._told = time.monotonic()

    def tell(self, so_far: Progress) -> None:
        now = time.monotonic()
        if now - self._told >= TELL_SECONDS:
            self._told = now
            self._channel.sendall(protocol.frame(protocol.noted(so_far)))


def _confine() -> int:
    """Give up what reading does not need: new files and connections, writing, processes.

    Returns a descriptor of the process's own memory figures, the last one it opens.
    """
    prctl = ctypes.CDLL(None).prctl
    prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    memory = os.open("/proc/self/statm", os.O_RDONLY)
    for limit in (
        resource.RLIMIT_NOFILE,  # so that no file can be opened and no socket be made
        resource.RLIMIT_FSIZE,
        resource.RLIMIT_NPROC,
        resource.RLIMIT_CORE,
    ):
        resource.setrlimit(limit, (0, 0))
    return memory


def _answer(head: bytes, incoming: IO[bytes], memory: int, read: Reader) -> bytes:
    """Read one file and return what is to be said of it."""
    name_bytes, content_bytes, *values = protocol.HEAD.unpack(head)
    limits = Limits(*values)
    name = incoming.read(name_bytes).decode("utf-8", "surrogatepass")
    content = incoming.read(content_bytes)
    with _within(limits, memory), allowance.allowed(limits.recognition_seconds):
        answer = protocol.written(_said(content, name, read))
    if len(answer) > limits.answer_bytes:
        too_much = TooCostly("The file contains more text than is allowed for its size. Split it.")
        answer = protocol.written(too_much)
    return answer


def _said(content: bytes, name: str, read: Reader) -> protocol.Said:
    try:
        return read(content, name)
    except Refused as refusal:
        return refusal
    except MemoryError:
        return OutOfMemory(
            "Reading the file takes more memory than is allowed for its size. Split it, or save "
            "it in another format."
        )
    except RecursionError:
        return DamagedFile(
            "The file's parts are nested too deeply. Save it again, or in another format."
        )
    except Exception as error:
        return protocol.Failure(f"{type(error).__name__}: {error}", traceback.format_exc())


@contextmanager
def _within(limits: Limits, memory: int) -> Iterator[None]:
    """Let the process take up only so much more address space and time on the processor."""
    present_bytes = int(os.pread(memory, 100, 0).split()[0]) * resource.getpagesize()
    values = {
        resource.RLIMIT_AS: present_bytes + limits.memory_bytes,
        resource.RLIMIT_CPU: math.ceil(time.process_time() + limits.seconds),
    }
    most = resource.RLIM_INFINITY
    for limit, value in values.items():
        resource.setrlimit(limit, (value, most))
    try:
        yield
    finally:
        for limit in values:
            resource.setrlimit(limit, (most, most))
