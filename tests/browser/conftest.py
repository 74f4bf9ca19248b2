from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from index.encoders.protocol import Encoder
from index.snapshot import Snapshot
from index.writer import encode_waiting
from tests.api.changing import measured_beside
from tests.browser.hostile import FILES
from tests.corpus.readers.formats.test_messages import mail
from tests.corpus.readers.formats.test_slides import presentation, saved

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 60_000
"""For what happens at once on a machine that has nothing else to do."""

expect.set_options(timeout=PATIENCE_MS)

DESKTOP = {"width": 1280, "height": 800}


@dataclass(frozen=True, slots=True)
class Site:
    """The real service, as a process of its own."""

    base: str
    data: Path

    def ask(self, question: str, **more: Any) -> dict[str, Any]:
        """Return what the API answers, to hold the page against."""
        response = httpx2.post(f"{self.base}/v1/ask", json={"question": question, **more})
        body: dict[str, Any] = response.json()
        return body

    def asking(self, question: str, more: str = "") -> str:
        """Return the address of the page that asks."""
        return f"{self.base}/?q={quote(question)}{more}"

    def document(self, file: str) -> str:
        """Return the address of the document that was made from a file."""
        listed = httpx2.get(f"{self.base}/v1/documents", params={"limit": 200}).json()["documents"]
        link = next(each["link"] for each in listed if each["file"].endswith(file))
        return f"{self.base}{link}"


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory, sample: Snapshot, encoder: Encoder
) -> Iterator[Site]:
    """The service over the sample corpus, some hostile documents, slides and a message."""
    data = tmp_path_factory.mktemp("browser") / "data"
    shutil.copytree(sample.view.folder, data)
    files = tmp_path_factory.mktemp("hostile")
    for name, text in FILES.items():
        (files / name).write_text(text, "utf-8")
    office = tmp_path_factory.mktemp("office")
    (office / "talk.pptx").write_bytes(saved(presentation()))
    letter = mail()
    letter.add_attachment("Das Angebot gilt bis Ende März.", filename="Angebot.txt")
    (office / "letter.eml").write_bytes(letter.as_bytes())
    with Catalogue(data) as catalogue:
        assert list(ingest(catalogue, find_sources([files]), "hostile"))
        assert list(ingest(catalogue, find_sources([office]), "office"))
        encode_waiting(catalogue, encoder)
        measured_beside(catalogue)
    with serving(data) as running:
        yield running


@contextmanager
def serving(data: Path, port: int = 0, **settings: str) -> Iterator[Site]:
    """Run the service over a data folder, with settings beside those of all tests."""
    command = [sys.executable, "-m", "api.cli.main", "serve", "--data", str(data)]
    with subprocess.Popen(
        [*command, "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **settings},
    ) as server:
        assert server.stdout is not None
        said = server.stdout.readline().decode()
        found = re.search(r"http://\S+", said)
        assert found, said
        yield Site(found[0], data)
        server.send_signal(signal.SIGTERM)
        server.stdout.read()


@pytest.fixture(scope="package")  # its event loop runs as long as it does: no other can, beside it
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    (archive,) = (ROOT / ".venv").glob("axe-core-*.tgz")
    with tarfile.open(archive) as opened:
        source = opened.extractfile("package/axe.min.js")
        assert source is not None
        return source.read().decode()


@dataclass(slots=True)
class Reader:
    """Somebody with a browser, who is told at the end of a test what went wrong in it."""

    browser: Browser
    site: Site
    contexts: list[BrowserContext] = field(default_factory=list)
    requested: list[Request] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def opens(self, locale: str = "en-GB", *, script: bool = True, **options: Any) -> Page:
        """Return a page of a new, empty browser profile."""
        context = self.browser.new_context(
            locale=locale,
            java_script_enabled=script,
            viewport=options.pop("viewport", DESKTOP),
            base_url=self.site.base,
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        context.on("request", lambda request: self.requested.append(request))
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        page = context.new_page()
        page.on("dialog", lambda dialog: self.errors.append(f"dialog: {dialog.message}"))
        return page

    def foreign_hosts(self) -> set[str]:
        """Return the hosts other than the service's that were asked for anything."""
        ours = urlsplit(self.site.base).netloc
        hosts = {urlsplit(request.url).netloc for request in self.requested}
        return hosts - {ours, ""}


@pytest.fixture
def reader(browser: Browser, site: Site) -> Iterator[Reader]:
    """A reader. No page may fail in their browser, open a dialog or ask another host."""
    with reading(browser, site) as reader:
        yield reader


@contextmanager
def reading(browser: Browser, site: Site) -> Iterator[Reader]:
    """Give a reader of any site, and see at the end that nothing went wrong in their browser."""
    reader = Reader(browser, site)
    yield reader
    for context in reader.contexts:
        context.close()
    assert reader.errors == []
    assert reader.foreign_hosts() == set()
