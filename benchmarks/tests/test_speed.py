"""What the measurements of speed are made of, and what becomes of their figures."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from benchmarks.speed import material, report
from benchmarks.speed.running import Load

PARAGRAPHS = [
    {
        "source": "help",
        "id": "draw/lines.html#one",
        "texts": {
            "de": "Linien werden mit der Maus gezogen. Sie haben zwei Enden.",
            "en": "Lines are drawn with the mouse.  They have two ends.",
            "it": "Le linee si disegnano con il mouse. Hanno due estremità.",
        },
    },
    {
        "source": "help",
        "id": "draw/lines.html#two",
        "texts": {"en": "A line has a width.", "es": "Una línea tiene su propio ancho. Y color."},
    },
    {
        "source": "help",
        "id": "draw/lines.html#three",
        "texts": {"en": "Too short to ask.", "it": "Breve."},
    },
]


def test_documents_are_pages_and_questions_are_their_sentences_in_a_language_without(
    tmp_path: Path,
) -> None:
    texts = tmp_path / "texts.jsonl"
    texts.write_text("\n".join(json.dumps(each) for each in PARAGRAPHS), "utf-8")
    material.write([texts], tmp_path, passages=1000)
    files = {
        path.relative_to(tmp_path / "documents").as_posix(): path.read_text("utf-8")
        for path in (tmp_path / "documents").rglob("*.txt")
    }
    page = "help_draw_lines.html.txt"
    assert "A line has a width." in files[f"en/{page}"]
    lines = [json.loads(line) for line in (tmp_path / "questions.jsonl").read_text().splitlines()]
    assert [line["question"] for line in lines] == [
        "Le linee si disegnano con il mouse.",
        "Una línea tiene su propio ancho.",
    ]
    assert material.read_questions(tmp_path) == [line["question"] for line in lines]
    for relevant in (each for line in lines for each in line["relevant"]):
        assert relevant["contains"] in " ".join(files[relevant["doc"]].split())


def test_times_are_those_within_which_a_share_was_answered() -> None:
    load = Load(2.0, [number / 1000 for number in range(1, 101)])
    assert load.per_second == 50
    assert load.milliseconds(0.5) == 51
    assert load.milliseconds(1.0) == 100


def test_figures_become_a_table_and_drawings(tmp_path: Path) -> None:
    one = {"questions_per_second": 30.0, "p50_ms": 8.0, "p95_ms": 9.0}
    http = {
        "passages": 2_000,
        "start_seconds": 1.0,
        "peak_mb": 500.0,
        "clients": {"1": one, "32": one},
    }
    grown = {
        "p50_ms": 2.0,
        "p95_ms": 3.0,
        "recall_at_10": 0.97,
        "open_seconds": 0.5,
        "memory_mb": 600.0,
        "visible_seconds": 0.2,
        "partitions": {
            "de": {
                "passages": 4_000,
                "indexes": ["Flat"],
                "p50_ms": 0.5,
                "exact_p50_ms": 0.4,
                "recall_at_10": 1.0,
            }
        },
    }
    figures = tmp_path / "speed.json"
    figures.write_text(
        json.dumps(
            {
                "machine": {"cores": 2, "cpu": "a CPU", "python": "3.11"},
                "http": {
                    "passerelle": {**http, "success_at_1": 0.5, "success_at_5": 0.75},
                    "txtai": http,
                },
                "growth-100k": {"passages": 100_000, **grown},
                "growth-10k": {"passages": 10_000, **grown},
            }
        )
    )
    report.write(figures)
    report.draw(figures, tmp_path)
    table = figures.with_suffix(".md").read_text("utf-8")
    assert "| txtai | 8.0 / 9.0 | 30, 30 | 1.0 | 500 |" in table
    assert "| 4,000 | Flat | 0.50 | 0.40 | 1.000 |" in table
    assert table.index("10,000") < table.index("100,000")
    for name in ("speed-throughput.svg", "speed-growth.svg"):
        bars = ET.fromstring((tmp_path / name).read_text("utf-8")).iterfind(".//{*}rect")
        assert len(list(bars)) > 2
