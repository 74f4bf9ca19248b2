"""What must work on a full disk, on real file systems of 60 MB."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.auth.keys import Keys, Scope
from api.cli.doctor import examine
from api.service import open_service
from api.settings import Settings
from corpus.store import reserve, sqlite
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Kind, Offered
from corpus.types import Outcome, document_id
from tests import small_disk
from tests.api.clients import afar
from tests.api.problems import problem
from tests.api.waiting import until

NOTE = "Les deux polices patrouillent ensemble le long de la Moselle, note {}.\n"
ALL = [Scope.READ, Scope.WRITE, Scope.ADMIN]


@pytest.fixture(params=small_disk.KINDS)
def disk(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    monkeypatch.setattr(reserve, "MAX_BYTES", 64 * 2**20)  # as it is outside the tests
    with small_disk.mounted(request.param, 60, tmp_path) as folder:
        yield folder


def upload(client: TestClient, *names: str) -> dict[str, str]:
    """Add documents and return their ids by their names, once they can be found."""
    files = [("files", (name, NOTE.format(name).encode())) for name in names]
    accepted = client.post("/v1/documents", files=files)
    assert accepted.status_code == 202, accepted.text
    job = accepted.json()["link"]
    until(lambda: client.get(job).json()["state"] == "done")
    return {file["file"]: file["document"] for file in client.get(job).json()["files"]}


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.cli.main", *arguments, "--data", str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )


def facts(settings: Settings) -> dict[str, bool]:
    """Return what the check of an installation says is in order, and what not."""
    return {each.subject: each.remedy is None for each in examine(settings)}


def test_deletion_revocation_and_signing_in_go_on_and_are_kept(disk: Path, cache: Path) -> None:
    settings = Settings(data=disk / "data", cache=cache)
    with open_service(settings, follow=True) as service:
        _, text = service.keys.add("operator", ALL)
        doomed, of_doomed = service.keys.add("former", ALL)
        client, former = afar(service, text), afar(service, of_doomed)
        ids = upload(client, *(f"{number}.txt" for number in range(20)))
        assert client.get("/ready").json()["disk"] == "ok"
        assert facts(settings)["reserve"]

        filler = small_disk.fill(disk)
        assert former.get("/v1/documents").status_code == 200
        revoked = command(settings.data, "keys", "revoke", doomed.id)
        assert revoked.returncode == 0, revoked.stderr
        assert former.get("/v1/documents").status_code == 401
        for name in list(ids)[:10]:
            assert client.delete(f"/v1/documents/{ids[name]}").status_code == 204
        by_hand = command(settings.data, "documents", "remove", ids["10.txt"])
        assert by_hand.returncode == 0, by_hand.stderr
        browser = afar(service)
        signed_in = browser.post("/sign-in", data={"key": text})
        assert signed_in.status_code == 303
        token = signed_in.cookies["passerelle"]
        cookie = {"cookie": f"passerelle={token}"}
        inside = afar(service, headers=cookie)
        assert inside.get("/documents").status_code == 200
        assert inside.post("/sign-out").status_code == 303
        assert afar(service, headers=cookie).get("/documents").status_code == 401

        small_disk.fill(disk)
        assert not reserve.is_kept(settings.data)
        assert client.get("/ready").json()["disk"] == "full"
        assert not facts(settings)["reserve"]
        assert "passerelle_disk_full 1.0" in client.get("/metrics").text
        refused = client.post("/v1/documents", files=[("files", ("new.txt", b"New."))])
        assert problem(refused, 507)["type"] == "/problems/full-disk"
        asked = client.post("/v1/ask", json={"question": "Qui patrouille ?"}).json()
        assert {each["source"]["document"] for each in asked["passages"]} <= set(ids.values())

        filler.unlink()
        until(lambda: reserve.is_kept(settings.data))
        assert client.get("/ready").json()["disk"] == "ok"
        assert upload(client, "new.txt")

    with open_service(settings, follow=True) as service:
        client = afar(service, text)
        documents = client.get("/v1/documents").json()["documents"]
        kept = {name for name in ids if name not in list(ids)[:11]}
        assert {document["file"] for document in documents} == kept | {"new.txt"}
        assert afar(service, of_doomed).get("/v1/documents").status_code == 401
        assert afar(service, headers=cookie).get("/documents").status_code == 401


def test_the_commands_work_on_a_full_disk_while_no_server_runs(disk: Path) -> None:
    settings = Settings(data=disk / "data")
    with Catalogue(settings.data) as catalogue, Keys(settings.data) as keys:
        offered = [Offered(name, NOTE.encode()) for name in ("a.txt", "b.txt")]
        job = catalogue.jobs.accept(Kind.UPLOAD, "press", offered)
        key, _ = keys.add("operator", ALL)
    assert not (settings.data / f"{sqlite.FILE_NAME}-shm").exists(), "to open it takes room"
    assert reserve.keep(settings.data)
    small_disk.fill(disk)
    removed = command(settings.data, "documents", "remove", document_id("press", "a.txt"))
    assert removed.returncode == 0, removed.stderr
    revoked = command(settings.data, "keys", "revoke", key.id)
    assert revoked.returncode == 0, revoked.stderr
    with Keys(settings.data) as keys:
        assert [each.id for each in keys.all() if each.revoked] == [key.id]
    with Catalogue.existing(settings.data) as catalogue:
        assert [file.outcome for file in catalogue.jobs.files(job)] == [Outcome.REMOVED, None]
    note = disk.parent / "note.txt"
    note.write_text(NOTE)
    ingested = command(settings.data, "ingest", str(note))
    assert ingested.returncode == 1
    assert "Free some space" in ingested.stderr


def test_what_was_accepted_before_the_disk_was_full_is_taken_in_when_there_is_room(
    disk: Path, cache: Path
) -> None:
    settings = Settings(data=disk / "data", cache=cache)
    with Catalogue(settings.data) as catalogue:
        catalogue.jobs.accept(Kind.UPLOAD, "press", [Offered("a.txt", NOTE.encode())])
    assert reserve.keep(settings.data)
    filler = small_disk.fill(disk)
    with open_service(settings, follow=True) as service:
        assert len(service.live.newest()) == 0
        filler.unlink()
        until(lambda: len(service.live.newest()) == 1)
