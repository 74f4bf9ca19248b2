"""What an evaluation says: figures overall, by language and by pair, as values and as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

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


def report(judged: Sequence[Judged]) -> Report:
    """Return the figures over judged questions."""
    whole = [one.whole for one in judged if one.whole]
    lookup = [case for one in judged for case in one.lookup]
    firsts = [one.first_language == one.question.language for one in judged if one.first_language]
    return Report(
        questions=len(judged),
        overall=_figures(whole),
        by_question_language=_grouped(whole, lambda case: case.question_language),
        same_language=_figures([case for case in lookup if case.same_language]),
        cross_language=_figures([case for case in lookup if not case.same_language]),
        by_pair=_grouped(lookup, lambda case: f"{case.question_language}-{case.document_language}"),
        own_language_first=fmean(firsts) if firsts else None,
        unanswerable=_unanswerable(judged),
    )


def table(result: Report) -> str:
    """Return the report as lines of text, for people."""
    lines = [f"{'':<22}{'cases':>6}  {'s@1':>6}{'s@5':>6}{'r@10':>6}{'MRR':>6}{'nDCG':>6}"]
    rows: list[tuple[str, Figures | None]] = [
        ("overall", result.overall),
        *((f"  asked in {name}", value) for name, value in result.by_question_language.items()),
        ("same language", result.same_language),
        ("cross-language", result.cross_language),
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
        f"{name:<22}{value.cases:>6}  {value.success_at_1:>6.3f}{value.success_at_5:>6.3f}"
        f"{value.recall_at_10:>6.3f}{value.mrr_at_10:>6.3f}{value.ndcg_at_10:>6.3f}"
    )


def _figures(cases: Sequence[Case]) -> Figures | None:
    return figures(cases) if cases else None


def _grouped(cases: Iterable[Case], key: Callable[[Case], str]) -> dict[str, Figures]:
    groups: defaultdict[str, list[Case]] = defaultdict(list)
    for case in cases:
        groups[key(case)].append(case)
    return {name: figures(group) for name, group in sorted(groups.items())}


def _unanswerable(judged: Sequence[Judged]) -> Unanswerable | None:
    negative = [one for one in judged if not one.question.relevant]
    positive = [one for one in judged if one.question.relevant]
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
