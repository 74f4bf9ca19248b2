"""What is deleted is gone at once, also where the index cannot follow."""

from __future__ import annotations

from pathlib import Path

from api.service import open_service
from api.settings import Settings
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from index.writer import encode_waiting, reindex
from tests.api.clients import beside
from tests.conftest import SAMPLE
from tests.encoders import WordEncoder

QUESTION = "Hoeveel vrachtwagens langs de E34 waren te zwaar?"


def test_a_deleted_document_is_not_readable_after_a_reindex_beside_the_server(
    tmp_path: Path, cache: Path
) -> None:
    settings = Settings(data=tmp_path, cache=cache)
    with Catalogue(tmp_path) as catalogue:
        list(ingest(catalogue, find_sources([SAMPLE / "nl"]), "sample"))
        encode_waiting(catalogue, settings.load_encoder())
    with open_service(settings, follow=True) as service:
        client = beside(service)
        first = client.post("/v1/ask", json={"question": QUESTION}).json()["passages"][0]
        document = first["source"]["document"]
        with Catalogue(tmp_path) as catalogue:
            reindex(catalogue, WordEncoder())
        assert client.delete(f"/v1/documents/{document}").status_code == 204
        for path in ("", "/text", "/original"):
            assert client.get(f"/v1/documents/{document}{path}").status_code == 404
        assert client.get(f"/documents/{document}").status_code == 404
        listed = client.get("/v1/documents", params={"limit": 100}).json()["documents"]
        assert document not in {each["id"] for each in listed}
        found = client.post("/v1/ask", json={"question": QUESTION, "limit": 50}).json()["passages"]
        assert found
        assert document not in {each["source"]["document"] for each in found}
        assert client.get("/ready").status_code == 503
        assert "passerelle_snapshot_stale 1.0" in client.get("/metrics").text
