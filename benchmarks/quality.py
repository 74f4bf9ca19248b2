"""How well passages are found: every set, any model, any setting, side by side.

    python -m benchmarks.quality --sets FOLDER... [--model NAME]... [--setting NAME]...

A set is a folder with ``docs/LANGUAGE/*`` and ``questions.jsonl``; the project's own sample is
always among them. Vectors are kept in ``--cache``, so a set is encoded once for each model. What
comes out is a dated JSON and a table in ``--out``: whole pool, look-up, scattered over three
seeds, and each language alone, with 95 % intervals, and every model and setting
compared with the first, question by question.
"""

from __future__ import annotations

import json
import os
import platform
import re
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from index.encoders.background_texts import load_background
from index.encoders.loading import load_encoder
from index.encoders.protocol import ByToken, Encoder, ModelIdentity, Vectors
from index.encoders.variants import DEFAULT_MODEL
from index.settings import ModelSettings
from index.snapshot_builder import load_snapshot
from index.vectors.neighbour_smoothing import CONTEXT_SHARE
from qa.config import RankingConfig, TranslationConfig
from qa.evaluation.metrics import Figures, figures
from qa.evaluation.pools import ALONE, WHOLE, Pool
from qa.evaluation.question_sets import QuestionSet, ensure_index, read_set
from qa.evaluation.report import CROSS, OVERALL, SAME, groups
from qa.evaluation.run import Judged, evaluate
from qa.evaluation.significance import Difference, compare
from qa.reading.reader import load_reader
from qa.search.searcher import Search

POOLS: dict[str, tuple[Pool, ...]] = {
    "whole": (WHOLE,),
    "scattered": (Pool(1), Pool(2), Pool(3)),
    "alone": (ALONE,),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A way of ranking."""

    ranking: RankingConfig
    context: float = CONTEXT_SHARE
    whole: bool = False
    """Whether passages keep a title that several documents have."""
    translation: TranslationConfig | None = None
    read: bool = False
    """Whether the first passages are read (``effort: thorough``)."""


NO_PRIOR = 1e9
"""As good as endless: every partition is measured against the mean of all."""

PLAIN = RankingConfig(sentence_weight=0, typical_share=0, level_prior=NO_PRIOR, own_lead=0, exact=0)

SETTINGS = {
    "plain": Setting(PLAIN, context=0, whole=True),
    "ranking": Setting(RankingConfig()),
    "no-titles": Setting(RankingConfig(), whole=True),
    "no-context": Setting(RankingConfig(), context=0),
    "no-typical": Setting(RankingConfig(typical_share=0)),
    "no-levels": Setting(RankingConfig(level_prior=NO_PRIOR)),
    "no-lead": Setting(RankingConfig(own_lead=0)),
    "no-sentences": Setting(RankingConfig(sentence_weight=0)),
    "no-words": Setting(RankingConfig(rare_words=0)),
    "no-lexical": Setting(RankingConfig(exact=0)),
    "quick": Setting(RankingConfig(), translation=TranslationConfig()),
    "default": Setting(RankingConfig(), translation=TranslationConfig(), read=True),
}
"""``plain`` is what any vector index does: the passages' cosines, and nothing else. ``ranking`` is
all steps but the translations, which ``quick`` has; the others leave out one step of it each.
``default`` reads as well."""

SAMPLE = Path(__file__).parents[1] / "corpus" / "sample"
_PAIR = re.compile(r"[a-z]{2,3}-[a-z]{2,3}")
SHOWN = ("success_at_1", "success_at_5")


@dataclass(frozen=True, slots=True)
class Result:
    """What one model with one setting found in one set, asked in one way."""

    set: str
    model: str
    setting: str
    pool: str
    judged: list[Judged]


class Remembering:
    """An encoder that encodes a question once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._questions: dict[str, ByToken] = {}

    @property
    def identity(self) -> ModelIdentity:
        return self._encoder.identity

    @property
    def engine(self) -> str:
        return self._encoder.engine

    @property
    def dimension(self) -> int:
        return self._encoder.dimension

    def questions(self, texts: Sequence[str]) -> Vectors:
        return self.questions_by_token(texts).vectors

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.passages(texts)

    def questions_by_token(self, texts: Sequence[str]) -> ByToken:
        new = list(dict.fromkeys(text for text in texts if text not in self._questions))
        vectors, states = self._encoder.questions_by_token(new)
        for at, text in enumerate(new):
            self._questions[text] = ByToken(vectors[at : at + 1], states[at : at + 1])
        found = [self._questions[text] for text in texts]
        return ByToken(
            np.concatenate([each.vectors for each in found]),
            tuple(each.states[0] for each in found),
        )

    def passages_by_token(self, texts: Sequence[str]) -> ByToken:
        return self._encoder.passages_by_token(texts)


def results(
    sets: Sequence[QuestionSet], models: Sequence[str], settings: Sequence[str], cache: Path
) -> Iterator[Result]:
    """Return every result, set by set, the first model and setting first."""
    for one in sets:
        for model in models:
            encoder = load_encoder(model, ModelSettings().cache)
            data = ensure_index(one, encoder, cache)
            remembering = Remembering(encoder)
            reader = load_reader(encoder.identity)
            neutral = load_background(encoder, ModelSettings().cache)
            for name in settings:
                setting = SETTINGS[name]
                search = Search(remembering, neutral, setting.ranking)
                folder = with_titles(data) if setting.whole else data
                snapshot = load_snapshot(folder, encoder.identity, setting.context)
                for way, pools in POOLS.items():
                    judged = evaluate(
                        snapshot,
                        search,
                        one.questions,
                        reader=reader if setting.read else None,
                        pools=pools,
                        translation=setting.translation,
                    )
                    yield Result(one.name, model, name, way, judged)
                snapshot.view.close()


def with_titles(data: Path) -> Path:
    """Return a copy of a set's data folder in which common titles are left in, made if needed."""
    copy = data.with_name(f"{data.name}-titles")
    if not copy.exists():
        copy.mkdir()
        with (
            closing(sqlite3.connect(data / "catalogue.sqlite")) as source,
            closing(sqlite3.connect(copy / "catalogue.sqlite")) as target,
        ):
            source.backup(target)
            target.execute("UPDATE passages SET bare_text_id = NULL")
            target.commit()
    return copy


def summary(found: Sequence[Result]) -> list[dict[str, Any]]:
    """Return each result's figures, and its differences from its set's first."""
    firsts: dict[tuple[str, str], Result] = {}
    rows = []
    for result in found:
        first = firsts.setdefault((result.set, result.pool), result)
        by_group = groups(result.judged)
        changes = compare(first.judged, result.judged) if first is not result else {}
        rows.append(
            {
                "set": result.set,
                "model": result.model,
                "setting": result.setting,
                "pool": result.pool,
                "figures": {
                    name: _short(figures(cases)) for name, cases in by_group.items() if cases
                },
                "change": {
                    name: {measure: _change(of[measure]) for measure in SHOWN}
                    for name, of in changes.items()
                },
            }
        )
    return rows


def _short(of: Figures) -> dict[str, Any]:
    return {"cases": of.cases} | {
        measure: [round(value, 4) for value in (getattr(of, measure), *of.intervals[measure])]
        for measure in SHOWN
    }


def _change(of: Difference) -> list[float]:
    return [round(value, 4) for value in (of.change, *of.interval)]


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the main figures as a Markdown table: success@1 / success@5 and their intervals."""
    lines = [
        "| set | asked | model | setting | overall | same language | across languages |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [_cell(row["figures"].get(name)) for name in (OVERALL, SAME, CROSS)]
        lines.append(
            f"| {row['set']} | {row['pool']} | {row['model']} | {row['setting']} | "
            + " | ".join(cells)
            + " |"
        )
    return "\n".join(lines)


def changes(rows: Sequence[dict[str, Any]]) -> str:
    """Return the differences from each set's first model and setting as a Markdown table."""
    lines = [
        "| set | asked | model | setting | overall @1 | @5 | same language @1 | across @1 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    shown = [(OVERALL, 0), (OVERALL, 1), (SAME, 0), (CROSS, 0)]
    for row in rows:
        if row["change"]:
            cells = [_change_cell(row["change"].get(name), SHOWN[at]) for name, at in shown]
            names = [row[name] for name in ("set", "pool", "model", "setting")]
            lines.append(f"| {' | '.join([*names, *cells])} |")
    return "\n".join(lines)


def _change_cell(of: dict[str, list[float]] | None, measure: str) -> str:
    if of is None:
        return ""
    change, low, high = of[measure]
    return f"{change:+.3f} ({low:+.3f} to {high:+.3f})"


def pairs(rows: Sequence[dict[str, Any]]) -> str:
    """Return, for each set, look-up success@5 of each pair: the last model's and the first's."""
    parts = []
    for name in dict.fromkeys(row["set"] for row in rows):
        asked = [row for row in rows if row["set"] == name and row["pool"] == "whole"]
        first, last = asked[0]["figures"], asked[-1]["figures"]
        found = [tuple(pair.split("-")) for pair in last if _PAIR.fullmatch(pair)]
        columns = sorted({pair[-1] for pair in found})
        parts.append(f"\n**{name}**: asked in (row), answered in (column)\n")
        parts.append("| |" + "|".join(columns) + "|")
        parts.append("|---" * (len(columns) + 1) + "|")
        for question in sorted({pair[0] for pair in found}):
            cells = [_pair_cell(first, last, f"{question}-{column}") for column in columns]
            parts.append(f"| {question} | " + " | ".join(cells) + " |")
    return "\n".join(parts)


def _pair_cell(first: dict[str, Any], last: dict[str, Any], pair: str) -> str:
    if pair not in last:
        return ""
    return f"{last[pair]['success_at_5'][0]:.2f} ({first[pair]['success_at_5'][0]:.2f})"


def _cell(of: dict[str, Any] | None) -> str:
    if of is None:
        return ""
    first, fifth = of["success_at_1"], of["success_at_5"]
    return (
        f"{first[0]:.3f} / {fifth[0]:.3f} "
        f"({first[1]:.3f}-{first[2]:.3f} / {fifth[1]:.3f}-{fifth[2]:.3f})"
    )


def _circumstances() -> dict[str, Any]:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=SAMPLE,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit.stdout.strip() or None,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--sets", "folders", multiple=True, type=click.Path(exists=True, path_type=Path))
@click.option("--model", "models", multiple=True, default=("bundled:plain", DEFAULT_MODEL))
@click.option(
    "--setting", "settings", multiple=True, type=click.Choice(list(SETTINGS)), default=["plain"]
)
@click.option("--cache", type=click.Path(path_type=Path), default=Path(".cache/quality"))
@click.option("--out", type=click.Path(path_type=Path), default=Path(__file__).parent / "results")
def main(
    folders: tuple[Path, ...],
    models: tuple[str, ...],
    settings: tuple[str, ...],
    cache: Path,
    out: Path,
) -> None:
    sets = [read_set(folder) for folder in (SAMPLE, *folders)]
    found = list(results(sets, models, settings, cache))
    rows = summary(found)
    circumstances = _circumstances()
    out.mkdir(parents=True, exist_ok=True)
    name = out / f"quality-{circumstances['date']}"
    content = circumstances | {
        "settings": {setting: asdict(SETTINGS[setting]) for setting in settings},
        "results": rows,
    }
    name.with_suffix(".json").write_text(_compact(content) + "\n", "utf-8")
    name.with_suffix(".md").write_text(
        f"{table(rows)}\n\n{changes(rows)}\n{pairs(rows)}\n", "utf-8"
    )
    click.echo(table(rows))


def _compact(content: dict[str, Any]) -> str:
    """Return JSON with a result a line."""
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in content["results"])
    head = json.dumps({**content, "results": []}, ensure_ascii=False, indent=1)
    return head.replace('"results": []', f'"results": [\n{rows}\n]')


if __name__ == "__main__":
    main()
