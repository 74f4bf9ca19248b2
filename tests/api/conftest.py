from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.service import Service, open_service
from api.settings import Settings
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from index.encoders.protocol import Encoder
from index.writer import encode_waiting
from qa.answering import Answerer
from qa.config import AbstentionConfig
from tests.api.clients import beside

TEXTS = {
    "fr/traite.txt": """Signature du traité de coopération policière

Bruxelles, le 23 juillet 2018 – Le traité de coopération policière entre la Belgique, les
Pays-Bas et le Luxembourg a été signé lundi à Bruxelles par les ministres. Les policiers
pourront désormais intervenir plus facilement chez leurs voisins.

Le traité prévoit aussi un échange de données entre les bases nationales. Il doit encore être
approuvé par les parlements des trois pays.
""",
    "nl/fietsen.txt": """Register voor gestolen fietsen

Antwerpen, 12 maart 2021 – Wie zijn gestolen fiets zoekt, kan voortaan terecht in een gezamenlijk
register van de politie. In het eerste jaar werden 3.412 fietsen aan hun eigenaar teruggegeven.

Eigenaars laten hun framenummer gratis graveren bij het gemeentehuis.
""",
    "de/hochwasser.txt": """Warnung vor Hochwasser an der Sauer

Echternach, 5. Februar 2020 – Der gemeinsame Warndienst meldet steigende Pegel an der Sauer. Die
Brücke bei Wallendorf bleibt bis Freitag gesperrt, der Verkehr wird über Bollendorf umgeleitet.
""",
    "en/train.txt": """Night train through the Ardennes

The night train leaves Luxembourg at ten in the evening and reaches Amsterdam at seven in the
morning. Passengers can take their bicycles along free of charge if they reserve a place.
""",
    "lb/patrullen.txt": """Gemëscht Patrullen op der Musel

Gréiwemaacher, de 14. November 2019 – Lëtzebuergesch an däitsch Poliziste ware fir d'éischt
zesummen op deenen zwou Säite vun der Musel ënnerwee. Am Ganzen hate 47 Chaufferen ze vill Alkohol
gedronk.
""",
    "hostile/<b>.txt": """"><img src=x onerror=alert(1)> <script>alert('title')</script>

The attacker's bakery in Ghent sells <script>alert("text")</script> cinnamon rolls every Sunday
morning. Its owner is called </blockquote></section><svg onload=alert(2)> by the neighbours.
""",
}
"""Files by the name they are ingested under. The English and the hostile one bear no date."""


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, cache: Path, encoder: Encoder) -> Settings:
    """Settings of a small collection in five languages, with one hostile document."""
    files = tmp_path_factory.mktemp("files")
    for name, text in TEXTS.items():
        path = files / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    settings = Settings(data=tmp_path_factory.mktemp("data"), cache=cache)
    with Catalogue(settings.data) as catalogue:
        for name in sorted(path.name for path in files.iterdir()):
            collection = "odd" if name == "hostile" else "press"
            assert list(ingest(catalogue, find_sources([files / name]), collection))
        encode_waiting(catalogue, encoder)
    return settings


@pytest.fixture(scope="package")  # its threads hold locks, and tests of the catalogue fork
def service(settings: Settings) -> Iterator[Service]:
    """The real service over that collection."""
    with open_service(settings, follow=True) as service:
        yield service


@pytest.fixture(scope="package")
def client(service: Service) -> TestClient:
    """A client of the real application."""
    return beside(service)


@pytest.fixture(scope="package")
def doubting(service: Service) -> TestClient:
    """A client of an application that takes nothing for an answer."""
    never = AbstentionConfig(min_confidence=2)
    answerer = Answerer(service.search, service.live.newest, abstention=never)
    return beside(replace(service, answerer=answerer))


@pytest.fixture(scope="package")
def ids(client: TestClient) -> dict[str, str]:
    """The documents' ids by the last part of their files' names."""
    documents = client.get("/v1/documents").json()["documents"]
    return {document["file"]: document["id"] for document in documents}
