"""What an evaluation says: figures overall, by language and by pair, as values and as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from qa.evaluation.bootstrap import Interval
from qa.evaluation.metrics import Case, Figures, auroc, figures
from qa.evaluation.run import Judged


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """How questions that the collection does not answer were told from the others."""

    questions: int
    abstention_rate: float
    """Share of them that nothing was said to answer."""
    false_abstention_rate: float | None
    """Share of the answerable questions that nothing was said to answer."""
    auroc: float | None
    """Of the confidence, answerable against unanswerable; None without answerable ones."""


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one evaluation. A part without cases is None or empty."""

    questions: int
    """A question counts once for each pool it was asked of."""
    overall: Figures | None
    """Any relevant document counts."""
    by_question_language: dict[str, Figures]
    same_language: Figures | None
    """Each relevant document in the question's language, judged without the others."""
    cross_language: Figures | None
    """Each relevant document in another language, judged without the others."""
    by_pair: dict[str, Figures]
    """The same by "question language-document language"."""
    own_language_first: float | None
    """Share of first passages that are in the question's language."""
    unanswerable: Unanswerable | None


OVERALL, SAME, CROSS = "overall", "same language", "cross-language"
_ASKED = "asked in "


def groups(judged: Sequence[Judged]) -> dict[str, list[Case]]:
    """Return the cases that the report has figures of, by its names for them.

    The languages of questions come as "asked in fr", the pairs as "fr-nl".
    """
    found: defaultdict[str, list[Case]] = defaultdict(list)
    for one in judged:
        if one.whole:
            found[OVERALL].append(one.whole)
            found[_ASKED + one.language].append(one.whole)
        for case in one.lookup:
            found[SAME if case.same_language else CROSS].append(case)
            found[f"{case.question_language}-{case.document_language}"].append(case)
    fixed = [name for name in (OVERALL, SAME, CROSS) if name in found]
    return {name: found[name] for name in [*fixed, *sorted(found.keys() - set(fixed))]}


def report(judged: Sequence[Judged]) -> Report:
    """Return the figures over judged questions."""
    found = {name: figures(cases) for name, cases in groups(judged).items()}
    firsts = [one.first_language == one.language for one in judged if one.first_language]
    return Report(
        questions=len(judged),
        overall=found.pop(OVERALL, None),
        same_language=found.pop(SAME, None),
        cross_language=found.pop(CROSS, None),
        by_question_language={
            name.removeprefix(_ASKED): value
            for name, value in found.items()
            if name.startswith(_ASKED)
        },
        by_pair={name: value for name, value in found.items() if not name.startswith(_ASKED)},
        own_language_first=fmean(firsts) if firsts else None,
        unanswerable=_unanswerable(judged),
    )


def table(result: Report) -> str:
    """Return the report as lines of text, for people."""
    lines = [
        f"{'':<22}{'cases':>6}  {'s@1':>6} {'(95 %)':<13}{'s@5':>6} {'(95 %)':<13}"
        f"{'r@10':>6}{'MRR':>6}{'nDCG':>6}"
    ]
    rows: list[tuple[str, Figures | None]] = [
        (OVERALL, result.overall),
        *((f"  {_ASKED}{name}", value) for name, value in result.by_question_language.items()),
        (SAME, result.same_language),
        (CROSS, result.cross_language),
        *((f"  {name}", value) for name, value in result.by_pair.items()),
    ]
    lines += [_row(name, value) for name, value in rows if value]
    lines.append("")
    if result.own_language_first is not None:
        lines.append(f"first passage in the question's language: {result.own_language_first:.1%}")
    if (none := result.unanswerable) is not None:
        lines.append(
            f"unanswerable questions: {none.questions}, of which abstained "
            f"{none.abstention_rate:.1%}"
        )
        if none.auroc is not None:
            lines.append(
                f"answerable questions abstained from: {none.false_abstention_rate:.1%}; "
                f"AUROC of the confidence: {none.auroc:.3f}"
            )
    return "\n".join(lines).rstrip()


def _row(name: str, value: Figures) -> str:
    return (
        f"{name:<22}{value.cases:>6}  "
        f"{value.success_at_1:>6.3f} {_shown(value.intervals['success_at_1']):<13}"
        f"{value.success_at_5:>6.3f} {_shown(value.intervals['success_at_5']):<13}"
        f"{value.recall_at_10:>6.3f}{value.mrr_at_10:>6.3f}{value.ndcg_at_10:>6.3f}"
    )


def _shown(found: Interval) -> str:
    return f"{found.low:.3f}-{found.high:.3f}"


def _unanswerable(judged: Sequence[Judged]) -> Unanswerable | None:
    negative = [one for one in judged if not one.answerable]
    positive = [one for one in judged if one.answerable]
    if not negative:
        return None
    return Unanswerable(
        questions=len(negative),
        abstention_rate=fmean(not one.answered for one in negative),
        false_abstention_rate=fmean(not one.answered for one in positive) if positive else None,
        auroc=auroc([one.confidence for one in positive], [one.confidence for one in negative])
        if positive
        else None,
    )
