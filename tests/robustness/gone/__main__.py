"""Try the service in thousands of orders of what may happen to it, beside a model.

    python -m tests.robustness.gone [--examples 2000] [--steps 30] [--seed 1]

Each example is a new server on a new data folder, and up to so many steps in an order of its own:
uploads, replacements, deletions, erasures, revocations, the steps of the server's own threads,
indexing anew with another model, copies and their restoration, restarts, and a full disk where one
may be mounted. After each step what HTTP says, and the bytes on the disk, must agree with the
model. It prints the first order that does not, as short as it can be made, and exits with 1.
"""

from __future__ import annotations

import sys
import time

import click
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import HypothesisException
from hypothesis.stateful import run_state_machine_as_test

from index import persistence, reader
from tests.robustness.gone.machine import LOG_BYTES, PASSAGES, Gone


@click.command(help=__doc__)
@click.option("--examples", default=2000, show_default=True)
@click.option("--steps", default=30, show_default=True)
@click.option("--seed", "number", default=1, show_default=True)
def main(examples: int, steps: int, number: int) -> None:
    """Try them, and say how many there were."""
    persistence.MIN_PASSAGES = PASSAGES  # type: ignore[misc]
    reader.MAX_LOG_BYTES = LOG_BYTES
    tried = 0

    class Counted(Gone):
        def teardown(self) -> None:
            nonlocal tried
            tried += 1
            super().teardown()

    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    started, is_wrong = time.monotonic(), False
    try:
        run_state_machine_as_test(seed(number)(Counted), settings=chosen)
    except (Exception, HypothesisException) as error:
        is_wrong = True
        click.echo(f"{error!r}\n" + "\n".join(getattr(error, "__notes__", [])))
    took = time.monotonic() - started
    click.echo(f"{tried} orders in {took:.0f} s: {'one is wrong' if is_wrong else 'none is wrong'}")
    sys.exit(is_wrong)


if __name__ == "__main__":
    main()
