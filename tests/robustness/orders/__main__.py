"""Try the service in thousands of orders in which requests and its own steps may come.

    python -m tests.robustness.orders [--orders 2000] [--steps 30] [--seed 1] [--seconds 36000]

An order is a new service on a new data folder, and up to so many steps. Up to four things are
under way at a time: uploads, replacements, deletions, erasures, moves, revocations, questions and
downloads, the steps of the server's threads, indexing, a change of model, and copies. Each is
stopped between any two transactions, and between reads. Copies are restored, servers restarted, and
the disk is filled, where one may be mounted. After each step what HTTP says and the bytes on the
disk must agree with a model of what must be gone, and in every way of asking at the end. It prints
the first order that does not, as short as it can be made, and exits with 1.
"""

from __future__ import annotations

import gc
import logging
import sys
import time
from typing import Any, ClassVar, Final

import click
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import HypothesisException
from hypothesis.stateful import run_state_machine_as_test

from tests.robustness.orders.machine import Orders
from tests.robustness.orders.stepping import stepped

AT_A_TIME: Final = 20
"""Orders that are tried with one seed; after them it says how many there were."""


class Counted(Orders):
    """Counts the orders that were tried, and the points at which something was stopped."""

    tried: ClassVar[int] = 0
    steps: ClassVar[int] = 0
    points: ClassVar[int] = 0

    def check_invariants(self, *arguments: Any, **named: Any) -> None:
        """Count a step."""
        Counted.steps += 1
        super().check_invariants(*arguments, **named)

    def teardown(self) -> None:
        """Hold the end against the model, and stop the server."""
        Counted.tried += 1
        try:
            super().teardown()
        finally:
            Counted.points += self._running.turns.points


@click.command(help=__doc__)
@click.option("--orders", default=2000, show_default=True)
@click.option("--steps", default=30, show_default=True)
@click.option("--seed", "first", default=1, show_default=True)
@click.option("--seconds", default=36_000.0, help="After which nothing new is begun.")
@click.option("--shrink/--no-shrink", default=True, help="Whether a wrong order is made short.")
def main(orders: int, steps: int, first: int, seconds: float, shrink: bool) -> None:
    """Try them, and say how many there were."""
    logging.disable(logging.CRITICAL)
    gc.collect()
    gc.freeze()  # a server at its end looks for garbage in all that there is
    chosen = settings(
        max_examples=AT_A_TIME,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    started, number = time.monotonic(), first
    with stepped():
        while Counted.tried < orders and time.monotonic() - started < seconds:
            try:
                run_state_machine_as_test(seed(number)(Counted), settings=chosen)
            except (Exception, HypothesisException) as error:
                notes = "\n".join(getattr(error, "__notes__", []))
                click.echo(f"seed {number}: {error!r}\n{notes}\nafter {_counted(started)}")
                sys.exit(1)
            click.echo(f"{_counted(started)}, none is wrong")
            number += 1


def _counted(started: float) -> str:
    return (
        f"{Counted.tried} orders of {Counted.steps} steps, stopped at {Counted.points} points, in "
        f"{time.monotonic() - started:.0f} s"
    )


if __name__ == "__main__":
    main()
