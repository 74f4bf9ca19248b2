"""A real server, for what is measured from outside."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

STOP_SECONDS = 60


class Server(NamedTuple):
    """A server that answers."""

    address: str
    pid: int


@contextmanager
def serving(
    data: Path,
    module: str = "api.cli.main",
    environment: Mapping[str, str] | None = None,
    *,
    most_files: int | None = None,
    log: int = subprocess.DEVNULL,
) -> Iterator[Server]:
    """Run a server over a data folder, on a port of its own, until the end of the block.

    ``module`` is run with the arguments of ``passerelle``; ``environment`` is added to this one's.
    It may open ``most_files`` at once, if that is given, and writes its log to ``log``.
    """
    command = [sys.executable, "-m", module, "serve", "--data", str(data), "--port", "0"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=log,
        preexec_fn=None if most_files is None else partial(_limit_files, most_files),
        env={**os.environ, **(environment or {})},
    ) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline().decode())
        assert found
        try:
            yield Server(found[0], process.pid)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _limit_files(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
