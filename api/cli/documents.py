"""The commands that list, show, correct, move, remove and erase documents."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from api.cli.options import audit_log, common_options, json_option, limit_option, offset_option

if TYPE_CHECKING:
    from api.contract.corrections import CorrectionRequest
    from api.settings import Settings


@click.group()
def documents() -> None:
    """See, correct, move, remove and erase what was ingested."""


@documents.command("list")
@limit_option
@offset_option
@json_option
@common_options
def list_documents(limit: int, offset: int, as_json: bool, settings: Settings) -> None:
    """List the documents by collection and file."""
    from api.cli import output
    from api.contract import responses
    from corpus.store.view.filters import DocumentFilter

    with settings.store.view() as view:
        total, page = view.list_documents(DocumentFilter(), offset, limit)
    click.echo(
        output.as_json(responses.documents(total, offset, limit, page))
        if as_json
        else output.documents(total, page)
    )


@documents.command()
@click.argument("document")
@json_option
@common_options
def show(document: str, as_json: bool, settings: Settings) -> None:
    """Print a document's source and cleaned text."""
    from api.cli import output
    from api.contract import responses

    with settings.store.view() as view:
        document = view.meant(document)
        found, summary = view.document(document), view.summary(document)
        if found is None or summary is None:
            click.echo(_unknown([document]), err=True)
            sys.exit(1)
        whole = responses.whole_document(view, summary)
        copies = view.copies([document]).get(document, ())
        translations = view.translations([document]).get(document, ())
    click.echo(output.as_json(whole) if as_json else output.document(found, copies, translations))


@documents.command()
@click.argument("document")
@click.option("--title", help="What it is called.")
@click.option("--publisher", help="Who published it.")
@click.option("--published", metavar="YYYY-MM-DD", help="When it was published.")
@click.option("--language", metavar="CODE", help="Of the document and its passages.")
@click.option("--url", help="Where it is on the web.")
@json_option
@common_options
def correct(document: str, as_json: bool, settings: Settings, **facts: str | None) -> None:
    """Correct what is known of a document. An empty value says that there is none.

    It holds for later versions of the document too.
    """
    from api.audit.chain import Deed
    from api.cli import output
    from api.contract import responses

    sent = {fact: value for fact, value in facts.items() if value is not None}
    if not sent:
        raise click.UsageError("Name what to correct, such as --title TITLE.")
    changes = _asked(**sent).to_corrected()
    audit, actor = audit_log(settings)
    with settings.store.existing() as catalogue:
        document = catalogue.meant(document)
        if here := catalogue.collection_of(document):
            audit.note(actor, Deed.CORRECTED, collection=here, document=document)
        if not catalogue.correct(document, changes):
            click.echo(_unknown([document]), err=True)
            sys.exit(1)
        with catalogue.view() as view:
            summary = view.summary(document)
            whole = summary and responses.whole_document(view, summary)
    if as_json and whole:
        click.echo(output.as_json(whole))
    else:
        click.echo(f"corrected {document}: {', '.join(sent)}")


@documents.command()
@click.argument("document_ids", nargs=-1, required=True, metavar="DOCUMENT...")
@click.option("--collection", required=True, metavar="NAME", help="Where they are to be.")
@common_options
def move(document_ids: tuple[str, ...], collection: str, settings: Settings) -> None:
    """Move documents to another collection. Their ids, links and corrections stay.

    What is ingested again from the same folder, or visited again on the web, is updated where it
    was moved to.
    """
    from api.audit.chain import Deed
    from corpus.errors import ChangedMeanwhile, NotMoved

    collection = _asked(collection=collection).collection
    audit, actor = audit_log(settings)
    problems = []
    with settings.store.existing() as catalogue:
        for document in map(catalogue.meant, document_ids):
            here = catalogue.collection_of(document)
            if here is None:
                problems.append(_unknown([document]))
                continue
            audit.note(actor, Deed.MOVED, collection=here, document=document, to=collection)
            try:
                is_there = catalogue.move(document, collection)
            except (NotMoved, ChangedMeanwhile) as error:
                problems.append(f"passerelle: {document} stays in {here}. {error}")
                continue
            if is_there:
                click.echo(f"moved {document} from {here} to {collection}")
            else:
                problems.append(_unknown([document]))
    for problem in problems:
        click.echo(problem, err=True)
    sys.exit(1 if problems else 0)


@documents.command()
@click.argument("document_ids", nargs=-1, required=True, metavar="DOCUMENT...")
@click.option(
    "--erase",
    is_flag=True,
    help="Leave no byte of them in the data folder, and name the backups that still hold them. "
    "This rewrites the whole catalogue; nothing can be added meanwhile.",
)
@common_options
def remove(document_ids: tuple[str, ...], erase: bool, settings: Settings) -> None:
    """Remove documents. Their files are not touched."""
    from api import erasing
    from api.audit.chain import Deed
    from api.cli.erasing import report
    from corpus.store import reserve
    from corpus.store.store import files_of

    audit, actor = audit_log(settings)
    if erase:
        data = files_of(settings.store, "Erasing", erasing.INSTEAD)
        erased = erasing.erase(
            data,
            document_ids,
            lambda document: audit.note(actor, Deed.ERASED, must=True, document=document),
        )
        click.echo(report(erased))
        if erased.unknown:
            click.echo(_unknown(erased.unknown), err=True)
        sys.exit(1 if erased.unknown or not erased.is_overwritten else 0)
    # To open it takes some room too, where no server has it open.
    with reserve.on_reserve(settings.data, lambda: settings.store.existing()) as catalogue:
        unknown = []
        for document in document_ids:
            meant = catalogue.meant(document)
            if catalogue.collection_of(meant) is not None:
                audit.note(actor, Deed.DELETED, must=True, document=meant)
            if not catalogue.remove(meant):
                unknown.append(document)
    for document in document_ids:
        if document not in unknown:
            click.echo(f"removed {document}")
    if unknown:
        click.echo(_unknown(unknown), err=True)
        sys.exit(1)


def _asked(**facts: str) -> CorrectionRequest:
    """Return what is to be corrected, in its shape.

    Raises:
        click.BadParameter: something cannot be what was asked for.
    """
    from pydantic import ValidationError

    from api.contract.corrections import CorrectionRequest
    from api.field_errors import message

    try:
        return CorrectionRequest.model_validate(facts)
    except ValidationError as error:
        first = error.errors()[0]
        raise click.BadParameter(
            f"{message(first).removesuffix('.')}.", param_hint=f"--{first['loc'][0]}"
        ) from None


def _unknown(documents: list[str]) -> str:
    return (
        f"passerelle: There is no document {', '.join(documents)}. `passerelle documents list` "
        "shows all documents."
    )
