"""Documents as resources, which a reader attaches to a conversation."""

from __future__ import annotations

import mcp_types as types

from api.assistants import tools
from api.assistants.shapes import FetchArguments
from api.assistants.tools import Caller
from api.problems import BadId
from api.routes.dependencies import view_for
from corpus.store.view.filters import DocumentFilter
from corpus.store.view.listings import DocumentSummary

URI = "passerelle://documents/"

PAGE = 100
"""Documents of one page of the list."""

TEMPLATE = types.ResourceTemplate(
    uri_template=URI + "{id}",
    name="document",
    title="A document",
    description="The text of a document, by its id.",
    mime_type="text/plain",
)


def listed(caller: Caller, cursor: str | None) -> types.ListResourcesResult:
    """Return a page of the documents that may be read, from where ``cursor`` says.

    Raises:
        BadId: the cursor is none of ours.
    """
    if cursor is not None and not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 10):
        raise BadId("The cursor is not one that this server gave. List from the beginning.")
    offset = int(cursor or 0)
    view = view_for(caller.service, caller.principal)
    total, found = view.list_documents(DocumentFilter(), offset, PAGE)
    end = offset + len(found)
    return types.ListResourcesResult(
        resources=[_resource(document) for document in found],
        next_cursor=str(end) if found and end < total else None,
    )


def read(caller: Caller, uri: str) -> types.ReadResourceResult:
    """Return the text of a document, and where to read on if it is long.

    Raises:
        BadId: it is no address of a document.
        UnknownDocument: there is none, or the caller may not read it.
    """
    if not uri.startswith(URI):
        raise BadId(f"Only {TEMPLATE.uri_template} can be read here. `resources/list` has them.")
    part = tools.fetch(caller, FetchArguments(id=uri.removeprefix(URI)[:100]))
    contents: list[types.TextResourceContents | types.BlobResourceContents]
    contents = [_contents(uri, part.text)]
    if part.metadata.next:
        rest = URI + part.metadata.next
        contents.append(_contents(rest, f"[The document goes on: read {rest}]"))
    return types.ReadResourceResult(contents=contents)


def _contents(uri: str, text: str) -> types.TextResourceContents:
    return types.TextResourceContents(uri=uri, mime_type="text/plain", text=text)


def _resource(document: DocumentSummary) -> types.Resource:
    facts = [document.language, document.published, document.publisher, document.collection]
    return types.Resource(
        uri=URI + document.id,
        name=document.file,
        title=document.title,
        description=", ".join(str(fact) for fact in facts if fact),
        mime_type="text/plain",
    )
