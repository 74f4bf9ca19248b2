"""Commands and servers as a user would start them, with what they cost."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic, perf_counter, sleep
from typing import NamedTuple

import click

PATIENCE_SECONDS = 300.0


class Cost(NamedTuple):
    """What a command took."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    """Of its resident memory."""


class Server(NamedTuple):
    """A server that answers."""

    port: int
    pid: int
    start_seconds: float
    """From the command until it answered."""

    def cpu_seconds(self) -> float:
        """Return what it has used of all cores, which other programs hardly change."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self, what: str = "VmHWM") -> float:
        """Return its peak memory, or with ``VmRSS`` the present one."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.findall(rf"{what}:\s+(\d+)", status)[0]) / 1024


class Load(NamedTuple):
    """Questions asked by some clients at once, each its next one when the last is answered."""

    seconds: float
    took: list[float]
    """Seconds of each question, in order of size."""

    @property
    def per_second(self) -> float:
        """Questions answered a second."""
        return len(self.took) / self.seconds

    def milliseconds(self, share: float) -> float:
        """Return the time within which such a share of the questions was answered."""
        return self.took[min(len(self.took) - 1, int(len(self.took) * share))] * 1000


Request = Callable[[str], tuple[str, str, str | None]]
"""From a question to method, path and JSON body."""


def passerelle(*arguments: str) -> list[str]:
    """Return the command of this environment."""
    return [str(Path(sys.executable).with_name("passerelle")), *arguments]


def run(command: Sequence[str], may_exit: tuple[int, ...] = (0,)) -> Cost:
    """Run a command to its end.

    Raises:
        click.ClickException: its status is none of ``may_exit``.
    """
    started = perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in may_exit:
        raise click.ClickException(f"{' '.join(command[:2])} failed.")
    seconds = perf_counter() - started
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


@contextmanager
def serving(
    command: Sequence[str], port: int, path: str, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run a server on ``port`` of this machine until the end of the block.

    It counts as started when it answers ``path`` with status 200.
    """
    started = perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )
    try:
        end = monotonic() + PATIENCE_SECONDS
        while not _answers(port, path):
            if process.poll() is not None or monotonic() > end:
                raise click.ClickException(f"{' '.join(command[:2])} does not answer.")
            sleep(0.01)
        yield Server(port, process.pid, perf_counter() - started)
    finally:
        process.terminate()
        process.wait()


def ask(port: int, questions: Sequence[str], clients: int, request: Request) -> Load:
    """Ask every question once, by so many clients at a time."""
    waiting: SimpleQueue[str] = SimpleQueue()
    for question in questions:
        waiting.put(question)
    took: list[float] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while True:
            try:
                method, path, body = request(waiting.get_nowait())
            except Empty:
                return
            started = perf_counter()
            connection.request(method, path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                raise click.ClickException(f"{path} was answered with {response.status}.")
            took.append(perf_counter() - started)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(perf_counter() - started, sorted(took))


def to_passerelle(question: str) -> tuple[str, str, str]:
    """Return the request that asks Passerelle."""
    return "POST", "/v1/ask", json.dumps({"question": question})


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
