"""The provider: where it sends readers, and whom it says they are.

Authorization code flow of OpenID Connect Core 1.0 with PKCE. Authlib builds the requests and
checks the claims of the ID token, joserfc its signature. docs/decisions/0063-openid-connect.md.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic, time
from typing import Annotated, Any, Final, NamedTuple
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from joserfc.jws import JWSRegistry
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from api.auth.oidc.attempt import Attempt
from api.auth.oidc.errors import SignInFailed, Trouble
from api.auth.oidc.provider_file import ProviderFile, confidential
from api.auth.oidc.transport import Transport

ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
"""Of signatures: those with a public key. ``none`` is none, and HS256 would be by the secret."""

LEEWAY_SECONDS: Final = 60
"""By which two clocks may differ."""

KEPT_SECONDS: Final = 3600.0
"""For which the metadata and the keys are believed: so long is a key that was taken back."""

PAUSE_SECONDS: Final = 5.0
"""For which a provider that does not answer is not asked again; each try may hold a thread."""

NEW_KEYS_SECONDS: Final = 60.0
"""Between two times that keys are fetched early, since a token names one that is not known."""

Https = Annotated[str, AfterValidator(confidential)]

log = logging.getLogger("passerelle.access")


class Identity(NamedTuple):
    """Whom the provider says somebody is."""

    subject: str
    """What the provider calls them, the same every time."""
    name: str
    """Empty unless the operator wants one."""
    groups: frozenset[str]
    """Those that the operator's file names."""


class _Metadata(BaseModel):
    """What the provider says of itself (OpenID Connect Discovery 1.0)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    issuer: str
    authorization_endpoint: Https
    token_endpoint: Https
    jwks_uri: Https
    userinfo_endpoint: Https | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class _Keys(BaseModel):
    """The public keys that it signs with (RFC 7517)."""

    keys: tuple[dict[str, Any], ...]

    def as_set(self) -> KeySetSerialization:
        """Return those of a kind that ALGORITHMS know."""
        return {"keys": [key for key in self.keys if key.get("kty") in {"RSA", "EC", "OKP"}]}


class _Known(NamedTuple):
    metadata: _Metadata
    keys: KeySet
    since: float


class Provider:
    """The provider of an operator's file. Safe to use from several threads; it waits for a network.

    Every method raises SignInFailed.
    """

    def __init__(self, said: ProviderFile, clock: Callable[[], float] = time) -> None:
        self.said = said
        self._clock = clock
        self._hosts = frozenset({urlsplit(said.issuer).hostname or ""})
        self._guard = threading.Lock()
        self._known: _Known | None = None
        self._failed: tuple[float, SignInFailed] | None = None
        self._renewed = float("-inf")

    def authorization(self, attempt: Attempt, language: str) -> str:
        """Return the address at the provider that a browser signs in at."""
        with self._client() as client:
            address, _ = client.create_authorization_url(
                self._current().metadata.authorization_endpoint,
                state=attempt.state,
                nonce=attempt.nonce,
                code_verifier=attempt.verifier,
                ui_locales=language,
            )
            return str(address)

    def identity(self, attempt: Attempt | None, response: Mapping[str, str]) -> Identity:
        """Return whom the provider says somebody is, by the parameters that it sent them with and
        the attempt that their browser knows of."""
        if attempt is None:
            raise SignInFailed(Trouble.AGAIN, "this browser began none, or too long ago")
        if not attempt.has_state(response.get("state", "")):
            raise SignInFailed(Trouble.AGAIN, "the state is not this browser's")
        self._check_issuer(response)
        if "error" in response:
            raise SignInFailed(Trouble.DECLINED, f"the provider says {response['error'][:100]!r}")
        with self._client() as client, _answering():
            token = client.fetch_token(
                self._current().metadata.token_endpoint,
                grant_type="authorization_code",
                code=response.get("code", ""),
                code_verifier=attempt.verifier,
            )
            claims = self._verified(token, attempt.nonce)
            if self.said.groups_claim not in claims:
                claims |= self._user_info(client, claims["sub"])
        return self._identity(claims)

    def _check_issuer(self, response: Mapping[str, str]) -> None:
        """Refuse the answer of another provider (mix-up, RFC 9207)."""
        is_said = self._current().metadata.authorization_response_iss_parameter_supported
        if response.get("iss", None if is_said else self.said.issuer) != self.said.issuer:
            raise SignInFailed(Trouble.AGAIN, "the answer is not from the provider that was asked")

    def _verified(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """Return the claims of an ID token that is the provider's, for us and this attempt."""
        written = token.get("id_token")
        if not isinstance(written, str):
            raise SignInFailed(Trouble.DOWN, "the provider sent no ID token")
        try:
            decoded = self._decoded(written)
        except (JoseError, ValueError) as error:
            raise SignInFailed(Trouble.AGAIN, f"the ID token is not sound ({error})") from error
        claims: dict[str, Any] = decoded.claims
        self._check_clock(claims)
        try:
            CodeIDToken(
                claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self.said.issuer},
                    "aud": {"essential": True, "value": self.said.client_id},
                    "sub": {"essential": True},
                },
                {
                    "nonce": nonce,
                    "client_id": self.said.client_id,
                    "access_token": token.get("access_token"),
                },
            ).validate(now=int(self._clock()), leeway=LEEWAY_SECONDS)
        except ClaimError as error:
            raise SignInFailed(Trouble.AGAIN, f"the ID token is not for this ({error})") from error
        return claims

    def _decoded(self, written: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            return jwt.decode(written, self._current().keys, registry=registry)
        except InvalidKeyIdError:
            return jwt.decode(written, self._renewed_keys(), registry=registry)

    def _check_clock(self, claims: Mapping[str, Any]) -> None:
        """Tell a clock that is wrong from a token that is: this one came just now."""
        made, ends, now = claims.get("iat"), claims.get("exp"), self._clock()
        is_early = isinstance(made, int | float) and made > now + LEEWAY_SECONDS
        is_late = isinstance(ends, int | float) and ends <= now - LEEWAY_SECONDS
        if is_early or is_late:
            raise SignInFailed(
                Trouble.CLOCK,
                f"an ID token that came just now is of {made} to {ends} (seconds since 1970), and "
                f"it is {now:.0f} here. Set this machine's clock, or the provider's",
            )

    def _user_info(self, client: OAuth2Client, subject: str) -> dict[str, Any]:
        """Return what the provider says of a person on request, if it does."""
        address = self._current().metadata.userinfo_endpoint
        if address is None:
            return {}
        said = _json(client, address, withhold_token=False)
        if said.get("sub") != subject:
            raise SignInFailed(Trouble.AGAIN, "the user info is of somebody else")
        return said

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        groups = claims.get(self.said.groups_claim)
        listed = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
        known = self.said.known(filter(lambda each: isinstance(each, str), listed))
        if not known:
            raise SignInFailed(
                Trouble.NO_GROUP,
                f"{self.said.groups_claim} names {len(listed)} groups, none of which the file has",
            )
        name = claims.get(self.said.name_claim) if self.said.name_claim else None
        return Identity(str(claims["sub"]), name if isinstance(name, str) else "", known)

    def _current(self) -> _Known:
        """Return the metadata and the keys, fetched anew once in KEPT_SECONDS."""
        with self._guard:
            if self._known and monotonic() - self._known.since < KEPT_SECONDS:
                return self._known
            if self._failed and monotonic() - self._failed[0] < PAUSE_SECONDS:
                raise self._failed[1]
            try:
                with self._client() as client, _answering():
                    metadata = self._metadata(client)
                    self._known = _Known(metadata, _keys(client, metadata), monotonic())
            except SignInFailed as error:
                self._failed = (monotonic(), error)
                raise
            return self._known

    def _renewed_keys(self) -> KeySet:
        """Return the keys, fetched anew if that was not done a moment ago."""
        known = self._current()
        with self._guard:
            if monotonic() - self._renewed >= NEW_KEYS_SECONDS:
                self._renewed = monotonic()
                with self._client() as client, _answering():
                    known = known._replace(keys=_keys(client, known.metadata))
                    self._known = known
            return known.keys

    def _metadata(self, client: OAuth2Client) -> _Metadata:
        address = f"{self.said.issuer.rstrip('/')}/.well-known/openid-configuration"
        metadata = _Metadata.model_validate(_json(client, address))
        if metadata.issuer != self.said.issuer:
            raise SignInFailed(
                Trouble.DOWN,
                f"the provider calls itself {metadata.issuer[:200]!r}, and the file says "
                f"{self.said.issuer!r}. Write it as the provider does, to the last stroke",
            )
        return metadata

    def _client(self) -> OAuth2Client:
        secret = self.said.secret
        methods = self._known.metadata.token_endpoint_auth_methods_supported if self._known else ()
        is_basic = not methods or "client_secret_basic" in methods
        by = "client_secret_basic" if is_basic else "client_secret_post"
        return OAuth2Client(
            client_id=self.said.client_id,
            client_secret=secret.get_secret_value() if secret else None,
            token_endpoint_auth_method=by if secret else "none",
            scope=" ".join(dict.fromkeys(("openid", *self.said.scopes))),
            redirect_uri=self.said.redirect_uri,
            code_challenge_method="S256",
            transport=Transport(self._hosts),
            trust_env=False,
        )


@contextmanager
def _answering() -> Iterator[None]:
    """Have all that may go wrong with a provider's answer be one thing."""
    try:
        yield
    except OAuthError as error:
        # A code that was used or is too old is the reader's to mend; who we are is the operator's.
        trouble = Trouble.AGAIN if error.error == "invalid_grant" else Trouble.DOWN
        raise SignInFailed(trouble, f"the provider says {str(error)[:200]!r}") from error
    except (httpx2.HTTPError, ValidationError, ValueError, JoseError) as error:
        message = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise SignInFailed(
            Trouble.DOWN, f"the provider does not answer as it should: {message}"
        ) from error


def _keys(client: OAuth2Client, metadata: _Metadata) -> KeySet:
    return KeySet.import_key_set(_Keys.model_validate(_json(client, metadata.jwks_uri)).as_set())


def _json(client: OAuth2Client, address: str, *, withhold_token: bool = True) -> dict[str, Any]:
    response = client.request("GET", address, withhold_token=withhold_token)
    said = response.raise_for_status().json()
    if not isinstance(said, dict):
        raise ValueError(f"{address} is no JSON object")  # noqa: TRY004, what was sent is wrong
    return said
