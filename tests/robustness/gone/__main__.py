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
from typing import ClassVar, Final

import click
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import HypothesisException
from hypothesis.stateful import run_state_machine_as_test

from index import persistence, reader
from tests.robustness.gone.machine import LOG_BYTES, PASSAGES, Gone

AT_A_TIME: Final = 20
"""Orders that are tried with one seed; after them it says how many there were."""


class Counted(Gone):
    """Counts how many orders were tried."""

    tried: ClassVar[int] = 0

    def teardown(self) -> None:
        """Stop the server."""
        Counted.tried += 1
        super().teardown()


@click.command(help=__doc__)
@click.option("--examples", default=2000, show_default=True)
@click.option("--steps", default=30, show_default=True)
@click.option("--seed", "first", default=1, show_default=True)
@click.option("--seconds", default=36_000.0, help="After which nothing new is begun.")
def main(examples: int, steps: int, first: int, seconds: float) -> None:
    """Try them, and say how many there were."""
    persistence.MIN_PASSAGES = PASSAGES  # type: ignore[misc]
    reader.MAX_LOG_BYTES = LOG_BYTES
    chosen = settings(
        max_examples=AT_A_TIME,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    started, number = time.monotonic(), first
    while Counted.tried < examples and time.monotonic() - started < seconds:
        try:
            run_state_machine_as_test(seed(number)(Counted), settings=chosen)
        except (Exception, HypothesisException) as error:
            click.echo(f"seed {number}: {error!r}\n" + "\n".join(getattr(error, "__notes__", [])))
            sys.exit(1)
        click.echo(f"{Counted.tried} orders in {time.monotonic() - started:.0f} s, none is wrong")
        number += 1


if __name__ == "__main__":
    main()
