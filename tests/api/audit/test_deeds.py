"""What is written down: by the server and by the commands, before it is done."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from starlette.testclient import TestClient

from api.app import create_app
from api.audit import chain
from api.audit.chain import Deed, Record
from api.audit.log import AuditLog
from api.auth.keys import Key, Scope
from api.cli import doctor
from api.cli.main import main
from api.service import Service, open_service
from api.settings import Settings
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from corpus.types import document_id
from tests import small_disk
from tests.api.clients import afar
from tests.api.problems import problem
from tests.api.waiting import until

WORD = "Wallendorfer"
NOTE = f"Die {WORD} Brücke bleibt bis Freitag gesperrt.".encode()
ID = document_id("press", "geheim.txt")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    settings = Settings(data=tmp_path_factory.mktemp("data"), cache=cache)
    with open_service(settings, follow=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def key(service: Service) -> tuple[Key, str]:
    return service.keys.add("Reading room", [Scope.READ, Scope.WRITE])


@pytest.fixture(scope="module")
def client(service: Service, key: tuple[Key, str]) -> TestClient:
    return afar(create_app(service), key[1])


def records(folder: Path) -> list[Record]:
    return list(AuditLog(folder).records())


def upload(client: TestClient) -> str:
    files = [("files", ("geheim.txt", NOTE))]
    job = client.post("/v1/documents", files=files, data={"collection": "press"}).json()
    until(lambda: client.get(job["link"]).json()["state"] == "done")
    return str(job["id"])


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--data", str(folder)])


def test_what_is_done_over_http_is_written_down_with_the_key_that_did_it(
    service: Service, key: tuple[Key, str], client: TestClient
) -> None:
    browser = afar(client.app)
    signed_in = browser.post("/sign-in", data={"key": key[1]})
    browser.cookies.set("passerelle", signed_in.cookies["passerelle"])
    browser.post("/sign-out")
    job = upload(client)
    question = {"question": f"Was bleibt an der {WORD} Brücke gesperrt?"}
    assert client.post("/v1/ask", json=question).json()["passages"]
    client.get(f"/v1/documents/{ID}/original")
    file = {"file": ("geheim.txt", NOTE + b" Und danach?")}
    second = client.put(f"/v1/documents/{ID}", files=file).json()["id"]
    until(lambda: client.get(f"/v1/jobs/{second}").json()["state"] == "done")
    assert client.delete(f"/v1/documents/{ID}").status_code == 204
    place = {"collection": "press"}
    assert [(each.deed, each.on) for each in records(service.settings.data)] == [
        (Deed.SIGNED_IN, {}),
        (Deed.SIGNED_OUT, {}),
        (Deed.UPLOADED, {**place, "job": job}),
        (Deed.READ_ORIGINAL, {**place, "document": ID}),
        (Deed.REPLACED, {**place, "document": ID, "job": second}),
        (Deed.DELETED, {**place, "document": ID}),
    ]
    found = records(service.settings.data)
    assert {(each.key, each.name) for each in found} == {(key[0].id, "Reading room")}
    assert AuditLog(service.settings.data).verified().fault is None
    said = b"".join(path.read_bytes() for path in chain.files_in(service.settings.data))
    for word in (WORD, "geheim", "gesperrt", key[1], signed_in.cookies["passerelle"]):
        assert word.encode() not in said


def test_what_is_refused_is_not_written_down(service: Service, client: TestClient) -> None:
    before = records(service.settings.data)
    client.delete(f"/v1/documents/{ID}")
    client.get(f"/v1/documents/{ID}/original")
    client.post("/v1/documents", files=[("files", ("a.exe", b"MZ"))])
    afar(client.app).post("/sign-in", data={"key": "wrong"})
    afar(client.app).post("/sign-out")
    assert records(service.settings.data) == before


def test_what_cannot_be_written_down_is_not_done(
    service: Service, key: tuple[Key, str], client: TestClient
) -> None:
    upload(client)
    folder, jobs = service.settings.data, client.get("/v1/jobs").json()
    head = (folder / chain.HEAD_NAME).read_bytes()
    (folder / chain.HEAD_NAME).unlink()
    (folder / chain.HEAD_NAME).mkdir()
    assert problem(client.delete(f"/v1/documents/{ID}"), 503)
    assert problem(client.get(f"/v1/documents/{ID}/original"), 503)
    assert problem(client.post("/v1/documents", files=[("files", ("b.txt", NOTE))]), 503)
    assert afar(client.app).post("/sign-in", data={"key": key[1]}).status_code == 503
    assert client.get(f"/v1/documents/{ID}").status_code == 200
    assert client.get("/v1/jobs").json() == jobs
    (folder / chain.HEAD_NAME).rmdir()
    (folder / chain.HEAD_NAME).write_bytes(head)


def test_switched_off_nothing_is_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_AUDIT", "false")
    assert run(tmp_path, "keys", "add", "Press").exit_code == 0
    assert not list(tmp_path.glob("audit*"))


def test_the_commands_write_down_what_they_do(tmp_path: Path) -> None:
    data, folder = tmp_path / "data", tmp_path / "documents"
    made = run(data, "keys", "add", "Press")
    assert made.exit_code == 0, made.output
    (key,) = [each.on["key"] for each in records(data)]
    assert run(data, "keys", "quota", str(key), "--documents", "3").exit_code == 0
    assert run(data, "keys", "revoke", str(key)).exit_code == 0
    assert run(data, "keys", "revoke", str(key)).exit_code == 1
    folder.mkdir()
    (folder / "a.txt").write_bytes(NOTE)
    document = document_id("press", "a.txt")
    with Catalogue(data) as catalogue:
        assert list(ingest(catalogue, find_sources([folder]), "press"))
    changes = ("documents", "correct", document, "--title", "Note")
    assert run(data, *changes).exit_code == 0
    assert run(data, "documents", "correct", "d-0", "--title", "Note").exit_code == 1
    (folder / "a.txt").unlink()
    assert run(data, "ingest", str(folder), "--collection", "press", "--prune").exit_code == 0
    assert run(data, "backup", str(tmp_path / "copy")).exit_code == 0
    assert run(data, "documents", "remove", "d-0").exit_code == 1
    found = records(data)
    assert [each.deed for each in found] == [
        Deed.MADE_KEY,
        Deed.LIMITED_KEY,
        Deed.REVOKED_KEY,
        Deed.CORRECTED,
        Deed.INGESTED,
        Deed.COPIED,
    ]
    assert found[0].on == {"key": key, "name": "Press"}
    assert found[3].on == {"collection": "press", "document": document}
    assert {each.key for each in found} == {""}
    assert {each.name.partition(":")[0] for each in found} == {"command line"}


def test_the_log_is_listed_and_verified_by_commands(tmp_path: Path) -> None:
    empty = run(tmp_path, "audit", "verify")
    assert (empty.exit_code, empty.output) == (0, "The audit log has no lines yet.\n")
    made = run(tmp_path, "keys", "add", "\x1b[31mPress")
    assert made.exit_code == 0
    listed = run(tmp_path, "audit", "list")
    assert "made_key" in listed.output
    assert "\x1b" not in listed.output
    verified = run(tmp_path, "audit", "verify")
    assert verified.exit_code == 0
    sha256 = verified.output.split()[-1]
    assert run(tmp_path, "audit", "verify", "--knows", sha256).exit_code == 0
    assert run(tmp_path, "audit", "verify", "--knows", "0" * 64).exit_code == 1
    (file,) = chain.files_in(tmp_path)
    file.write_bytes(file.read_bytes().replace(b"made_key", b"signed_in"))
    wrong = run(tmp_path, "audit", "verify")
    assert wrong.exit_code == 1
    assert f"line 1 of {file} was altered" in wrong.output


def test_the_check_of_an_installation_looks_at_the_log(tmp_path: Path, cache: Path) -> None:
    settings = Settings(data=tmp_path, cache=cache)
    run(tmp_path, "keys", "add", "Press")
    (sound,) = doctor._audit(settings)
    assert sound.remedy is None
    (file,) = chain.files_in(tmp_path)
    file.write_bytes(file.read_bytes()[:-20])
    (wrong,) = doctor._audit(settings)
    assert wrong.remedy is not None


KILLED = """
import os, sys
from pathlib import Path
from api.audit.chain import Actor, Deed
from api.audit.log import AuditLog
audit = AuditLog(Path(sys.argv[1]))
number = 0
while True:
    audit.note(Actor("", "a process"), Deed.DELETED, document=str(number))
    print(number, flush=True)
    number += 1
"""


def test_killed_while_it_writes_no_acknowledged_line_is_lost_and_the_chain_holds(
    tmp_path: Path,
) -> None:
    acknowledged: list[str] = []
    for lines in (3, 7, 11):
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            acknowledged += [process.stdout.readline().strip() for _ in range(lines)]
            process.kill()
        AuditLog(tmp_path).mend()
        assert AuditLog(tmp_path).verified().fault is None
    kept = [str(each.on.get("document")) for each in records(tmp_path)]
    left = iter(kept)
    assert all(each in left for each in acknowledged)


@pytest.mark.parametrize("kind", small_disk.KINDS[:1])
def test_on_a_full_disk_what_must_go_on_is_written_down_and_the_rest_refused(
    kind: str, tmp_path: Path, cache: Path
) -> None:
    with small_disk.mounted(kind, 60, tmp_path) as disk:
        settings = Settings(data=disk / "data", cache=cache)
        with open_service(settings, follow=True) as service:
            _, text = service.keys.add("Reading room", [Scope.READ, Scope.WRITE])
            client = afar(service, text)
            upload(client)
            audit = service.audit
            small_disk.fill(disk)
            assert client.delete(f"/v1/documents/{ID}").status_code == 204
            assert records(settings.data)[-1].deed == Deed.DELETED
            small_disk.fill(disk)
            before = len(records(settings.data))
            refused = client.post("/v1/documents", files=[("files", ("b.txt", NOTE))])
            assert problem(refused, 507)
            assert len(records(settings.data)) == before
            assert audit.verified().fault is None
