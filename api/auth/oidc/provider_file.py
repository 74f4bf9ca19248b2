"""The provider that people sign in with, and what its groups open: the operator's file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
)

from api.auth.oidc.errors import ProviderFileError
from api.auth.permissions import NONE, Collections, Rights
from api.settings import is_loopback
from corpus.operator_files import read_operator_file
from corpus.types import composed

SESSION_MINUTES: Final = 60
"""After which a browser asks the provider again, unless the file says otherwise. So long may
somebody keep the rights of a group that was taken from them at the provider."""

EVERY_COLLECTION: Final = "*"

MAX_SECRET_BYTES: Final = 10_000


def origin(address: str) -> str:
    """Return an address without a path, by HTTPS or of this machine itself.

    Raises ValueError if it is another.
    """
    kept = confidential(address.rstrip("/"))
    if urlsplit(kept).path:
        raise ValueError("the address has a path; leave it out")
    return kept


def confidential(address: str) -> str:
    """Return an address by HTTPS or of this machine itself.

    Raises ValueError if it is another.
    """
    url = urlsplit(address)
    is_local = url.scheme == "http" and is_loopback(url.hostname or "")
    if not url.hostname or not (url.scheme == "https" or is_local):
        raise ValueError("the address has to begin with https://")
    if url.username or url.password or url.query or url.fragment:
        raise ValueError("the address must not have a user, a question mark or a #")
    return address


class Group(BaseModel):
    """A group of the provider's, and what it opens; ``*`` stands for every collection."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    read: frozenset[Annotated[str, AfterValidator(composed)]] = frozenset()
    write: frozenset[Annotated[str, AfterValidator(composed)]] = frozenset()
    admin: bool = False


class ProviderFile(BaseModel):
    """What the operator says of the provider."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=60)
    """What its button says."""
    issuer: Annotated[str, AfterValidator(confidential)]
    client_id: str = Field(min_length=1)
    secret_file: Path | None = None
    """None: a public client, which has PKCE only."""
    url: Annotated[str, AfterValidator(origin)]
    """Where readers reach this server."""
    scopes: tuple[str, ...] = ()
    """To ask for beside ``openid``."""
    groups_claim: str = "groups"
    name_claim: str | None = None
    """What the audit log calls a person by; None: their id only."""
    session_minutes: int = Field(default=SESSION_MINUTES, ge=1, le=720)
    group: tuple[Group, ...] = Field(min_length=1)
    _secret: SecretStr | None = PrivateAttr(None)

    @property
    def secret(self) -> SecretStr | None:
        """What the file of the secret has; None if there is none."""
        return self._secret

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends readers back to."""
        return f"{self.url}/sign-in/return"

    def known(self, groups: Iterable[str]) -> frozenset[str]:
        """Return those of somebody's groups that the file names."""
        return frozenset(group.name for group in self.group).intersection(groups)

    def rights_of(self, groups: Iterable[str], *, is_public: bool) -> Rights:
        """Return what groups open together; if reading ``is_public``, all may be read."""
        wanted = frozenset(groups)
        mine = [group for group in self.group if group.name in wanted]
        return Rights(
            None if is_public else _together(group.read for group in mine),
            _together(group.write for group in mine),
            any(group.admin for group in mine),
        )


def _together(collections: Iterable[frozenset[str]]) -> Collections:
    every = frozenset[str]().union(*collections)
    return None if EVERY_COLLECTION in every else every or NONE


def read_provider(file: Path) -> ProviderFile:
    """Return what the operator's file says.

    Raises:
        ProviderFileError: it or the file of the secret cannot be read, or it says what cannot be.
    """
    said = read_operator_file(file, ProviderFile, "The file of the provider", ProviderFileError)
    if said.secret_file is not None:
        said._secret = _secret(file.parent / said.secret_file)
    return said


def _secret(file: Path) -> SecretStr:
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_SECRET_BYTES).decode("utf-8").strip()
    except OSError as error:
        raise ProviderFileError(
            f"The file of the provider's secret {file} cannot be read ({error.strerror}). Check "
            "its name and its permissions."
        ) from error
    except UnicodeDecodeError as error:
        raise ProviderFileError(
            f"The file of the provider's secret {file} is no text ({error.reason})."
        ) from error
    if not text:
        raise ProviderFileError(f"The file of the provider's secret {file} is empty.")
    return SecretStr(text)
