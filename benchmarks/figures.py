"""The figures in README and docs, taken from the newest result files.

    python -m benchmarks.figures [--check]

fills the text between ``<!-- figures: NAME -->`` and ``<!-- end -->`` with what the block NAME
below makes of ``benchmarks/results/KIND-DATE.json``. With ``--check`` nothing is written: the
pages whose figures differ are named, and the exit status is 1.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"

_BLOCK = re.compile(r"(<!-- figures: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

SETS = ("debian_faq", "coronamelder")
PUBLISHED, PLAIN = "bundled:plain", "plain"
"""The default model before its languages were aligned, in a search without our ranking."""

STEPS = {
    "plain": "plain search: cosine of the passage's vector",
    "ranking": "all of the ranking without reading, each translation by itself",
    "no-titles": "without leaving out titles that documents share",
    "no-context": "without a share of the neighbouring passages",
    "no-typical": "without taking out what all questions share",
    "no-levels": "without score normalisation by a language's mean",
    "no-lead": "without the lead in the question's language",
    "no-sentences": "without the best sentence",
    "no-words": "without rare words as lexical evidence",
    "no-lexical": "without lexical evidence",
    "quick": "all of the ranking without reading, translations of a passage as one hit",
    "default": "as it ships: the same, and the first 20 passages are read",
}
"""What each setting of ``benchmarks.quality`` is."""


class MissingResults(Exception):
    """No result file holds what a block shows."""


def newest(kind: str, has: Callable[[dict[str, Any]], object] = bool) -> dict[str, Any]:
    """Return the newest results of a kind that hold what is wanted."""
    for path in sorted(RESULTS.glob(f"{kind}-20*.json"), reverse=True):
        results: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if has(results):
            return results
    raise MissingResults(f"No file {kind}-DATE.json in {RESULTS} holds the figures wanted.")


def quality() -> str:
    """How often the right passage is found, beside the model as published."""
    rows = []
    ours = newest("quality", lambda results: _found(results, SETS[0], "bundled", "default"))
    published = newest("quality", lambda results: _found(results, SETS[0], PUBLISHED, PLAIN))
    for results, model, setting, label in (
        (ours, "bundled", "default", "Passerelle"),
        (published, PUBLISHED, PLAIN, "the published model in a plain vector search"),
    ):
        for name in SETS:
            if figures := _found(results, name, model, setting):
                parts = ("same language", "cross-language", "overall")
                shown = [_at_1_and_5(figures[part]) for part in parts]
                rows.append([f"{name}: {label}", *shown])
    headings = ["first / among the first five", "same language", "another language", "all"]
    where = f"Measured on {ours['date']}"
    if published["date"] != ours["date"]:
        where += f", the plain search on {published['date']}"
    return "\n".join([*_table(headings, rows), "", f"{where}."])


def steps() -> str:
    """What each step of the ranking is worth: with all of them, and without one each."""
    results = newest("quality", lambda results: _found(results, SETS[0], "bundled", PLAIN))
    names = [name for name in results["settings"] if _found(results, SETS[0], "bundled", name)]
    rows = []
    for name in names:
        row = [STEPS.get(name, name)]
        for each in (*SETS, "sample"):
            figures = _found(results, each, "bundled", name)
            row.append(_at_1_and_5(figures["overall"]) if figures else "")
            if each != "sample":
                row.append(_at_1_and_5(figures["cross-language"]) if figures else "")
        rows.append(row)
    headings = [
        "ranking",
        *(heading for name in SETS for heading in (name, "another language")),
        "sample",
    ]
    return "\n".join([*_table(headings, rows), "", f"Measured on {results['date']}."])


def speed() -> str:
    """What an operator can expect of one machine."""
    results = newest("speed", lambda results: "questions" in results and "http" in results)
    machine, questions = results["machine"], results["questions"]
    ours, other = results["http"]["passerelle"], results["http"]["txtai"]
    few, many = (results[name] for name in ("growth-10k", "growth-1m"))
    clients = questions["clients"]
    most = max(clients, key=int)
    rows = [
        ["ingest", f"{results['ingest']['texts_per_second']:.0f} texts a second"],
        [
            "one question over HTTP",
            f"{questions['p50_ms']:.1f} ms (p50), {questions['p95_ms']:.1f} ms (p95)",
        ],
        [
            f"questions a second, 1 and {most} clients",
            f"{clients['1']['questions_per_second']:.0f}, "
            f"{clients[most]['questions_per_second']:.0f}",
        ],
        [
            "the same question to txtai",
            f"{other['clients']['1']['p50_ms'] / ours['clients']['1']['p50_ms']:.1f} times as long",
        ],
        ["`serve` is ready, cache warm", f"{results['starts']['serve_seconds']:.1f} s"],
        ["peak memory of the server", f"{questions['peak_mb']:,.0f} MB"],
        [
            f"search and ranking, {few['passages']:,} passages",
            f"{few['p50_ms']:.1f} ms, {few['memory_mb']:,.0f} MB",
        ],
        [
            f"search and ranking, {many['passages']:,} passages",
            f"{many['p50_ms']:.1f} ms, {many['memory_mb']:,.0f} MB",
        ],
    ]
    where = f"Measured on {questions['date']}, {machine['cores']} cores ({machine['cpu']})."
    return "\n".join([*_table([f"{questions['passages']:,} passages", ""], rows), "", where])


def load() -> str:
    """What a crowd and an ingest did to a server."""
    crowd = newest("load", lambda results: "crowd" in results)["crowd"]
    ingest = newest("load", lambda results: "ingest" in results)["ingest"]
    memory, growth = crowd["memory_mib_by_minute"], crowd["growth_mib_per_minute"]
    statuses = crowd["questions"]["by_status"]
    return _lines(
        f"For {crowd['minutes']:.0f} minutes a server was asked {crowd['asked_per_second']:.0f} "
        f"questions a second, twice its capacity before. {statuses['200']:,} were answered, "
        f"{statuses['503']:,} got 503, and "
        f"{_none(crowd['questions']['neither_answered_nor_503'])} got anything else.",
        f"Its memory, with that of the sandbox, was {memory[0][1]:,.0f} MiB at first and "
        f"{memory[-1][1]:,.0f} MiB at the end. In the last {growth['last_minutes']:.0f} minutes it "
        f"grew by {growth['slope']:.1f} MiB a minute.",
        f"A backup taken meanwhile gave the same answers to "
        f"{crowd['same_answers_from_the_backup']} questions.",
        f"While {ingest['documents']:,} documents were ingested, the median question took "
        f"{ingest['times_p50']:.1f} times as long as before.",
    )


def crashes() -> str:
    """What was killed, failed and damaged, and what came of it."""
    results = newest("crashes")
    kills, faults, rot = results["kills"], results["faults"], results["rot"]
    return _lines(
        f"{kills['trials']:,} kills at random moments, {kills['hit']:,} of them in the middle of "
        f"work: {_none(kills['wrong'])} left a wrong state.",
        f"{faults['trials']:,} writes, syncs and renames that were killed, cut short or failed: "
        f"{_none(faults['wrong'])} left a wrong state.",
        f"{rot['trials']:,} flipped bits and cut files, {rot['hit']:,} of them detected: "
        f"{_none(rot['wrong'])} changed an answer.",
    )


def faults() -> str:
    """What files that break their reader did to a server."""
    results = newest("faults")
    found = results["next_document_found_seconds"]
    same = "stayed up" if results["same_server"] else "had to be restarted"
    return _lines(
        f"{results['faults']} faults: the server {same}, and {_none(results['failed_questions'])} "
        f"of {results['questions']} questions asked meanwhile failed.",
        "The process that read the file was gone "
        f"{results['gone_seconds_at_most']:.3f} s after the refusal at most.",
        f"The next document could be found after {found['median']:.1f} s (median), "
        f"{found['most']:.1f} s at most.",
        "When the server itself was killed, all its processes were gone "
        f"{results['gone_seconds_after_the_server_was_killed']:.1f} s later.",
    )


def sandbox() -> str:
    """What reading in a process of its own costs."""
    rounds = newest("apart")["rounds"]
    apart, here = (sorted(all_s for _, all_s in rounds[where]) for where in ("apart", "here"))
    return _lines(
        f"Ingest of the sample corpus, median of {len(apart)} runs: {_middle(apart):.1f} s with "
        f"the sandbox ({apart[0]:.1f} to {apart[-1]:.1f}), {_middle(here):.1f} s without it "
        f"({here[0]:.1f} to {here[-1]:.1f})."
    )


def hostile() -> str:
    """What broken files and files made to do harm came to."""
    mutations, bombs = newest("mutations"), newest("bombs")["bombs"]
    read = sum(bomb["outcome"] == "read" for bomb in bombs.values())
    unexplained = len(mutations["without_a_reason"])
    return _lines(
        f"{mutations['files']:,} broken files of every format: each was added, or refused with a "
        f"reason ({_none(unexplained)} without one).",
        f"{len(bombs)} files made to exhaust the server: {len(bombs) - read} were refused, in "
        f"{max(bomb['seconds'] for bomb in bombs.values()):.1f} s and "
        f"{max(bomb['MiB'] for bomb in bombs.values()):.0f} MiB at most; {read} are harmless.",
    )


def fuzz() -> str:
    """What schemathesis tried."""
    results = newest("fuzz")
    cases = results["cases"].values()
    examples = results["examples"]
    fuzzed = sum(case.get("fuzzing", 0) >= examples for case in cases)
    return _lines(
        f"{sum(sum(case.values()) for case in cases):,} cases, {examples} and more of each of the "
        f"{fuzzed} operations that take input, and {results['sequences']} sequences of calls: "
        f"{_none(sum(results['failed_checks'].values()))} of the checks failed."
    )


def existence() -> str:
    """Whether the time of an answer tells what exists."""
    probes = newest("existence")["probes"]
    aucs = [probe["auc"] for probe in probes]
    apart = max(abs(probe["there_ms"] - probe["absent_ms"]) for probe in probes)
    return _lines(
        f"{len(probes)} routes, {probes[0]['calls']} pairs of calls each: "
        f"{_none(sum(probe['tells'] for probe in probes))} of the probes told the two apart.",
        f"What exists took longer in {100 * min(aucs):.1f} to {100 * max(aucs):.1f} % of pairs.",
        f"The least p of Mann and Whitney's test was {min(probe['p'] for probe in probes):.3f}, "
        f"where {0.01 / len(probes):.4f} is the bound for so many probes.",
        f"Medians differed by {apart:.1f} ms at most.",
    )


def office() -> str:
    """How much of office files, books and messages is read, beside other programs."""
    results = newest("office")
    rows = [
        [
            *_words_read(kind, found),
            f"{found['ms for 1,000 words']:.0f}",
            f"{found['MiB, most']:.0f}",
        ]
        for kind, found in results["kinds"].items()
    ]
    head = [*_WORDS_READ, "ms for 1,000 words", "MiB, most"]
    refused = [each for each in results["refusals"] if each["other_program"] == "reads it"]
    why = Counter(f"{each['kind']}: {each['reason']}" for each in refused)
    listed = ", ".join(f"{reason} ({number})" for reason, number in sorted(why.items()))
    end = _lines(f"Refused here and read by the other program: {listed or 'none'}.")
    return "\n".join([*_table(head, rows), "", end])


def printed() -> str:
    """How much of PDFs is read, beside pdftotext."""
    rows = [
        [*_words_read(kind, found), f"{found['columns crossed']}", f"{found['ms a page']:.1f}"]
        for kind, found in newest("reading")["kinds"].items()
    ]
    return "\n".join(_table([*_WORDS_READ, "columns crossed", "ms a page"], rows))


_WORDS_READ = ("", "files", "words", "found", "files under .995", "not there", "in order")


def _words_read(kind: str, found: Mapping[str, Any]) -> list[str]:
    """Return how the words of a kind of files are read, under ``_WORDS_READ``."""
    return [
        kind,
        f"{found['files']}",
        f"{found['words']:,}",
        f"{found['found']:.4f}",
        f"{found['files under .995']}",
        f"{found['not there']:,}",
        f"{found['order']:.4f}",
    ]


BLOCKS: dict[str, Callable[[], str]] = {
    function.__name__: function
    for function in (
        quality,
        steps,
        speed,
        load,
        crashes,
        faults,
        sandbox,
        hostile,
        fuzz,
        existence,
        office,
        printed,
    )
}


def pages() -> Iterator[Path]:
    """Yield the pages that may show figures."""
    yield ROOT / "README.md"
    yield from sorted((ROOT / "docs").glob("*.md"))


def filled(text: str) -> str:
    """Return a page with every block made anew.

    Raises:
        KeyError: a block's name is unknown.
    """
    return _BLOCK.sub(lambda match: f"{match[1]}{BLOCKS[match[2]]()}\n{match[3]}", text)


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a page is out of date.")
def main(check: bool) -> None:
    """Fill in the figures of README and docs from the newest results."""
    stale = [path for path in pages() if filled(path.read_text("utf-8")) != path.read_text("utf-8")]
    for path in stale:
        if check:
            click.echo(
                f"{path.relative_to(ROOT)} is out of date. Run `python -m benchmarks.figures`."
            )
        else:
            path.write_text(filled(path.read_text("utf-8")), "utf-8")
            click.echo(f"{path.relative_to(ROOT)} is up to date.")
    sys.exit(1 if check and stale else 0)


def _found(results: dict[str, Any], name: str, model: str, setting: str) -> dict[str, Any] | None:
    """Return the figures of a set whose documents were scattered over the languages."""
    wanted = (name, model, setting, "scattered")
    for result in results["results"]:
        if (result["set"], result["model"], result["setting"], result["pool"]) == wanted:
            figures: dict[str, Any] = result["figures"]
            return figures
    return None


def _at_1_and_5(figures: dict[str, Any]) -> str:
    return " / ".join(_share(figures[name][0]) for name in ("success_at_1", "success_at_5"))


def _share(value: float) -> str:
    return f"{value:.2f}"


def _none(count: int) -> str:
    return f"{count:,}" if count else "none"


def _middle(values: Sequence[float]) -> float:
    return values[len(values) // 2]


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [headings, ["---"] * len(headings), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def _lines(*sentences: str) -> str:
    """Return sentences as a list, wrapped."""
    return "\n".join(
        textwrap.fill(sentence, 100, initial_indent="- ", subsequent_indent="  ")
        for sentence in sentences
    )


if __name__ == "__main__":
    main()
