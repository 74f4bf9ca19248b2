"""Two runs of one question file, question by question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from qa.evaluation.bootstrap import Interval, interval
from qa.evaluation.metrics import MEASURES, Case, measured
from qa.evaluation.report import groups
from qa.evaluation.run import Judged


@dataclass(frozen=True, slots=True)
class Difference:
    """How a measure changed from one run to another, over the cases that both judged."""

    cases: int
    before: float
    after: float
    interval: Interval
    """Of after - before, the questions resampled; without 0 in it, the change is not chance."""
    better: int
    """Cases in which the measure rose."""
    worse: int

    @property
    def change(self) -> float:
        """Return after - before."""
        return self.after - self.before


Comparison = dict[str, dict[str, Difference]]
"""Differences by group of cases, as in the report, and by measure."""


def compare(before: Sequence[Judged], after: Sequence[Judged]) -> Comparison:
    """Return what changed, paired; cases that only one run has are left out."""
    earlier, later = groups(before), groups(after)
    found = {}
    for name in earlier.keys() & later.keys():
        pairs = _paired(earlier[name], later[name])
        if pairs:
            found[name] = _differences(pairs)
    return {name: found[name] for name in earlier if name in found}


def comparison_table(result: Comparison) -> str:
    """Return the comparison as lines of text, for people."""
    lines = [f"{'':<22}{'cases':>6}  {'before':>7}{'after':>7}{'change':>8}   95 % interval    +/-"]
    for measure in ("success_at_1", "success_at_5"):
        lines.append(measure.replace("_at_", "@"))
        lines += [_row(name, differences[measure]) for name, differences in result.items()]
    return "\n".join(lines)


def _row(name: str, found: Difference) -> str:
    low, high = found.interval
    return (
        f"  {name:<20}{found.cases:>6}  {found.before:>7.3f}{found.after:>7.3f}"
        f"{found.change:>+8.3f}   {low:+.3f} to {high:+.3f}  {found.better}/{found.worse}"
    )


def _paired(before: Iterable[Case], after: Iterable[Case]) -> list[tuple[Case, Case]]:
    by_key = {_key(case): case for case in before}
    return [(by_key[_key(case)], case) for case in after if _key(case) in by_key]


def _key(case: Case) -> tuple[str, str, str | None]:
    return case.pool, case.question, case.document


def _differences(pairs: Sequence[tuple[Case, Case]]) -> dict[str, Difference]:
    before = measured([case for case, _ in pairs])
    after = measured([case for _, case in pairs])
    changes = after - before
    intervals = interval(changes, [case.question for case, _ in pairs])
    return {
        measure: Difference(
            cases=len(pairs),
            before=float(before[:, column].mean()),
            after=float(after[:, column].mean()),
            interval=intervals[column],
            better=int(np.sum(changes[:, column] > 0)),
            worse=int(np.sum(changes[:, column] < 0)),
        )
        for column, measure in enumerate(MEASURES)
    }
