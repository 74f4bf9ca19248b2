from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corpus.store.catalogue import Catalogue
from corpus.types import FileReport, Outcome
from corpus.web.crawling import Pace
from corpus.web.sources import Kind, WebSource
from corpus.web.visiting import Network, visit
from tests.corpus.web.site import Names, Site, served


@pytest.fixture
def site() -> Iterator[Site]:
    """Served on 127.0.0.2, which stands for the public network in these tests."""
    with served() as opened:
        yield opened


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "data") as opened:
        yield opened


def is_permitted(address: str) -> bool:
    """127.0.0.1 is the machine's own, as it is; the others of its network stand for the world."""
    return address.startswith("127.") and address != "127.0.0.1"


class Visitor:
    """Visits sources of a site."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.names = Names(site_example="127.0.0.2", www_site_example="127.0.0.2")
        self.pace = Pace()
        self.seconds = 20.0
        self.max_bytes = 2**20

    def reports(self, kind: Kind, address: str, **options: Any) -> list[FileReport]:
        source = WebSource(kind, address, **{"delay_seconds": 0.0, **options})
        network = Network(self.names, is_permitted, self.seconds)
        return list(visit(self.catalogue, source, self.pace, self.max_bytes, network))

    def page(self, address: str, **options: Any) -> FileReport:
        (report,) = self.reports(Kind.PAGE, address, **options)
        return report

    def sitemap(self, address: str, **options: Any) -> dict[str, Outcome]:
        return outcomes(self.reports(Kind.SITEMAP, address, **options))

    def feed(self, address: str, **options: Any) -> dict[str, Outcome]:
        return outcomes(self.reports(Kind.FEED, address, **options))

    def files(self) -> list[str]:
        return [file for _, file in self.catalogue.files("default", "https:")]


@pytest.fixture
def visitor(catalogue: Catalogue) -> Visitor:
    return Visitor(catalogue)


def outcomes(reports: list[FileReport]) -> dict[str, Outcome]:
    """Return what became of each address, by its path."""
    return {
        "/" + report.file.partition("://")[2].partition("/")[2]: report.outcome
        for report in reports
    }
