"""Calls every operation of the API with what it may and may not be sent, alone and in sequences.

    python -m tests.robustness.fuzz [--examples 500] [--seed 1] [--out FILE.json] [--seconds 3600]

starts a server of its own with some documents and a key that opens everything, and has
schemathesis try it with all of its checks. Where FILE.json is there already, it goes on from what
that holds, so that it can run in parts.

The documents change while they are tried, so that the same call is answered otherwise a moment
later. Hypothesis takes that for a flaky test and ends early; it is begun again, with the next seed,
until there were as many cases of each operation that takes anything, and as many sequences.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

import click
import httpx2

from api.auth.keys import Keys, Scope
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from index.settings import ModelSettings
from index.writer import encode_waiting

DOCUMENTS = Path(__file__).parents[2] / "corpus" / "sample" / "documents"

CONFIG = Path(__file__).with_name("schemathesis.toml")

MANY = "100000000"
"""Requests a minute: it comes from one key."""

METHODS: Final = ("get", "put", "post", "delete")


@dataclass
class Tally:
    """What was tried so far."""

    examples: int
    next_seed: int
    runs: int = 0
    cases: dict[str, dict[str, int]] = field(default_factory=dict)
    """By operation and phase."""
    sequences: int = 0
    failed_checks: dict[str, int] = field(default_factory=dict)
    failed_runs: int = 0
    """Of schemathesis, for a check or any other reason."""
    seconds: float = 0.0
    finished: str = ""

    def count(self, events: Path) -> None:
        """Add what a run says of itself."""
        failed = Counter(self.failed_checks)
        with events.open("rb") as lines:
            found = (json.loads(line).get("ScenarioFinished") for line in lines)
            scenarios = [each for each in found if each and "cases" in each["recorder"]]
        for scenario in scenarios:
            phase, recorder = scenario["phase"], scenario["recorder"]
            self.sequences += phase == "stateful"
            for case in recorder["cases"].values():
                of_phase = self.cases.setdefault(_operation(**case["value"]), {})
                of_phase[phase] = of_phase.get(phase, 0) + 1
            for checks in recorder["checks"].values():
                failed.update(each["name"] for each in checks if each["status"] != "success")
        self.failed_checks = dict(failed)

    def is_short(self, operation: str) -> bool:
        """Tell whether there were too few cases of an operation."""
        return self.cases.get(operation, {}).get("fuzzing", 0) < self.examples


@click.command(help=__doc__)
@click.option("--examples", default=500, help="For each operation, and sequences of them.")
@click.option("--seed", default=1)
@click.option("--out", type=click.Path(path_type=Path), help="Where what was tried is kept.")
@click.option("--seconds", default=3600.0, help="After which nothing new is begun.")
def main(examples: int, seed: int, out: Path | None, seconds: float) -> None:
    """Go on until there are as many, or the time is over; exit with 1 if anything failed."""
    started = monotonic()
    tally = Tally(examples, seed)
    if out and out.exists():
        tally = Tally(**json.loads(out.read_text("utf-8")))
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as (address, key):
        for arguments in _runs(tally, _taking_anything(address, key)):
            _run(tally, Path(folder), address, key, arguments)
            if monotonic() - started > seconds:
                break
    tally.seconds += round(monotonic() - started)
    tally.finished = datetime.now(UTC).isoformat(timespec="seconds")
    if out:
        out.write_text(json.dumps(vars(tally), indent=1) + "\n", "utf-8")
    for operation, cases in tally.cases.items():
        if operation.partition(" ")[0].lower() in METHODS and sum(cases.values()) > 1:
            click.echo(f"{operation:36} {cases}")
    click.echo(f"{tally.sequences} sequences, failed checks: {tally.failed_checks or 'none'}")
    sys.exit(tally.failed_runs > 0)


def _runs(tally: Tally, operations: list[str]) -> Iterator[list[str]]:
    """Yield the arguments of one run after the other, by what is still to be tried."""
    if not tally.runs:
        yield ["--phases=examples,coverage,fuzzing"]
    for operation in operations:
        method, _, path = operation.partition(" ")
        while tally.is_short(operation):
            yield ["--phases=fuzzing", f"--include-method={method}", f"--include-path={path}"]
    while tally.sequences < tally.examples:
        yield ["--phases=stateful"]


def _run(tally: Tally, folder: Path, address: str, key: str, arguments: list[str]) -> None:
    events = folder / "events.ndjson"
    command = [
        str(Path(sys.executable).with_name("schemathesis")), f"--config-file={CONFIG}",
        "run", f"{address}/openapi.json", "--checks=all", *arguments,
        f"--max-examples={tally.examples}", f"--seed={tally.next_seed}", "--continue-on-failure",
        f"--header=Authorization: Bearer {key}", "--suppress-health-check=all", "--no-color",
        "--report=ndjson", f"--report-ndjson-path={events}",
    ]  # fmt: skip
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        click.echo(done.stdout + done.stderr)
    tally.runs += 1
    tally.next_seed += 1
    tally.failed_runs += done.returncode != 0
    tally.count(events)


def _taking_anything(address: str, key: str) -> list[str]:
    """Return the operations that have a parameter or a body; of the others there is one case."""
    described = httpx2.get(
        f"{address}/openapi.json", headers={"authorization": f"Bearer {key}"}
    ).json()
    return [
        _operation(method, path)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if "parameters" in operation or "requestBody" in operation
    ]


def _operation(method: str, path: str, **_: Any) -> str:
    return f"{method.upper()} {path}"


@contextmanager
def _server(folder: Path) -> Iterator[tuple[str, str]]:
    data = folder / "data"
    with Catalogue(data) as catalogue, Keys(data) as keys:
        assert list(ingest(catalogue, find_sources([DOCUMENTS])[::5], "sample"))
        encode_waiting(catalogue, ModelSettings().load_encoder())
        _, key = keys.add("fuzz", list(Scope))
    command = [sys.executable, "-m", "api.cli.main", "serve", "--port", "0", "--data", str(data)]
    environment = {"PASSERELLE_REQUESTS_PER_MINUTE": MANY, "PASSERELLE_MAX_UPLOAD_MB": "1"}
    log = (folder / "log").open("w")
    with (
        log,
        subprocess.Popen(
            ["/usr/bin/env", *(f"{name}={value}" for name, value in environment.items()), *command],
            stdout=subprocess.PIPE,
            stderr=log,
        ) as server,
    ):
        assert server.stdout is not None
        said = server.stdout.readline().decode()
        found = re.search(r"http://\S+", said)
        assert found, (folder / "log").read_text("utf-8")
        try:
            yield found[0], key
        finally:
            server.send_signal(signal.SIGTERM)
            server.stdout.read()
    for line in (folder / "log").read_text("utf-8").splitlines():
        if " error " in line or "Traceback" in line:
            print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
