from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from api.auth import keys as keys_module
from api.auth.keys import SESSION_HOURS, Keys, Scope
from api.auth.keys_file import FILE_NAME
from api.cli.main import main
from corpus.store.backup import backup
from corpus.store.catalogue import Catalogue


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_a_key_is_known_by_its_text_alone(tmp_path: Path) -> None:
    with Keys(tmp_path) as kept:
        key, text = kept.add("Ann", [Scope.READ, Scope.WRITE], ["press", "faq"])
        assert kept.holder(text) == key
        assert key.collections == frozenset({"press", "faq"})
        for wrong in ("", key.id, text[:-1], text + "a", text.upper(), f" {text}", text[11:]):
            assert kept.holder(wrong) is None
    with Keys(tmp_path) as again:
        assert again.holder(text) == key


def test_two_keys_share_nothing(tmp_path: Path) -> None:
    with Keys(tmp_path) as kept:
        (one, first), (other, second) = (kept.add("Ann", [Scope.READ]) for _ in range(2))
        crossed = first.replace(one.id, other.id)
        assert (kept.holder(first), kept.holder(second)) == (one, other)
        assert kept.holder(crossed) is None


@given(st.text())
def test_any_text_that_is_no_key_opens_nothing(text: str) -> None:
    folder = Path("/nonexistent")
    with Keys(folder) as kept:
        assert kept.holder(text) is None
        assert kept.of_session(text) is None


def test_the_file_holds_no_key_and_is_its_owners_alone(tmp_path: Path) -> None:
    with Keys(tmp_path / "data") as kept:
        key, text = kept.add("Ann", [Scope.READ])
        token = kept.begin_session(key)
        for file in (tmp_path / "data").iterdir():
            content = file.read_bytes()
            assert text.split("_", 2)[2].encode() not in content
            assert token.encode() not in content
    assert stat.S_IMODE((tmp_path / "data" / FILE_NAME).stat().st_mode) == 0o600


def test_looking_for_keys_makes_no_file(tmp_path: Path) -> None:
    with Keys(tmp_path) as kept:
        assert not kept.any()
        assert kept.all() == []
        assert kept.holder("passerelle_000000000000_" + "a" * 43) is None
    assert list(tmp_path.iterdir()) == []


def test_what_another_process_does_counts_at_once(tmp_path: Path) -> None:
    with Keys(tmp_path) as server, Keys(tmp_path) as command:
        key, text = command.add("Ann", [Scope.READ])
        assert server.holder(text) == key
        token = server.begin_session(key)
        assert server.of_session(token) == key
        assert command.revoke(key.id)
        assert server.holder(text) is None
        assert server.of_session(token) is None
        assert server.any()
        assert server.all()[0].revoked is not None


def test_a_session_ends_by_itself_and_when_it_is_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Keys(tmp_path) as kept:
        key, _ = kept.add("Ann", [Scope.READ])
        one, other = kept.begin_session(key), kept.begin_session(key)
        kept.end_session(one)
        assert (kept.of_session(one), kept.of_session(other)) == (None, key)
        later = datetime.now(UTC) + timedelta(hours=SESSION_HOURS)
        monkeypatch.setattr(keys_module, "_now", lambda: later.replace(microsecond=0))
        assert kept.of_session(other) is None
        kept.begin_session(key)
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
    connection.close()


def test_keys_come_along_in_a_backup(tmp_path: Path) -> None:
    Catalogue(tmp_path / "data").close()
    with Keys(tmp_path / "data") as kept:
        key, text = kept.add("Ann", [Scope.READ])
        backup(tmp_path / "data", tmp_path / "copy")
    with Keys(tmp_path / "copy") as restored:
        assert restored.holder(text) == key


def test_the_command_makes_lists_and_revokes_keys(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    assert run("keys", "list", *data).stdout == "There are no keys.\n"
    made = run("keys", "add", "Ann", "--scope", "write", "--collection", "press", *data)
    text = made.stdout.strip()
    with Keys(tmp_path) as kept:
        key = kept.holder(text)
        assert key is not None
        assert (key.name, key.scopes, key.collections) == (
            "Ann", frozenset({Scope.WRITE}), frozenset({"press"})
        )  # fmt: skip
    as_json = json.loads(run("keys", "add", "Bob", "--json", *data).stdout)
    assert (as_json["scopes"], as_json["collections"]) == (["read"], None)
    assert run("keys", "revoke", key.id, *data).stdout == f"revoked {key.id}\n"
    again = run("keys", "revoke", key.id, *data)
    assert (again.exit_code, again.stdout) == (1, "")
    assert "There is no active key" in again.stderr
    listed = run("keys", "list", *data).stdout
    assert text not in listed
    assert [line.split()[0] for line in listed.splitlines()] == [key.id, as_json["id"]]
    assert "revoked" in listed.splitlines()[0]
    assert len(json.loads(run("keys", "list", "--json", *data).stdout)) == 2


def test_a_name_cannot_move_the_terminals_cursor(tmp_path: Path) -> None:
    run("keys", "add", "A\x1b[2Jnn", "--data", str(tmp_path))
    assert "\x1b" not in run("keys", "list", "--data", str(tmp_path)).stdout


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "server.example"])
def test_the_server_does_not_start_where_others_reach_it_and_there_is_no_key(
    tmp_path: Path, host: str
) -> None:
    for made in (False, True):
        if made:  # a revoked one is none
            with Keys(tmp_path) as kept:
                kept.revoke(kept.add("gone", [Scope.READ])[0].id)
        done = run("serve", "--host", host, "--data", str(tmp_path))
        assert done.exit_code == 1
        assert "keys add" in done.stderr
        assert "--public-read" in done.stderr


def test_a_key_of_an_older_release_opens_the_collection_however_its_name_was_typed(
    tmp_path: Path,
) -> None:
    with Keys(tmp_path) as kept:
        _, text = kept.add("Ann", [Scope.READ], ["Cafe\u0301"])
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
            file.execute("UPDATE keys SET collections = ?", (json.dumps(["Cafe\u0301"]),))
            file.commit()
        key = kept.holder(text)
        assert key
        assert key.collections == frozenset({"Caf\u00e9"})
