"""A provider on this machine that says whatever a test has it say, right or wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

Answer = tuple[int, dict[str, str], bytes]


def json_of(value: object, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


@dataclass
class Forger:
    """A provider whose answers are set by path."""

    issuer: str
    keys: list[ECKey] = field(default_factory=lambda: [new_key("one")])
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    header: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    """Over those of a sound token; None takes one away."""
    nonce: str = ""

    def answer(self, path: str) -> Answer:
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        match path:
            case "/.well-known/openid-configuration":
                return json_of(self.said_of_itself())
            case "/keys":
                return json_of({"keys": [key.as_dict(private=False) for key in self.keys]})
            case "/token":
                tokens = {"access_token": "a token", "token_type": "Bearer"}
                return json_of({**tokens, "id_token": self.id_token()})
        return 404, {}, b""

    def said_of_itself(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.metadata,
        }

    def sound_claims(self) -> dict[str, Any]:
        now = int(time())
        said: dict[str, Any] = {"iss": self.issuer, "aud": "passerelle", "sub": "42"}
        said |= {"nonce": self.nonce}
        said |= {"iat": now, "exp": now + 300, "groups": ["press"], **self.claims}
        return {name: value for name, value in said.items() if value is not None}

    def id_token(self) -> str:
        key = self.keys[0]
        header = {"alg": "ES256", "kid": key.kid, **self.header}
        return jwt.encode(header, self.sound_claims(), key)


def new_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid})


def unsigned(claims: dict[str, Any]) -> str:
    """Return a token whose algorithm is none."""
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), ""])


def half_hash(text: str) -> str:
    """Return what an ID token says of an access token."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).decode()[:22]


@contextmanager
def forging() -> Iterator[Forger]:
    """Run one, on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            self.rfile.read(length)
            status, headers, body = forger.answer(self.path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        forger = Forger(f"http://127.0.0.1:{server.server_address[1]}")
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield forger
        server.shutdown()
