"""The operator's file of the provider: what its groups open, and what is refused with a reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.auth.oidc.errors import ProviderFileError
from api.auth.oidc.provider_file import SESSION_MINUTES, read_provider
from api.auth.permissions import NOTHING, Rights
from api.service import open_service
from api.settings import Settings
from tests.api.auth.oidc.conftest import OURS, SECRET, write_file

ISSUER = "https://login.example.org/realms/staff"


def test_groups_open_together_what_each_of_them_opens(tmp_path: Path) -> None:
    said = read_provider(write_file(tmp_path, ISSUER))
    assert said.rights_of([], is_public=False) == NOTHING
    assert said.rights_of(["unknown"], is_public=False) == NOTHING
    assert said.rights_of(["press"], is_public=False) == Rights(frozenset({"press"}), frozenset())
    both = Rights(None, frozenset({"odd"}), is_admin=True)
    assert said.rights_of(["press", "archive"], is_public=False) == both
    assert said.rights_of(["unknown"], is_public=True) == Rights(None, frozenset())


def test_a_name_of_a_collection_is_one_however_it_is_typed(tmp_path: Path) -> None:
    file = write_file(tmp_path, ISSUER)
    file.write_text(file.read_text("utf-8").replace('"odd"', '"e\u0301tat"'), "utf-8")
    rights = read_provider(file).rights_of(["archive"], is_public=False)
    assert rights.writes == frozenset({"\u00e9tat"})


def test_the_secret_is_in_a_file_of_its_own_and_in_nothing_that_is_shown(tmp_path: Path) -> None:
    said = read_provider(write_file(tmp_path, ISSUER))
    assert said.secret is not None
    assert said.secret.get_secret_value() == SECRET
    assert SECRET not in f"{said!r} {said} {said.model_dump()}"
    assert said.session_minutes == SESSION_MINUTES
    assert said.redirect_uri == f"{OURS}/sign-in/return"


BAD = {
    "secret = 1": "extra_forbidden|not permitted",
    'secret_file = "nothing"': "nothing.*No such file",
    'secret_file = "empty"': "empty",
    'issuer = "http://login.example.org"': "issuer.*https://",
    'issuer = "https://me:it@login.example.org"': "issuer.*user",
    'url = "https://ask.example.org/passerelle"': "url.*path",
    'url = "ask.example.org"': "url.*https://",
    "session_minutes = 0": "session_minutes",
    "group = []": "group",
    "name": "no TOML",
    'secret = "s"': "secret",
}


@pytest.mark.parametrize("line", BAD)
def test_what_cannot_be_is_refused_with_the_place_and_the_reason(tmp_path: Path, line: str) -> None:
    file = write_file(tmp_path, ISSUER)
    (tmp_path / "empty").touch()
    key = line.partition(" ")[0]
    lines = [each for each in file.read_text("utf-8").splitlines() if not each.startswith(key)]
    text = "\n".join([line, *lines])
    file.write_text(text[: text.index("[[")] if key == "group" else text, "utf-8")
    with pytest.raises(ProviderFileError, match=BAD[line]) as refused:
        read_provider(file)
    assert str(file.parent) in str(refused.value)


def test_a_server_does_not_start_with_a_file_that_is_not_there(tmp_path: Path) -> None:
    missing = Settings(data=tmp_path / "data", oidc=tmp_path / "provider.toml")
    with (
        pytest.raises(ProviderFileError, match=re.escape(str(missing.oidc))),
        open_service(missing, follow=True),
    ):
        pass
