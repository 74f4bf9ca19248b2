"""However often one file is there, it takes one place among what is found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.service import Service, open_service
from api.settings import Settings
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from index.encoders.protocol import Encoder
from index.writer import encode_waiting
from qa.types import Answer, Question

COPIES = 60
NOTE = (
    "Les patrouilles mixtes sur la Moselle\n\nLes deux polices patrouillent ensemble le long de "
    "la Moselle, selon le règlement 12/345."
)
OTHER = (
    "Le contrôle des ponts\n\nDes agents contrôlent les ponts de la Moselle chaque semaine, "
    "selon le règlement 12/345."
)
FAR = "La cuisine\n\nLe pain est cuit chaque matin dans un four à bois."


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, cache: Path, encoder: Encoder
) -> Iterator[Service]:
    data = tmp_path_factory.mktemp("data")
    with Catalogue(data) as catalogue:
        for collection in ("press", "archive", "post"):
            files = tmp_path_factory.mktemp(collection)
            for number in range(COPIES // 3):
                (files / f"{number}.txt").write_text(NOTE)
            list(ingest(catalogue, find_sources([files]), collection))
        files = tmp_path_factory.mktemp("others")
        (files / "other.txt").write_text(OTHER)
        (files / "far.txt").write_text(FAR)
        list(ingest(catalogue, find_sources([files]), "press"))
        encode_waiting(catalogue, encoder)
    with open_service(Settings(data=data, cache=cache)) as service:
        yield service


@pytest.mark.parametrize(
    "asked", ["Qui patrouille le long de la Moselle ?", "Que dit le règlement 12/345 ?"]
)
def test_sixty_copies_of_one_file_leave_the_places_after_it_to_others(
    service: Service, asked: str
) -> None:
    outcome = service.answerer.answer(Question(asked))
    assert isinstance(outcome, Answer)
    first, *rest = [passage.citation.document.file for passage in outcome.passages]
    assert first[:-4].isdecimal()
    assert rest == ["other.txt", "far.txt"]
