"""Quotas of keys: set by the command, held over HTTP at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from api.auth.keys import Keys, Scope
from api.cli.main import main
from api.jobs import uploads
from api.service import Service, open_service
from api.settings import Settings
from corpus.store.catalogue import Catalogue
from corpus.store.quotas import Quota
from tests.api.clients import afar
from tests.api.problems import problem
from tests.api.waiting import until

NOTE = b"Les deux polices patrouillent ensemble le long de la Moselle."


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    with open_service(
        Settings(data=tmp_path_factory.mktemp("data"), cache=cache), follow=True
    ) as service:
        yield service


def run(data: Path, *arguments: str) -> Any:
    return CliRunner().invoke(main, ["keys", *arguments, "--data", str(data)])


def shown(data: Path, *arguments: str) -> dict[str, Any]:
    done = run(data, "quota", *arguments, "--json")
    assert done.exit_code == 0, done.output
    body: dict[str, Any] = json.loads(done.output)
    return body


def test_the_command_sets_shows_and_lifts_the_limits_of_a_key(tmp_path: Path) -> None:
    with Keys(tmp_path) as kept:
        key, _ = kept.add("press", [Scope.WRITE])
    nothing = {"documents": 0, "bytes": 0, "jobs": 0}
    assert shown(tmp_path, key.id) == {
        "quota": {"documents": None, "bytes": None, "jobs": None}, "usage": nothing
    }  # fmt: skip
    limited = shown(tmp_path, key.id, "--documents", "10", "--mb", "2")
    assert limited["quota"] == {"documents": 10, "bytes": 2**21, "jobs": None}
    more = shown(tmp_path, key.id, "--mb", "none", "--jobs", "3")
    assert more["quota"] == {"documents": 10, "bytes": None, "jobs": 3}
    assert "at most 10 documents, 3 jobs" in run(tmp_path, "list").output
    assert "documents: 0 of 10" in run(tmp_path, "quota", key.id).output


@pytest.mark.parametrize("arguments", [("--mb", "-1"), ("--jobs", "many")])
def test_a_limit_that_is_none_is_a_wrong_call(tmp_path: Path, arguments: tuple[str, str]) -> None:
    assert run(tmp_path, "quota", "0" * 12, *arguments).exit_code == 2


def test_there_is_no_quota_of_an_unknown_or_revoked_key(tmp_path: Path) -> None:
    with Keys(tmp_path) as kept:
        key, _ = kept.add("press", [Scope.WRITE])
        kept.revoke(key.id)
        assert not kept.limit(key.id, Quota(documents=1))
    for id_ in (key.id, "0" * 12):
        assert run(tmp_path, "quota", id_, "--jobs", "1").exit_code == 1


def test_a_key_over_its_quota_is_told_what_to_do_on_the_page_in_the_readers_language(
    service: Service,
) -> None:
    key, text = service.keys.add("press", [Scope.READ, Scope.WRITE])
    client = afar(service, text)
    first = client.post("/v1/documents", files={"files": ("a.txt", NOTE)})
    assert first.status_code == 202
    assert shown(service.settings.data, key.id, "--documents", "1")["usage"]["documents"] == 1
    refused = problem(client.post("/v1/documents", files={"files": ("b.txt", NOTE)}), 507)
    assert refused["type"] == "/problems/quota-reached"
    assert "1 documents; with this it would have 2. Delete some" in refused["detail"]
    page = client.post(
        "/documents?lang=de", files={"files": ("b.txt", NOTE)}, headers={"accept": "text/html"}
    )
    assert page.status_code == 507
    assert "Es ist kein Platz mehr" in page.text
    until(lambda: client.get(first.json()["link"]).json()["state"] == "done")
    document = client.get(first.json()["link"]).json()["files"][0]["document"]
    again = client.put(f"/v1/documents/{document}", files={"file": ("a.txt", NOTE * 2)})
    assert again.status_code == 202, "it has that document already"
    assert client.delete(f"/v1/documents/{document}").status_code == 204
    assert client.post("/v1/documents", files={"files": ("b.txt", NOTE)}).status_code == 202


def test_one_key_does_not_fill_the_places_of_all(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_JOBS_OF_ONE", 0)
    _, text = service.keys.add("busy", [Scope.READ, Scope.WRITE])
    refused = afar(service, text).post("/v1/documents", files={"files": ("c.txt", NOTE)})
    assert problem(refused, 429)["type"] == "/problems/too-many-jobs"
    assert int(refused.headers["retry-after"]) > 0
    own, other = service.keys.add("own", [Scope.READ, Scope.WRITE])
    service.keys.limit(own.id, Quota(jobs=2))
    assert afar(service, other).post(
        "/v1/documents", files={"files": ("c.txt", NOTE)}
    ).status_code == 202  # fmt: skip
    with Catalogue(service.settings.data) as catalogue:
        assert catalogue.jobs.usage(own.id).documents == 1
