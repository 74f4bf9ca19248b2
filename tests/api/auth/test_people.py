"""People who signed in with an account: who they are here, and when their sessions end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.audit.log import AuditLog
from api.auth import people as people_module
from api.auth.keys import Keys, Scope
from api.auth.keys_file import FILE_NAME
from api.auth.people import People
from api.cli.main import main

ISSUER = "https://login.example.org"


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keys]:
    with Keys(tmp_path) as keys:
        yield keys


@pytest.fixture
def people(keys: Keys) -> People:
    return keys.people


def signed_in(people: People, subject: str, *groups: str, minutes: int = 60) -> str:
    person = people.identify(ISSUER, subject, "")
    return people.begin_session(person, ISSUER, groups, minutes)


def test_a_person_has_one_id_that_tells_nothing(people: People) -> None:
    first = people.identify(ISSUER, "anna@example.org", "")
    assert people.identify(ISSUER, "anna@example.org", "Anna") == first
    assert people.identify("https://another.example", "anna@example.org", "") != first
    assert people.find(ISSUER, "anna@example.org") == first
    assert people.find(ISSUER, "ben@example.org") is None


def test_the_file_has_no_token_and_not_what_the_provider_calls_them(
    people: People, tmp_path: Path
) -> None:
    token = signed_in(people, "anna@example.org", "press")
    bytes_ = b"".join(each.read_bytes() for each in tmp_path.glob(f"{FILE_NAME}*"))
    assert b"p-" in bytes_
    assert token.encode() not in bytes_
    assert b"anna" not in bytes_


def test_a_session_ends_by_itself(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    token = signed_in(people, "anna", "press", minutes=5)
    person = people.of_session(token, ISSUER)
    assert person is not None
    assert person.groups == {"press"}
    assert people.is_signed_in(person)
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
    monkeypatch.setattr(people_module, "_now", lambda: later)
    assert people.of_session(token, ISSUER) is None
    assert not people.is_signed_in(person)


def test_a_session_is_of_the_provider_that_it_began_with(people: People) -> None:
    token = signed_in(people, "anna", "press")
    assert people.of_session(token, "https://another.example") is None


def test_sessions_of_keys_and_of_people_end_one_by_one_and_all_at_once(keys: Keys) -> None:
    key, _ = keys.add("Ann", [Scope.READ])
    tokens = [signed_in(keys.people, "anna"), signed_in(keys.people, "anna")]
    of_key = keys.begin_session(key)
    keys.end_session(tokens[0])
    assert keys.people.of_session(tokens[0], ISSUER) is None
    assert keys.people.of_session(tokens[1], ISSUER)
    keys.end_all_sessions()
    assert keys.people.of_session(tokens[1], ISSUER) is None
    assert keys.of_session(of_key) is None


def test_the_command_lists_people_and_signs_one_out_everywhere(
    people: People, tmp_path: Path
) -> None:
    token, other = signed_in(people, "anna", "press"), signed_in(people, "ben", "press")
    person, another = (people.of_session(each, ISSUER) for each in (token, other))
    assert person is not None
    assert another is not None
    run = CliRunner()
    listed = run.invoke(main, ["people", "list", "--data", str(tmp_path)])
    assert person.id in listed.stdout
    assert "anna" not in listed.stdout
    ended = run.invoke(main, ["people", "sign-out", person.id, "--data", str(tmp_path)])
    assert (ended.exit_code, ended.stdout) == (0, f"signed out {person.id} (1 session)\n")
    assert people.of_session(token, ISSUER) is None
    assert people.of_session(other, ISSUER) == another
    assert not people.is_signed_in(person)
    unknown = run.invoke(main, ["people", "sign-out", "p-0", "--data", str(tmp_path)])
    assert unknown.exit_code == 1
    assert "passerelle people list" in unknown.stderr
    deeds = [(each.deed, each.on) for each in AuditLog(tmp_path).records()]
    assert deeds == [("ended_sessions", {"person": person.id})]


def test_whoever_is_known_at_the_provider_is_found_by_what_it_calls_them(
    people: People, tmp_path: Path
) -> None:
    person = people.identify(ISSUER, "anna@example.org", "")
    run = CliRunner()
    asked = ["people", "list", "--data", str(tmp_path), "--issuer", ISSUER, "--subject"]
    found = run.invoke(main, [*asked, "anna@example.org", "--json"])
    assert f'"id": "{person}"' in found.stdout
    assert "There is nobody" in run.invoke(main, [*asked, "ben"]).stdout
