"""Who asks, and whether they may: settled before a request's body is read or a model runs."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.audit.chain import ANYBODY, MACHINE, Actor
from api.auth.keys import Key, Keys
from api.auth.oidc.provider_file import ProviderFile
from api.auth.origin import host_name, is_cross_site
from api.auth.people import Person
from api.auth.permissions import (
    ASKING,
    EVERYTHING,
    NOTHING,
    READING,
    SAFE,
    Need,
    Rights,
    need_of,
    rights_of,
)
from api.overload import TooManyRequests
from api.problems import BadKey, CrossSite, KeyNeeded, NotAllowed, response_to
from api.rate_limit import RateLimit, address_group
from api.settings import Settings, is_loopback
from corpus.errors import CatalogueError, PasserelleError
from corpus.store.quotas import Account
from index.encoders.query_batcher import asker

COOKIE, SECURE_COOKIE = "passerelle", "__Host-passerelle"
"""The session's, over HTTP on this machine and over HTTPS."""

WRONG_KEYS_PER_MINUTE = 10
"""Of one address. Right ones are let in all the same, so nobody is locked out by a neighbour."""

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""What proxies add; they ask on behalf of others."""

_PRINCIPAL = "passerelle.principal"

log = logging.getLogger("passerelle.access")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks."""

    address: str
    rights: Rights
    holder: Key | Person | None = None
    """Whose the rights are; None: everybody's, or this machine's."""
    is_ambient: bool = True
    """Whether the browser sends by itself what the rights are for: a cookie, or its address."""
    since: float = field(default_factory=monotonic, compare=False)
    """When the rights were looked up, in seconds of the process's clock."""

    @property
    def account(self) -> Account:
        """Whom what they send counts for."""
        return Account(self.holder.id, self.holder.quota) if self.holder else Account()

    @property
    def actor(self) -> Actor:
        """Who they are in the audit log."""
        if self.holder:
            return Actor(self.holder.id, self.holder.name)
        return MACHINE if self.rights == EVERYTHING else ANYBODY

    @property
    def is_signed_in(self) -> bool:
        """Whether a session says who it is."""
        return self.holder is not None and self.is_ambient

    @property
    def could_sign_in(self) -> bool:
        """Whether a key or an account could open more."""
        return self.holder is None and self.rights != EVERYTHING


def principal_of(connection: HTTPConnection) -> Principal:
    """Return who asks, as ``Authentication`` found."""
    principal: Principal = connection.scope[_PRINCIPAL]
    return principal


def found_principal(scope: Scope) -> Principal | None:
    """Return who asks; None if they were turned away."""
    return scope.get(_PRINCIPAL)


class Authenticator:
    """Tells who asks, and turns away who may not.

    Without a key or a session there are three cases: while no key was ever made and there is no
    ``provider``, programs and browsers on this machine may do everything, if the server listens to
    nobody else; where reading is public,
    everybody may read; otherwise nobody may do anything.
    """

    def __init__(
        self, keys: Keys, settings: Settings, provider: ProviderFile | None = None
    ) -> None:
        self.keys = keys
        self._provider = provider
        self._is_public = settings.public_read
        self._is_private = (
            is_loopback(settings.host) and not settings.public_read and provider is None
        )
        self._knows_proxies = bool(settings.proxies)
        self._requests = RateLimit(settings.requests_per_minute)
        self._wrong_keys = RateLimit(WRONG_KEYS_PER_MINUTE)

    def admit(self, connection: HTTPConnection) -> Principal:
        """Return who asks, if they may.

        Raises:
            BadKey: the key is unknown or was revoked.
            KeyNeeded: there is none.
            NotAllowed: the key does not open this.
            CrossSite: a page of another site has a browser change something.
            CatalogueError: keys cannot be looked up, and this needs one.
            TooManyRequests: too many came from the same key or address.
        """
        method, path = connection.scope["method"], connection.scope["path"]
        need = need_of(method, path)
        if not self._knows_proxies and "x-forwarded-for" in connection.headers:
            log.warning(
                "What %s says of where its requests come from is not believed, so they count as "
                "one client's. If it is a proxy, name it in PASSERELLE_PROXIES.",
                _address(connection),
            )
        try:
            principal = self.principal(connection)
        except CatalogueError:  # no key can be looked up
            if need is not Need.NOTHING:
                raise
            principal = Principal(_address(connection), NOTHING)
        if principal.rights != EVERYTHING or principal.holder:
            self._check_rate(principal, path)
        if not need.is_met_by(principal.rights):
            raise NotAllowed if principal.holder else KeyNeeded
        changes = method not in SAFE and path not in ASKING
        if changes and principal.is_ambient and is_cross_site(connection):
            raise CrossSite
        return principal

    def principal(self, connection: HTTPConnection) -> Principal:
        """Return who asks.

        Raises:
            BadKey: the key is unknown or was revoked.
            TooManyRequests: too many wrong keys came from the same address.
        """
        address = _address(connection)
        scheme, _, text = connection.headers.get("authorization", "").partition(" ")
        # Chat clients must send some key. Where there is none, each is as good as none.
        if scheme.lower() == "bearer" and not self._needs_no_key(connection):
            holder = self.holder(text.strip(), address)
            return Principal(address, self._rights(holder), holder, is_ambient=False)
        token = connection.cookies.get(cookie_name(connection))
        signed_in = self._signed_in(token, address) if token else None
        return signed_in or Principal(address, self._rights_of_nobody(connection))

    def asker(self, connection: HTTPConnection) -> str:
        """Return whose turn a request is: a key's or a person's, or an address's without those.

        Nothing is counted, and nobody turned away: that is for their turn, and by what is so then.
        """
        address = _address(connection)
        scheme, _, text = connection.headers.get("authorization", "").partition(" ")
        token = connection.cookies.get(cookie_name(connection))
        holder: Key | Person | None = None
        with suppress(CatalogueError):
            if scheme.lower() == "bearer":
                holder = self.keys.holder(text.strip())
            elif token and (signed_in := self._signed_in(token, address)):
                holder = signed_in.holder
        return holder.id if holder else address

    def _signed_in(self, token: str, address: str) -> Principal | None:
        """Return whose session a token is of; None if it has ended."""
        if key := self.keys.of_session(token):
            return Principal(address, self._rights(key), key)
        provider = self._provider
        person = self.keys.people.of_session(token, provider.issuer) if provider else None
        if provider is None or person is None:
            return None
        rights = provider.rights_of(person.groups, is_public=self._is_public)
        return Principal(address, rights, person)

    def holder(self, text: str, address: str) -> Key:
        """Return the key of this text.

        Raises:
            BadKey: it is unknown or was revoked.
            TooManyRequests: too many wrong ones came from the same address.
        """
        key = self.keys.holder(text)
        if key is None:
            log.warning("A wrong key came from %s", address)
            if wait := self._wrong_keys.wait(address):
                raise TooManyRequests(wait)
            raise BadKey
        return key

    def still_opens(self, principal: Principal) -> bool:
        """Tell whether nothing was taken from a principal since they came."""
        match principal.holder:
            case Key(id=key):
                return self.keys.is_valid(key)
            case Person() as person:
                return self.keys.people.is_signed_in(person)
        return principal.rights != EVERYTHING or not self.keys.any()

    def confirm(self, principal: Principal) -> None:
        """Look again whether a principal may still do what they came for.

        Raises:
            BadKey: the key was revoked since.
            KeyNeeded: keys were made since, and this principal has none.
        """
        if not self.still_opens(principal):
            raise BadKey if isinstance(principal.holder, Key) else KeyNeeded

    def _rights(self, key: Key) -> Rights:
        return rights_of(key, is_public=self._is_public)

    def _rights_of_nobody(self, connection: HTTPConnection) -> Rights:
        if self._is_public:
            return READING
        return EVERYTHING if self._needs_no_key(connection) else NOTHING

    def _needs_no_key(self, connection: HTTPConnection) -> bool:
        """Tell whether a program on this machine asks, and no key was ever made."""
        return self._is_private and _is_local(connection) and not self.keys.any()

    def _check_rate(self, principal: Principal, path: str) -> None:
        if path == "/health" or path.startswith("/static/"):
            return
        who = principal.holder.id if principal.holder else principal.address
        if wait := self._requests.wait(who):
            raise TooManyRequests(wait)


class Authentication:
    """ASGI middleware: lets in who may, and turns the others away unread."""

    def __init__(self, app: ASGIApp, door: Authenticator) -> None:
        self.app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or turn it away."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            principal = self._door.admit(HTTPConnection(scope))
        except PasserelleError as refusal:
            if isinstance(refusal, CatalogueError):
                log.error("Keys cannot be looked up: %s", refusal)
            await response_to(refusal)(scope, receive, send)
            return
        scope[_PRINCIPAL] = principal
        token = asker.set(principal.holder.id if principal.holder else "")
        try:
            await self.app(scope, receive, _kept_by_nobody(send) if principal.holder else send)
        finally:
            asker.reset(token)


def cookie_name(connection: HTTPConnection) -> str:
    """Return what the session's cookie is called."""
    return SECURE_COOKIE if connection.url.scheme == "https" else COOKIE


def _kept_by_nobody(send: Send) -> Send:
    """Return ``send`` with the word that what is for one key is stored nowhere on the way."""

    async def send_unstored(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
        await send(message)

    return send_unstored


def _address(connection: HTTPConnection) -> str:
    """Return what the address of a connection counts as."""
    return address_group(connection.client.host if connection.client else "-")


def _is_local(connection: HTTPConnection) -> bool:
    """Tell whether a program on this machine asks, for itself, by a name of this machine.

    The name matters too: a page elsewhere can have its own name point here.
    """
    if any(name in connection.headers for name in _FORWARDED):
        return False
    client = connection.client.host if connection.client else ""
    return is_loopback(client) and is_loopback(host_name(connection.headers.get("host", "")))
