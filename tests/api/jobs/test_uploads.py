"""Documents come, change and go over HTTP while the service answers."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from fastapi import UploadFile
from starlette.testclient import TestClient

from api.app import create_app
from api.auth.middleware import Principal
from api.auth.permissions import EVERYTHING
from api.contract.job_responses import JobOut, JobsOut
from api.contract.responses import CollectionsOut
from api.problems import UnknownDocument
from api.service import Service, open_service
from api.settings import Settings
from corpus.ingest import find_sources, ingest
from corpus.sandbox.warmup import specimens
from corpus.store.catalogue import Catalogue
from tests.api.clients import AFAR, LOCAL, beside
from tests.api.problems import fields, problem
from tests.documents import pdf
from tests.robustness.bombs import repacked

NOTE = b"Patrouilles mixtes\n\nLes deux polices patrouillent ensemble le long de la Moselle.\n"
OTHER = b"Gemengde patrouilles\n\nDe twee politiekorpsen patrouilleren samen langs de Moezel.\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    settings = Settings(
        data=tmp_path_factory.mktemp("data"), cache=cache, max_file_mb=0.1, max_upload_mb=0.3
    )
    with open_service(settings, follow=True) as service:
        yield service


@pytest.fixture(scope="module")
def client(service: Service) -> TestClient:
    """A program on the same machine."""
    return beside(service)


def upload(client: TestClient, *files: tuple[str, bytes], **form: str) -> Any:
    sent = [("files", file) for file in files]
    return client.post("/v1/documents", files=sent, data=form)


def done(client: TestClient, response: Any) -> dict[str, Any]:
    """Follow an accepted job to its end."""
    assert response.status_code == 202, response.text
    JobOut.model_validate(response.json())
    assert response.headers["location"] == response.json()["link"]
    events = events_of(client, response.json()["link"])
    assert events[-1]["state"] == "done"
    job: dict[str, Any] = client.get(response.headers["location"]).json()
    return job


def events_of(client: TestClient, link: str) -> list[dict[str, Any]]:
    response = client.get(f"{link}/events")
    assert response.headers["content-type"].startswith("text/event-stream")
    return [
        json.loads(line.removeprefix("data: "))
        for line in response.text.splitlines()
        if line.startswith("data: ")
    ]


def outcomes(job: dict[str, Any]) -> dict[str, str]:
    return {file["file"]: file["outcome"] for file in job["files"]}


def found(client: TestClient, collection: str) -> dict[str, str]:
    """Return the ids of a collection's documents by their files' names."""
    body = client.get("/v1/documents", params={"collection": collection}).json()
    return {document["file"]: document["id"] for document in body["documents"]}


def archive(*files: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files:
            packed.writestr(name, content)
    return stream.getvalue()


def test_an_uploaded_document_can_be_found_when_its_job_is_done(client: TestClient) -> None:
    job = done(client, upload(client, ("2020/note.txt", NOTE), collection="found"))
    assert outcomes(job) == {"2020/note.txt": "added"}
    assert job["counts"]["added"] == job["total"] == 1
    asked = {"question": "Qui patrouille le long de la Moselle ?", "collections": ["found"]}
    passage = client.post("/v1/ask", json=asked).json()["passages"][0]
    assert passage["source"]["document"] == job["files"][0]["document"]
    assert passage["source"]["file"] == "2020/note.txt"


def test_the_same_file_again_is_unchanged_and_another_of_its_name_updates_it(
    client: TestClient,
) -> None:
    done(client, upload(client, ("a.txt", NOTE), collection="again"))
    again = done(client, upload(client, ("a.txt", NOTE), collection="again"))
    assert outcomes(again) == {"a.txt": "unchanged"}
    other = done(client, upload(client, ("a.txt", OTHER), collection="again"))
    assert outcomes(other) == {"a.txt": "updated"}
    document = found(client, "again")["a.txt"]
    assert client.get(f"/v1/documents/{document}/text").text.startswith("Gemengde")


def test_bad_files_are_refused_one_by_one_in_the_words_of_the_command_line(
    client: TestClient, tmp_path: Path
) -> None:
    bad = {
        "empty.txt": b"",
        "picture.txt": b"\x89PNG\r\n\x1a\n" + bytes(100),
        "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(100),
        "broken.pdf": b"%PDF-1.4\nnothing more",
        "large.txt": NOTE * 2000,
    }
    job = done(client, upload(client, ("good.txt", NOTE), *bad.items(), collection="bad"))
    assert outcomes(job) == {"good.txt": "added", **dict.fromkeys(bad, "refused")}
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
    with Catalogue(tmp_path / "data") as catalogue:
        said = {r.file: r.reason for r in ingest(catalogue, find_sources([tmp_path]), "bad")}
    for file in job["files"][1:-1]:
        assert file["reason"] == said[file["file"]]


def page_of(client: TestClient, job: dict[str, Any], language: str) -> str:
    asked = {"accept": "text/html", "accept-language": language}
    return client.get(f"/jobs/{job['id']}", headers=asked).text


def test_the_page_of_a_job_says_how_many_files_were_refused_and_why_in_its_language(
    client: TestClient,
) -> None:
    files = [("good.txt", NOTE), ("a.pdf", b"%PDF-1.4\nnothing more"), ("b.txt", b" ")]
    job = done(client, upload(client, *files, collection="mixed"))
    assert [file["refusal"] for file in job["files"]] == [None, "DamagedFile", "EmptyFile"]
    page = page_of(client, job, "de")
    assert "2 von 3 Dateien konnten nicht aufgenommen werden" in page
    assert "Die Datei ist beschädigt oder unvollständig." in page
    assert "Die Datei ist leer." in page
    assert 'lang="en" dir="ltr">' + job["files"][2]["reason"] in page
    assert "2 of 3 files could not be added" in page_of(client, job, "en")
    bad = done(client, upload(client, ("c.pdf", b"%PDF-1.4\nnothing"), collection="mixed"))
    assert "Keine der Dateien konnte aufgenommen werden" in page_of(client, bad, "de")
    assert "jetzt auffindbar" not in page_of(client, bad, "de")


def test_what_the_text_of_a_document_lacks_is_in_the_result_of_its_job(
    client: TestClient,
) -> None:
    word = repacked(specimens()[".docx"], {"word/media/image1.png": b"x"})
    job = done(client, upload(client, ("a.docx", word), collection="lacks"))
    assert job["files"][0]["left_out"] == {"picture": 1}
    assert "Nicht im Text: Bilder (1)" in page_of(client, job, "de")


def test_a_scan_says_that_its_words_were_recognised(client: TestClient) -> None:
    job = done(client, upload(client, ("scan.png", specimens()[".png"]), collection="scans"))
    document = client.get(f"/v1/documents/{job['files'][0]['document']}").json()
    (page,) = document["recognised"]
    assert (page["page"], page["words"], page["doubtful"]) == (1, 6, 0)
    assert page["confidence"] > 0.85
    shown = client.get(f"/documents/{document['id']}", headers={"Accept-Language": "de"}).text
    assert "durch OCR erkannt: Seiten: 1" in shown
    asked = {"question": "Who patrols along the river?", "collections": ["scans"]}
    (passage,) = client.post("/v1/ask", json=asked).json()["passages"]
    assert passage["source"]["recognised"] == page
    params = {"q": asked["question"], "collections": "scans"}
    answer = client.get("/", params=params, headers={"Accept-Language": "nl"})
    assert "<span>herkend met OCR</span>" in answer.text


def test_the_attachments_of_a_message_are_taken_in_with_it(client: TestClient) -> None:
    message = EmailMessage()
    message["Subject"] = "Patrouilles"
    message.set_content(NOTE.decode())
    message.add_attachment(OTHER, "text", "plain", filename="nota.txt")
    job = done(client, upload(client, ("lettre.eml", message.as_bytes()), collection="mail"))
    assert outcomes(job) == {"lettre.eml": "added", "lettre.eml/nota.txt": "added"}


def test_a_zip_archive_is_taken_in_file_by_file(client: TestClient) -> None:
    packed = archive(
        ("fr/note.txt", NOTE),
        ("nl\\nota.txt", OTHER),
        ("__MACOSX/._note.txt", b"x"),
        (".hidden/note.txt", NOTE),
        ("nested.zip", archive(("a.txt", NOTE))),
        ("../out.txt", NOTE),
    )
    job = done(client, upload(client, ("all.zip", packed), collection="zip"))
    assert outcomes(job) == {
        "fr/note.txt": "added",
        "nl/nota.txt": "added",
        "nested.zip": "refused",
        "../out.txt": "refused",
    }
    assert found(client, "zip").keys() == {"fr/note.txt", "nl/nota.txt"}


def test_an_archive_that_unpacks_to_too_much_is_refused_as_a_whole(client: TestClient) -> None:
    bomb = archive(*((f"{number}.txt", b"la police " * 10_000) for number in range(4)))
    assert len(bomb) < 10_000
    assert "together" in problem(upload(client, ("bomb.zip", bomb)), 413)["detail"]
    large = archive(("large.txt", b"la police " * 100_000), ("note.txt", NOTE))
    assert outcomes(done(client, upload(client, ("large.zip", large), collection="bomb"))) == {
        "large.txt": "refused",
        "note.txt": "added",
    }


@pytest.mark.parametrize("cut", [10, 100, -30])
def test_a_broken_archive_is_refused(client: TestClient, cut: int) -> None:
    body = problem(upload(client, ("all.zip", archive(("a.txt", NOTE))[:cut])), 422)
    assert "damaged or incomplete" in body["detail"]


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("large.txt", NOTE * 2000, 413),
        ("film.mp4", b"\0\0\0\x18ftyp", 415),
        ("empty.txt", b"", 422),
        ("../../etc/passwd", NOTE, 422),
        ("a" * 501 + ".txt", NOTE, 422),
        ("..", NOTE, 422),
    ],
)
def test_where_every_file_is_refused_at_the_door_the_answer_says_why(
    client: TestClient, name: str, content: bytes, status: int
) -> None:
    before = client.get("/v1/jobs").json()
    assert problem(upload(client, (name, content)), status)["detail"]
    assert client.get("/v1/jobs").json() == before


def test_a_body_over_the_limit_is_refused_with_or_without_its_length(client: TestClient) -> None:
    files = [(f"{number}.txt", NOTE * 500) for number in range(10)]
    assert "PASSERELLE_MAX_UPLOAD_MB" in problem(upload(client, *files), 413)["detail"]
    start = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    parts = (start if number == 0 else b" " * 50_000 for number in range(20))
    response = client.post(
        "/v1/documents",
        content=parts,
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    problem(response, 413)


def test_a_form_that_is_none_is_a_problem(client: TestClient) -> None:
    problem(client.post("/v1/documents", json={"files": []}), 415)
    broken = {"content-type": "multipart/form-data; boundary=x"}
    problem(client.post("/v1/documents", content=b"no form", headers=broken), 400)
    problem(
        client.post("/v1/documents", content=b"x", headers={"content-type": "multipart/form-data"}),
        400,
    )
    body = problem(client.post("/v1/documents", files={"file": ("a.txt", NOTE)}), 422)
    assert set(fields(body)) == {"files", "file"}
    assert fields(problem(upload(client, ("a.txt", NOTE), collection="a\tb"), 422)) == [
        "collection"
    ]


def test_a_document_is_replaced_under_its_own_name(client: TestClient) -> None:
    done(client, upload(client, ("a.txt", NOTE), collection="replace"))
    document = found(client, "replace")["a.txt"]
    put = client.put(f"/v1/documents/{document}", files={"file": ("other.txt", OTHER)})
    assert put.json()["kind"] == "replace"
    assert outcomes(done(client, put)) == {"a.txt": "updated"}
    assert found(client, "replace") == {"a.txt": document}
    assert client.get(f"/v1/documents/{document}/text").text.startswith("Gemengde")
    bad = client.put(f"/v1/documents/{document}", files={"file": ("b.txt", b"%PDF-1.4\n")})
    assert "content is a PDF" in problem(bad, 422)["detail"]
    for name in ("b.html", "b.exe"):
        other = client.put(f"/v1/documents/{document}", files={"file": (name, NOTE)})
        assert "Send the same format" in problem(other, 422)["detail"]
    assert client.get(f"/v1/documents/{document}/text").text.startswith("Gemengde")
    unknown = client.put("/v1/documents/d-0", files={"file": ("b.txt", NOTE)})
    assert problem(unknown, 404)["type"] == "/problems/unknown-document"


def test_a_document_that_goes_while_its_new_content_is_read_stays_away(
    client: TestClient, service: Service
) -> None:
    done(client, upload(client, ("a.txt", NOTE), collection="goes"))
    (document,) = found(client, "goes").values()

    class Removing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            service.uploads.remove(Principal("127.0.0.1", EVERYTHING), document)
            return super().read(size)

    with pytest.raises(UnknownDocument):
        service.uploads.accept_replacement(
            Principal("127.0.0.1", EVERYTHING),
            document,
            UploadFile(Removing(OTHER), filename="a.txt"),
        )
    assert found(client, "goes") == {}


def test_a_file_from_a_folder_can_be_replaced_and_the_folder_does_not_put_it_back(
    client: TestClient, service: Service, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(NOTE)
    sources = find_sources([tmp_path / "a.txt"])
    with Catalogue(service.settings.data) as catalogue:
        (report,) = ingest(catalogue, sources, "folder")
        assert report.document
        taken = problem_of(done(client, upload(client, ("a.txt", OTHER), collection="folder")))
        assert str(tmp_path) not in taken
        address = f"/v1/documents/{report.document}"
        done(client, client.put(address, files={"file": ("a.txt", OTHER)}))
        (again,) = ingest(catalogue, sources, "folder")
        assert again.outcome == "refused"
    assert client.get(f"{address}/text").text.startswith("Gemengde")


def problem_of(job: dict[str, Any]) -> str:
    (file,) = job["files"]
    assert file["outcome"] == "refused"
    return str(file["reason"])


def test_a_deleted_document_is_found_by_nothing_from_then_on(client: TestClient) -> None:
    done(client, upload(client, ("a.txt", NOTE), collection="delete"))
    document = found(client, "delete")["a.txt"]
    assert client.delete(f"/v1/documents/{document}").status_code == 204
    asked = {"question": "Qui patrouille le long de la Moselle ?", "collections": ["delete"]}
    assert client.post("/v1/ask", json=asked).json()["passages"] == []
    for path in ("", "/text", "/original"):
        problem(client.get(f"/v1/documents/{document}{path}"), 404)
    problem(client.delete(f"/v1/documents/{document}"), 404)


def test_ten_clients_with_the_same_file_at_once_make_one_document(client: TestClient) -> None:
    answers: list[Any] = []

    def send() -> None:
        answers.append(upload(client, ("same.txt", NOTE), collection="same"))

    clients = [threading.Thread(target=send) for _ in range(10)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    said = [outcomes(done(client, answer))["same.txt"] for answer in answers]
    assert sorted(said) == ["added", *["unchanged"] * 9]
    assert len(found(client, "same")) == 1


def test_the_original_is_handed_out_to_be_saved(client: TestClient) -> None:
    page = b"<html><title>x</title><p>La police <script>alert(1)</script> patrouille.</p></html>"
    done(client, upload(client, ('dir/p"\u00e9.html', page), collection="original"))
    (document,) = found(client, "original").values()
    response = client.get(f"/v1/documents/{document}/original")
    assert response.content == page
    assert response.headers["content-disposition"].startswith("attachment; filename*=UTF-8''p")
    assert '"' not in response.headers["content-disposition"]
    assert response.headers["x-content-type-options"] == "nosniff"


def test_collections_and_files_can_be_listed(client: TestClient) -> None:
    done(client, upload(client, ("a.txt", NOTE), ("b/a.txt", OTHER), collection="listed"))
    body = client.get("/v1/collections").json()
    CollectionsOut.model_validate(body)
    assert {"collection": "listed", "documents": 2, "passages": 2} in body["collections"]
    exactly = client.get("/v1/documents?collection=listed&file=a.txt").json()["documents"]
    assert [document["file"] for document in exactly] == ["a.txt"]


def test_jobs_are_listed_newest_first(client: TestClient) -> None:
    jobs = [upload(client, ("a.txt", NOTE), collection="jobs").json()["id"] for _ in range(3)]
    body = client.get("/v1/jobs?limit=2").json()
    JobsOut.model_validate(body)
    assert [job["id"] for job in body["jobs"]] == jobs[:0:-1]
    assert problem(client.get("/v1/jobs/j-0"), 404)["type"] == "/problems/unknown-job"
    problem(client.get("/v1/jobs/j-0/events"), 404)


@pytest.mark.parametrize("place", ["9" * 5_000, "9" * 19, "-1", "1e9", "x", "\u00b2"])
def test_a_place_in_a_stream_that_is_none_is_its_beginning(client: TestClient, place: str) -> None:
    job = upload(client, ("place.txt", NOTE)).json()["id"]
    headers = {"last-event-id": place.encode("latin-1")}
    response = client.get(f"/v1/jobs/{job}/events", headers=headers)  # type: ignore[arg-type]
    assert response.status_code == 200
    assert '"file":"place.txt"' in response.text


def test_events_hold_each_file_once(client: TestClient) -> None:
    files = [(f"{number}.txt", NOTE) for number in range(5)]
    response = upload(client, *files, ("bad.txt", b""), collection="events")
    events = events_of(client, response.json()["link"])
    told = [file["file"] for event in events for file in event["files"]]
    assert sorted(told) == sorted([*(name for name, _ in files), "bad.txt"])
    assert events[-1]["counts"]["added"] == 5
    resumed = client.get(f"{response.json()['link']}/events", headers={"last-event-id": "6"})
    assert '"files":[]' in resumed.text


@pytest.mark.parametrize(
    ("address", "peer", "headers", "status", "reading"),
    [
        ("http://passerelle.example", LOCAL, {}, 421, 421),
        ("http://127.0.0.1", AFAR, {}, 401, 401),
        ("http://192.0.2.1", LOCAL, {}, 401, 401),
        ("http://127.0.0.1", LOCAL, {"x-forwarded-for": "127.0.0.1"}, 401, 401),
        ("http://127.0.0.1", LOCAL, {"origin": "https://elsewhere.example"}, 403, 200),
        ("http://127.0.0.1", LOCAL, {"origin": "null"}, 403, 200),
        ("http://127.0.0.1", LOCAL, {"sec-fetch-site": "cross-site"}, 403, 200),
        ("http://127.0.0.1", LOCAL, {"sec-fetch-site": "same-site"}, 403, 200),
    ],
)
def test_while_there_is_no_key_only_this_machine_is_let_in(
    service: Service,
    address: str,
    peer: tuple[str, int],
    headers: dict[str, str],
    status: int,
    reading: int,
) -> None:
    client = TestClient(create_app(service), base_url=address, client=peer, headers=headers)
    for response in (
        upload(client, ("a.txt", NOTE), collection="no"),
        client.put("/v1/documents/d-0", files={"file": ("a.txt", NOTE)}),
        client.delete("/v1/documents/d-0"),
    ):
        problem(response, status)
    assert client.get("/v1/documents").status_code == reading


def test_what_a_text_leaves_out_is_shown_with_its_document(client: TestClient) -> None:
    sentences = "The patrol went along the river. It met nobody. It came home late at night."
    report = pdf([[sentences]] * 3, footer="{page}")
    job = done(client, upload(client, ("report.pdf", report), collection="margins"))
    document = job["files"][0]["document"]
    assert client.get(f"/v1/documents/{document}").json()["left_out"] == [
        {"what": "page number", "text": str(page), "page": page, "number": 1} for page in (1, 2, 3)
    ]
    page = client.get(f"/documents/{document}", headers={"Accept-Language": "nl"}).text
    assert "Niet in de tekst: (3)" in page
    assert page.count("Paginanummer") == 3
