"""What HTTP says of the documents, by every way that there is to ask, with every kind of key."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from tests.robustness.orders.model import Doc, Holder, Kept, Moment
from tests.robustness.orders.running import Running
from tests.robustness.orders.turns import Actor

WORD: Final = re.compile(r"zqpegel\d+x")
"""So long that no noise has it by chance, which the reserve is full of."""

QUESTION: Final = "Wie hoch steigt der Pegel am Fluss?"

TURNED_AWAY: Final = (401, 429)
"""Statuses of a wrong key, and of too many of them in a minute."""

MCP: Final = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25"}


NEVER: Final = -math.inf
"""A moment before which nothing is over."""


class Way(NamedTuple):
    """A request that shows something of documents."""

    name: str
    method: str
    path: str
    sent: dict[str, Any]
    is_of_one: bool = False
    """Whether it is about one document, and shows that for certain if it is there."""
    is_page: bool = False
    shows_others: bool = False
    """Whether it names copies and translations, too."""


def _mcp(tool: str, **arguments: str) -> dict[str, Any]:
    params = {"name": tool, "arguments": arguments}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return {"json": message, "headers": MCP}


def _ask(**headers: str) -> dict[str, Any]:
    return {"json": {"question": QUESTION, "limit": 50}, "headers": headers}


WAYS: Final = (
    Way("facts", "GET", "/v1/documents/{id}", {}, is_of_one=True, shows_others=True),
    Way("text", "GET", "/v1/documents/{id}/text", {}, is_of_one=True),
    Way("original", "GET", "/v1/documents/{id}/original", {}, is_of_one=True),
    Way("viewer", "GET", "/documents/{id}", {}, is_of_one=True, is_page=True, shows_others=True),
    Way("assistant's text", "POST", "/mcp", _mcp("fetch", id="{id}"), is_of_one=True),
    Way("list", "GET", "/v1/documents?limit=100", {}),
    Way("page of the list", "GET", "/documents", {}, is_page=True),
    Way("first page", "GET", "/", {}, is_page=True),
    Way("question", "POST", "/v1/ask", _ask()),
    Way("citations", "POST", "/v1/ask", _ask(accept="application/x-bibtex")),
    Way("page of answers", "GET", f"/?q={QUESTION.replace(' ', '+')}", {}, is_page=True),
    Way("assistant's question", "POST", "/mcp", _mcp("ask", question=QUESTION)),
)
"""Every way to read."""


class Asking:
    """Asks, and holds what comes against the model."""

    def __init__(
        self,
        running: Callable[[], Running],
        kept: Callable[[], Kept],
        refusals: Callable[[], tuple[int, ...]],
    ) -> None:
        """``refusals`` are the statuses for what cannot be written down, and so is not shown."""
        self._running = running
        self._kept = kept
        self._refusals = refusals

    def begin(self, way: Way, holder: Holder, doc: Doc | None, *, in_session: bool) -> Actor:
        """Begin to ask; what comes is held against the model then."""
        kept, running = self._kept(), self._running()
        since = kept.tick()
        was_fresh = not running.is_stale
        sent = json.loads(json.dumps(way.sent).replace("{id}", doc.id if doc else ""))
        path = way.path.replace("{id}", doc.id if doc else "")
        key: str | None = holder.text
        if in_session:
            key = None
            cookie = {"cookie": f"passerelle={holder.session}"}
            sent["headers"] = {**sent.get("headers", {}), **cookie}

        def then(response: Any) -> None:
            if isinstance(response, BaseException):
                raise response
            if self._kept() is not kept:
                return  # another data folder is in its place
            try:
                is_fresh = was_fresh and not self._running().is_stale
                self._check(way, holder, doc, response, since, must=is_fresh)
            except AssertionError as error:
                error.add_note(f"{way.name} with the key {holder.id}: {response.text[:600]}")
                raise

        return running.begin(way.name, way.method, path, key, then, **sent)

    def ask(self, way: Way, holder: Holder, doc: Doc | None, *, in_session: bool = False) -> None:
        """Ask, and have others go on only where it waits for them."""
        self._running().finish(self.begin(way, holder, doc, in_session=in_session))

    def ask_all(self, holder: Holder) -> None:
        """Ask in every way, of every document."""
        for way in WAYS:
            for doc in list(self._kept().docs.values()) if way.is_of_one else [None]:
                self.ask(way, holder, doc, in_session=way.is_page)

    def _check(
        self, way: Way, holder: Holder, doc: Doc | None, response: Any, since: Moment, *, must: bool
    ) -> None:
        kept = self._kept()
        status = response.status_code
        if holder.is_dead(since):
            assert status in TURNED_AWAY, "a revoked key opens something"
            return
        if not holder.is_alive and status in TURNED_AWAY:
            return
        body = response.text
        words = set(WORD.findall(body))
        for word in words:
            of, version = kept.found(word)
            assert not of.is_gone(version, since), f"{word} of {of.file} is shown, and gone"
            assert _may_see(holder, of, since), f"{word} of {of.file} is for others"
        if doc is not None:
            self._check_one(way, holder, doc, response, words, since, must=must)
            return
        assert status == 200, status
        if way.name == "list":
            self._check_list(holder, response.json()["documents"], since, must=must)
        end = kept.tick()
        self._note(words, end)

    def _check_one(
        self,
        way: Way,
        holder: Holder,
        doc: Doc,
        response: Any,
        words: set[str],
        since: Moment,
        *,
        must: bool,
    ) -> None:
        kept = self._kept()
        if response.status_code in self._refusals():
            return
        is_shown = response.status_code == 200 and "isError" not in response.text
        if way.name == "assistant's text":
            is_shown = response.status_code == 200 and not response.json()["result"].get("isError")
        if is_shown:
            assert words, "it has no word"
            assert way.shows_others or words <= {each.word for each in doc.versions}, "of another"
            assert way.name != "text" or len(words) == 1, "two versions at once"
            self._note(words, kept.tick())
        else:
            assert response.status_code == (200 if way.path == "/mcp" else 404)
            assert not (must and doc.is_certain(since) and _must_see(holder, doc)), (
                f"{doc.file} is lost"
            )

    def _check_list(
        self, holder: Holder, listed: list[dict[str, Any]], since: Moment, *, must: bool
    ) -> None:
        kept = self._kept()
        for each in listed:
            doc = kept.docs[each["id"]]
            assert not doc.is_all_gone(since), f"{doc.file} is listed, and gone"
            assert each["collection"] in doc.collections(since)
            assert holder.collection in (None, each["collection"])
        assert len({each["id"] for each in listed}) == len(listed), "a document is listed twice"
        if must:
            missing = kept.docs.keys() - {each["id"] for each in listed}
            for id_ in missing:
                doc = kept.docs[id_]
                assert not (doc.is_certain(since) and _must_see(holder, doc)), f"{doc.file} is lost"

    def _note(self, words: set[str], end: Moment) -> None:
        for word in words:
            _, version = self._kept().found(word)
            version.seen = min(version.seen, end)


def _may_see(holder: Holder, doc: Doc, since: Moment) -> bool:
    return holder.collection is None or holder.collection in doc.collections(since)


def _must_see(holder: Holder, doc: Doc) -> bool:
    return holder.collection is None or doc.collections(NEVER) == {holder.collection}
