"""From Enter to the painted answer, in Debian's Chromium, beside the server's own time.

    python -m benchmarks.page --passages 10000

The sample corpus is filled up with made-up passages whose vectors are drawn by chance: how long
a search takes does not depend on what they say. Each of its questions is then typed on the first
page of a real server on this machine. Printed are the milliseconds from the Enter key to the
second frame after the answer stands in the page, the server's part of them, and the bytes of a
first load.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import click
import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.speed.running import passerelle, serving
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from corpus.store.models import EncodedText
from corpus.types import Document, Passage, Span, document_id
from index.encoders.loading import load_encoder
from index.settings import ModelSettings
from index.writer import encode_waiting

SAMPLE = Path(__file__).parents[1] / "corpus" / "sample"
PORT = 8310
PASSAGES_OF_A_DOCUMENT = 25
LANGUAGES = ("de", "en", "fr", "lb", "nl")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]

# The key goes down inside the page, so that Playwright's own messages are not counted.
MEASURE = """async (question) => {
  const field = document.getElementById("q");
  field.value = question;
  const before = document.querySelectorAll(".turn").length;
  const answered = new Promise((done) => {
    const observer = new MutationObserver(() => {
      if (document.querySelectorAll(".turn").length <= before) return;
      observer.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
    });
    observer.observe(document.body, { childList: true, subtree: true });
  });
  performance.clearResourceTimings();
  const start = performance.now();
  const key = { key: "Enter", bubbles: true, cancelable: true };
  field.dispatchEvent(new KeyboardEvent("keydown", key));
  const end = await answered;
  const fetched = performance.getEntriesByType("resource").find((one) => one.serverTiming.length);
  return [end - start, fetched.duration, fetched.serverTiming[0].duration];
}"""


class Took(NamedTuple):
    """Milliseconds of one question."""

    painted: float
    """From the key to the second frame with the answer."""
    fetched: float
    """Of that, from asking the server to the last byte."""
    answered: float
    """Of that, what the server needed to find the answer."""


@click.command(help=__doc__)
@click.option("--passages", default=10_000, show_default=True)
def main(passages: int) -> None:
    """Print the medians and the 95th percentiles."""
    lines = (SAMPLE / "questions.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        fill(Path(folder), passages)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        command = passerelle("serve", "--data", folder, "--port", str(PORT))
        with serving(command, PORT, "/ready"):
            page, address = browser.new_page(), f"http://127.0.0.1:{PORT}"
            print(f"first load: {first_load(page, address):,.0f} bytes")
            asked_in_turn = [*questions[:3], *questions]
            took = [asked(page, address, question) for question in asked_in_turn]
        browser.close()
    for name, values in zip(Took._fields, zip(*took[3:], strict=True), strict=True):
        middle, high = np.percentile(values, [50, 95])
        print(f"{name}: median {middle:.1f} ms, 95th percentile {high:.1f} ms")


def asked(page: Page, base: str, question: str) -> Took:
    """Ask a question, the first of a conversation."""
    page.goto(base)
    page.wait_for_load_state("networkidle")
    return Took(*page.evaluate(MEASURE, question))


def fill(folder: Path, passages: int) -> None:
    """Make the collection: the sample corpus and as much beside it as is wanted."""
    settings = ModelSettings()
    encoder = load_encoder(settings.model, settings.cache)
    chance = np.random.default_rng(1)
    with Catalogue(folder) as catalogue:
        for _ in ingest(catalogue, find_sources([SAMPLE / "documents"]), "sample"):
            pass
        encode_waiting(catalogue, encoder)
        for number in range(passages // PASSAGES_OF_A_DOCUMENT):
            catalogue.put(*made_up(number), text_version=1)
        model = catalogue.active_model()
        assert model is not None
        while texts := catalogue.texts_without_vectors(model, 10_000):
            drawn = chance.standard_normal((len(texts), encoder.dimension)).astype("<f4")
            drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
            rows = zip(texts, drawn, strict=True)
            catalogue.put_vectors(
                model, (EncodedText(text.id, row.tobytes()) for text, row in rows)
            )
        catalogue.publish()


def made_up(number: int) -> tuple[Document, list[Passage]]:
    """Return a document whose passages are of usual length and all different."""
    language, text, passages = LANGUAGES[number % len(LANGUAGES)], "", []
    for place in range(PASSAGES_OF_A_DOCUMENT):
        start, spans = len(text), []
        for line in range(5):
            spans.append(Span(len(text), len(text) + 140))
            text += f"{number} {place} {line} ".ljust(139, "x") + ". "
        span = Span(start, len(text) - 1)
        passages.append(Passage(span, text[start:-1], language, None, tuple(spans)))
    name = f"{number}.txt"
    document = Document(
        id=document_id("made up", name), collection="made up", file=name, root="/",
        media_type="text/plain", sha256=f"{number:064x}", language=language, title=name,
        publisher=None, published=date(2020, 1, 1), url=None, text=text,
    )  # fmt: skip
    return document, passages


def first_load(page: Page, base: str) -> float:
    """Open the first page in an empty browser and return how many bytes came over the line."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    loaded: list[float] = []
    session.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    page.goto(base)
    page.wait_for_load_state("networkidle")
    return sum(loaded)


if __name__ == "__main__":
    main()
