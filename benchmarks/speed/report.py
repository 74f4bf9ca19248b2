"""The figures as a table and as two drawings for the documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

NAMES = {
    "passerelle": "Passerelle",
    "txtai": "txtai",
    "haystack": "Haystack",
    "llamaindex": "LlamaIndex",
    "chroma": "Chroma",
}

WIDTH, LABEL, ROW, BAR = 640, 170, 26, 16


class Bar(NamedTuple):
    """A row of a drawing."""

    label: str
    value: float
    is_ours: bool


def write(figures: Path) -> None:
    """Write ``figures``' table beside it, as Markdown."""
    results: dict[str, Any] = json.loads(figures.read_text("utf-8"))
    figures.with_suffix(".md").write_text("\n".join(_table(results)) + "\n", "utf-8")


def draw(figures: Path, folder: Path) -> None:
    """Write the drawings of what other tools and more passages do into ``folder``."""
    results: dict[str, Any] = json.loads(figures.read_text("utf-8"))
    if http := results.get("http"):
        bars = [
            Bar(
                f"{NAMES[name]}, {clients} client{'s' if clients != '1' else ''}",
                figure["questions_per_second"],
                name == "passerelle",
            )
            for clients in http["passerelle"]["clients"]
            for name in ("passerelle", "txtai")
            for figure in [http[name]["clients"][clients]]
        ]
        title = "Questions answered a second, over HTTP"
        (folder / "speed-throughput.svg").write_text(drawing(title, bars), "utf-8")
    growth = _growth(results)
    if growth:
        bars = [Bar(f"{each['passages']:,} passages", each["p50_ms"], True) for each in growth]
        title = "Search and ranking, median in ms"
        (folder / "speed-growth.svg").write_text(drawing(title, bars), "utf-8")


def drawing(title: str, bars: Sequence[Bar]) -> str:
    """Return horizontal bars from 0, each with its value, as SVG."""
    most = max(bar.value for bar in bars)
    height = ROW * (len(bars) + 1) + 10
    rows = "".join(
        f'<text x="{LABEL - 8}" y="{y + 12}" text-anchor="end">{escape(bar.label)}</text>'
        f'<rect x="{LABEL}" y="{y}" width="{length:.1f}" height="{BAR}"'
        f' fill="{"#1f6f5c" if bar.is_ours else "#9aa5a1"}"/>'
        f'<text x="{LABEL + length + 6:.1f}" y="{y + 12}">{bar.value:,.3g}</text>'
        for number, bar in enumerate(bars, 1)
        for y, length in [(ROW * number + 4, (WIDTH - LABEL - 60) * bar.value / most)]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' font-family="sans-serif" font-size="13"><title>{escape(title)}</title>'
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
        f'<text x="8" y="18" font-weight="bold">{escape(title)}</text>{rows}</svg>\n'
    )


def _table(results: Mapping[str, Any]) -> Iterator[str]:
    machine = results["machine"]
    yield f"# Speed, on {machine['cores']} cores ({machine['cpu']}), Python {machine['python']}"
    yield ""
    yield "| what | measured |"
    yield "|---|---|"
    for name, value in _lines(results):
        yield f"| {name} | {value} |"
    if "http" in results:
        passages = results["http"]["passerelle"]["passages"]
        yield from ("", f"Over HTTP, the same {passages:,} passages, questions and model:", "")
        yield "| | 1 client, p50 / p95 ms | 1, 8, 32 clients, questions/s | start s | peak MB |"
        yield "|---|---|---|---|---|"
        for name in ("passerelle", "txtai"):
            each = results["http"][name]
            alone = each["clients"]["1"]
            rates = [f"{one['questions_per_second']:.0f}" for one in each["clients"].values()]
            yield (
                f"| {NAMES[name]} | {alone['p50_ms']:.1f} / {alone['p95_ms']:.1f} |"
                f" {', '.join(rates)} | {each['start_seconds']:.1f} | {each['peak_mb']:.0f} |"
            )
    tools = [name for name in NAMES if name in results or (name == "passerelle")]
    if len(tools) > 1:
        yield from ("", "Inside one process, the others as their documentation begins:", "")
        yield "| | success@1 / @5 | one question, p50 / p95 ms | passages/s | peak MB |"
        yield "|---|---|---|---|---|"
        for name in tools:
            if name == "passerelle":
                each = results.get("http", {}).get("passerelle")
                if each:
                    yield f"| {NAMES[name]} | {_success(each)} | | | |"
                continue
            each = results[name]
            yield (
                f"| {NAMES[name]} {each['version']} | {_success(each)} |"
                f" {each['p50_ms']:.1f} / {each['p95_ms']:.1f} |"
                f" {each['passages_per_second']:.1f} | {each['peak_mb']:.0f} |"
            )
    if growth := _growth(results):
        yield from ("", "As the collection grows, without encoding:", "")
        yield (
            "| passages | search and ranking, p50 / p95 ms | recall@10 | open s |"
            " memory MB | one more document found after s |"
        )
        yield "|---|---|---|---|---|---|"
        for each in growth:
            yield (
                f"| {each['passages']:,} | {each['p50_ms']:.1f} / {each['p95_ms']:.1f} |"
                f" {each['recall_at_10']:.3f} | {each['open_seconds']:.1f} |"
                f" {each['memory_mb']:.0f} | {each['visible_seconds']:.2f} |"
            )
        yield from ("", "One language's passages, beside a product with every vector:", "")
        yield "| passages | index | p50 ms | every vector, p50 ms | recall@10 |"
        yield "|---|---|---|---|---|"
        partitions = [part for each in growth for part in each["partitions"].values()]
        for part in sorted(partitions, key=lambda part: int(part["passages"])):
            yield (
                f"| {part['passages']:,} | {' + '.join(part['indexes'])} | {part['p50_ms']:.2f} |"
                f" {part['exact_p50_ms']:.2f} | {part['recall_at_10']:.3f} |"
            )


def _success(figures: Mapping[str, Any]) -> str:
    return f"{figures['success_at_1']:.3f} / {figures['success_at_5']:.3f}"


def _growth(results: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    named = [each for name, each in results.items() if name.startswith("growth")]
    return sorted(named, key=lambda each: int(each["passages"]))


def _lines(results: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if each := results.get("ingest"):
        yield (
            f"ingest of {each['passages']:,} passages ({each['texts']:,} texts)",
            f"{each['texts_per_second']:.1f} texts/s, "
            f"{each['cpu_seconds_per_1000_texts']:.1f} CPU s per 1,000, {each['peak_mb']:.0f} MB",
        )
    if each := results.get("encoders"):
        ours = each["compiled_texts_per_second"]
        theirs = each["sentence_transformers_texts_per_second"]
        yield "compiled model alone", f"{ours:.1f} texts/s"
        yield "`SentenceTransformer.encode`, batches of 32", f"{theirs:.1f} texts/s"
    if each := results.get("questions"):
        yield (
            f"one question over HTTP, {each['passages']:,} passages",
            f"p50 {each['p50_ms']:.1f} ms, p95 {each['p95_ms']:.1f} ms, "
            f"{each['p50_ms'] / each['forward_ms']:.2f} times the model's own "
            f"{each['forward_ms']:.1f} ms",
        )
        rates = [
            f"{one['questions_per_second']:.0f} by {clients}"
            for clients, one in each["clients"].items()
        ]
        yield "questions a second, by clients", ", ".join(rates)
        yield "peak memory of the server", f"{each['peak_mb']:.0f} MB"
    if each := results.get("starts"):
        yield "`serve` ready, cache warm", f"{each['serve_seconds']:.2f} s"
        yield "`ask` on the command line", f"{each['ask_seconds']:.2f} s"
