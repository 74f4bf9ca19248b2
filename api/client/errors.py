"""What the server says when it does not do what it is asked."""

from __future__ import annotations

from corpus.errors import PasserelleError


class ServerProblem(PasserelleError):
    """A problem as the server tells it (RFC 9457)."""

    def __init__(self, status: int, type_: str, title: str, detail: str) -> None:
        super().__init__(f"{title}: {detail}")
        self.status = status
        """Of HTTP."""
        self.type = type_
        """The same in every release, such as ``/problems/invalid-request``."""
        self.title = title
        self.detail = detail
