"""Calls every operation of the API with what it may and may not be sent, alone and in sequences.

``python -m benchmarks.fuzz`` starts a server of its own with some documents and a key that opens
everything, and has schemathesis try it with all of its checks. With ``--out FILE.json`` the number
of cases and of failures is kept, by operation and phase.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.keys import Keys, Scope
from api.settings import Settings
from corpus.catalogue import Catalogue
from corpus.ingest import find_sources, ingest
from index.builder import encode_waiting

DOCUMENTS = Path(__file__).parents[1] / "corpus" / "sample" / "documents"

CONFIG = Path(__file__).with_name("schemathesis.toml")

MANY = "100000000"
"""Requests a minute: it comes from one key."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and return schemathesis' exit status: 0 where nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=500, help="for each operation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--phases", default="examples,coverage,fuzzing,stateful")
    parser.add_argument("--out", type=Path, help="where what was tried is kept, as JSON")
    parser.add_argument("rest", nargs="*", help="further arguments of schemathesis, after --")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as (address, key):
        events = Path(folder) / "events.ndjson"
        command = [
            str(Path(sys.executable).with_name("schemathesis")), f"--config-file={CONFIG}",
            "run", f"{address}/openapi.json", "--checks=all", f"--phases={given.phases}",
            f"--max-examples={given.examples}", f"--seed={given.seed}", "--continue-on-failure",
            f"--header=Authorization: Bearer {key}", "--suppress-health-check=all", "--no-color",
            "--report=ndjson", f"--report-ndjson-path={events}", *given.rest,
        ]  # fmt: skip
        status = subprocess.run(command, check=False, cwd=folder).returncode
        if given.out:
            tried = {"examples": given.examples, "seed": given.seed, "status": status}
            tried |= {"finished": datetime.now(UTC).isoformat(timespec="seconds")}
            given.out.write_text(json.dumps(tried | counted(events), indent=1) + "\n", "utf-8")
        return status


def counted(events: Path) -> dict[str, Any]:
    """Return how many cases there were of each operation in each phase, and what failed."""
    cases: dict[str, Counter[str]] = {}
    failed: Counter[str] = Counter()
    with events.open("rb") as lines:
        for line in lines:
            scenario = json.loads(line).get("ScenarioFinished")
            if scenario is None:
                continue
            recorder = scenario["recorder"]
            for case in recorder["cases"].values():
                operation = f"{case['value']['method']} {case['value']['path']}"
                cases.setdefault(operation, Counter())[scenario["phase"]] += 1
            for checks in recorder["checks"].values():
                failed.update(each["name"] for each in checks if each["status"] != "success")
    return {
        "cases": sum(of_phase.total() for of_phase in cases.values()),
        "failed_checks": dict(failed),
        "by_operation": {name: dict(cases[name]) for name in sorted(cases)},
    }


@contextmanager
def _server(folder: Path) -> Iterator[tuple[str, str]]:
    data = folder / "data"
    with Catalogue(data) as catalogue, Keys(data) as keys:
        assert list(ingest(catalogue, find_sources([DOCUMENTS])[::5], "sample"))
        encode_waiting(catalogue, Settings().load_encoder())
        _, key = keys.add("fuzz", list(Scope))
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0", "--data", str(data)]
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
    sys.exit(main())
