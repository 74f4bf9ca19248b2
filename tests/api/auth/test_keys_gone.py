"""The file of the keys is moved away while the server runs: no key opens anything meanwhile."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.auth.keys import Keys, Scope
from api.auth.keys_file import FILE_NAME
from api.service import Service, open_service
from api.settings import Settings
from corpus.errors import KeysGone
from tests.api.clients import afar, beside
from tests.api.problems import problem


def move(folder: Path) -> None:
    (folder / FILE_NAME).rename(folder / "aside")


def copy_in_its_place(folder: Path) -> None:
    move(folder)
    shutil.copy(folder / "aside", folder / FILE_NAME)


def others_in_its_place(folder: Path) -> None:
    move(folder)
    # Another process, since SQLite takes the two files for one in the same.
    command = [sys.executable, "-m", "api.cli.main", "keys", "add", "other", "--data", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


WAYS = [move, copy_in_its_place, others_in_its_place]


@pytest.mark.parametrize("take", WAYS)
def test_no_key_or_session_is_valid_until_the_file_is_back_and_the_server_says_so(
    service: Service, tmp_path: Path, take: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    with Keys(tmp_path) as kept:
        key, text = kept.add("reader", [Scope.READ, Scope.WRITE])
        token = kept.begin_session(key)
        app = create_app(replace(service, keys=kept))
        cookie = {"cookie": f"passerelle={token}"}
        clients = [afar(app, text), afar(app, headers=cookie), beside(app)]
        assert [each.get("/v1/documents").status_code for each in clients] == [200, 200, 401]
        assert clients[0].get("/ready").status_code == 200

        with caplog.at_level(logging.INFO):
            take(tmp_path)
            for client in clients:
                found = problem(client.get("/v1/documents"), 503)
                assert found["type"] == "/problems/unavailable-keys"
                problem(client.get("/ready"), 503)
                assert client.get("/health").status_code == 200
                assert client.get("/static/passerelle.css").status_code == 200
            problem(afar(app).post("/sign-in", data={"key": text}), 503)
            problem(afar(app, headers=cookie).post("/sign-out"), 503)
            problem(afar(app).get("/v1/documents"), 401)
            assert caplog.text.count("was moved away, deleted or replaced") >= 1
            assert str(tmp_path) not in client.get("/ready").text

            (tmp_path / "aside").rename(tmp_path / FILE_NAME)
            assert [each.get("/v1/documents").status_code for each in clients] == [200, 200, 401]
            assert clients[0].get("/ready").status_code == 200
            assert "is back" in caplog.text


@pytest.mark.parametrize("take", WAYS)
def test_a_revocation_after_the_return_counts_though_nobody_asked_meanwhile(
    tmp_path: Path, take: Callable[[Path], None]
) -> None:
    with Keys(tmp_path) as kept:
        key, text = kept.add("reader", [Scope.READ])
        token = kept.begin_session(key)
        assert kept.holder(text)
        take(tmp_path)
        (tmp_path / "aside").rename(tmp_path / FILE_NAME)
        assert (
            subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "api.cli.main",
                    "keys",
                    "revoke",
                    key.id,
                    "--data",
                    tmp_path,
                ],
                check=False,
            ).returncode
            == 0
        )
        assert kept.holder(text) is None
        assert kept.of_session(token) is None


def test_who_needs_no_key_goes_on(service: Service, tmp_path: Path) -> None:
    public = service.settings.changed(public_read=True)
    with Keys(tmp_path) as kept:
        _, text = kept.add("reader", [Scope.READ])
        app = create_app(replace(service, keys=kept, settings=public))
        assert afar(app, text).get("/v1/documents").status_code == 200
        move(tmp_path)
        assert afar(app).get("/v1/documents").status_code == 200
        problem(afar(app, text).get("/v1/documents"), 503)


def test_a_file_that_goes_before_anybody_asks_is_missed_too(tmp_path: Path, cache: Path) -> None:
    settings = Settings(data=tmp_path / "data", cache=cache)
    with Keys(settings.data) as kept:
        kept.add("reader", [Scope.READ])
    with open_service(settings, follow=True) as service:
        move(settings.data)
        client: TestClient = beside(service)
        problem(client.get("/v1/documents"), 503)  # and not all that the machine itself could do
        problem(client.get("/ready"), 503)


def test_nothing_is_written_to_a_file_that_is_gone(tmp_path: Path) -> None:
    with Keys(tmp_path) as kept:
        key, _ = kept.add("reader", [Scope.READ])
        assert kept.is_valid(key.id)
        move(tmp_path)
        for change in (lambda: kept.begin_session(key), lambda: kept.revoke(key.id)):
            with pytest.raises(KeysGone):
                change()
        assert not (tmp_path / FILE_NAME).exists()
