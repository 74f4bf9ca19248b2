"""The command line.

Only click is imported here; each command brings what it needs, so that ``--help`` is quick.
Exit status: 0 done, 1 the work failed, 2 the call was wrong, 3 (``ask``) the collection
does not answer.
"""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.asking import ask
from api.cli.audit import audit as audit_commands
from api.cli.completion import completion
from api.cli.documents import documents
from api.cli.keys import keys
from api.cli.mcp import mcp
from api.cli.model import model
from api.cli.options import (
    DONE,
    FAILED,
    WRONG_CALL,
    audit_log,
    common_options,
    json_option,
    web_options,
)
from api.cli.people import people

if TYPE_CHECKING:
    from api.settings import Settings

# Before numpy is loaded: its threads, once woken by a product of small matrices, go on looking for
# work for a while, on the cores that the model needs for the next question. With them a question
# takes twice the processor time. docs/decisions/0026-one-thread-for-small-products.md.
os.putenv("OPENBLAS_NUM_THREADS", "1")


_DUMP = "Use pg_dump there, and copy the data folder, which has the keys."


class _Commands(click.Group):
    """Turns the errors that are a user's to mend into a line on stderr and a status."""

    def invoke(self, context: click.Context) -> Any:
        from corpus.errors import PasserelleError

        try:
            return super().invoke(context)
        except PasserelleError as error:
            from index.errors import ModelSwitched
            from qa.errors import QuestionError, QuestionFileError, RunFileError

            remedy = f" {error.RESTART}" if isinstance(error, ModelSwitched) else ""
            click.echo(f"passerelle: {error}{remedy}", err=True)
            wrong_call = isinstance(error, QuestionError | QuestionFileError | RunFileError)
            sys.exit(WRONG_CALL if wrong_call else FAILED)
        except UnicodeEncodeError:
            click.echo(
                "passerelle: The command line contains characters that are not valid UTF-8.",
                err=True,
            )
            sys.exit(WRONG_CALL)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="passerelle", message="%(prog)s %(version)s")
def main() -> None:
    """Ask a collection of documents in your own language; read the passage that answers,
    word for word, with its source."""


@main.command()
@click.argument("named", nargs=-1, type=click.Path(), metavar="[PATH|URL]...")
@click.option("--collection", default=None, help="Name of the collection to add to.")
@click.option("--sitemap", "sitemaps", multiple=True, metavar="URL", help="Add all its pages.")
@click.option("--feed", "feeds", multiple=True, metavar="URL", help="Add what it lists: RSS, Atom.")
@web_options
@click.option("--prune", is_flag=True, help="Remove documents whose file no longer exists in PATH.")
@click.option("--watch", is_flag=True, help="Keep running, and ingest changes as they happen.")
@json_option
@common_options
def ingest(
    named: tuple[str, ...],
    collection: str | None,
    sitemaps: tuple[str, ...],
    feeds: tuple[str, ...],
    web_limits: dict[str, Any],
    prune: bool,
    watch: bool,
    as_json: bool,
    settings: Settings,
) -> None:
    """Add files, folders and pages of the web to the collection, and make them searchable.

    Reads text, Markdown, HTML, MHTML, PDF, DOCX, XLSX, PPTX, ODT, ODS, ODP, RTF, EPUB, EML and
    MSG. Each row of a CSV or JSONL file, each attachment of a message and each file of a ZIP
    archive is a document. Unchanged files are skipped.

    Of a site, what its robots.txt forbids is left out, and pages that are gone are removed.
    """
    from api.cli import ingest, output
    from api.cli.following import named_on_the_command_line

    addresses = [each for each in named if each.startswith(("http://", "https://"))]
    paths = [Path(each) for each in named if each not in addresses]
    web = named_on_the_command_line(addresses, sitemaps, feeds, collection, web_limits)
    if not paths and not web:
        raise click.UsageError("Missing argument 'PATH' or 'URL'.")
    if watch and web:
        raise click.UsageError(
            "--watch takes folders only. To follow sites, name them in a file of sources for "
            "`passerelle serve`."
        )
    if watch:
        if as_json or not all(path.is_dir() for path in paths):
            raise click.UsageError(
                "--watch takes folders only, and cannot be combined with --json."
            )
        ingest.watch(settings, paths, collection, prune_missing=prune)
        sys.exit(DONE)
    reports = ingest.run(
        settings, paths, collection, prune_missing=prune, show=not as_json, web=web
    )
    click.echo(output.ingest_json(reports) if as_json else output.ingest_summary(reports))
    sys.exit(FAILED if any(report.reason for report in reports) else DONE)


@main.command()
@click.option("--host", help="Address to listen on. [PASSERELLE_HOST; 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port. [PASSERELLE_PORT; 8000]")
@click.option(
    "--public-read",
    is_flag=True,
    default=None,
    help="Let everyone who can reach the port read. Writing still needs a key. "
    "[PASSERELLE_PUBLIC_READ]",
)
@click.option("--sample", is_flag=True, help="Add the sample documents first.")
@common_options
def serve(
    host: str | None, port: int | None, public_read: bool | None, sample: bool, settings: Settings
) -> None:
    """Answer over HTTP, with a web page at /.

    Until the first key is made, only this machine gets answers.
    """
    from api import serving

    if sample:
        from api.cli import ingest

        settings = ingest.with_sample(settings)
    serving.serve(settings.changed(host=host, port=port, public_read=public_read))


main.add_command(ask)
main.add_command(completion)
main.add_command(documents)
main.add_command(keys)
main.add_command(mcp)
main.add_command(model)
main.add_command(people)
main.add_command(audit_commands)


@main.command()
@json_option
@common_options
def sources(as_json: bool, settings: Settings) -> None:
    """List the sites that are followed: the last visit and the next, pages, and what was refused.

    Those are in the file that PASSERELLE_SOURCES names, which `serve` follows, and what `ingest`
    was given.
    """
    from api.cli import following, output
    from api.jobs.followed import followed_sources

    if as_json:
        click.echo(output.as_json(followed_sources(settings, sys.maxsize)))
    else:
        click.echo(following.table(followed_sources(settings)))


@main.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.jsonl")
@click.option(
    "--scatter",
    "seeds",
    type=int,
    multiple=True,
    metavar="SEED",
    help="Keep each document in one language only, drawn at random with SEED. Repeat the option "
    "for the mean of several draws.",
)
@click.option("--alone", is_flag=True, help="Search only documents in the question's language.")
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="RUN.json",
    help="Save what was found for each question, for a later comparison.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="RUN.json",
    help="Show what changed since that run, question by question.",
)
@json_option
@common_options
def evaluate(
    file: Path,
    seeds: tuple[int, ...],
    alone: bool,
    save: Path | None,
    against: Path | None,
    as_json: bool,
    settings: Settings,
) -> None:
    """Ask every question in FILE.jsonl and print how often the right passage was found."""
    from qa.evaluation import run_files
    from qa.evaluation.qrels import read_questions

    if alone and seeds:
        raise click.UsageError("--alone and --scatter cannot be combined. Choose one.")
    questions = read_questions(file)
    before = run_files.read(against) if against else None

    from api.answering import open_answering
    from api.cli import output
    from qa.evaluation.pools import ALONE, WHOLE, Pool
    from qa.evaluation.report import report, table
    from qa.evaluation.run import evaluate as run
    from qa.evaluation.significance import compare, comparison_table

    pools = [ALONE] if alone else [Pool(seed) for seed in seeds] or [WHOLE]
    with (
        open_answering(settings) as opened,
        click.progressbar(
            length=len(questions),
            label="Asking",
            file=sys.stderr,
            hidden=as_json or not sys.stderr.isatty(),
        ) as bar,
    ):
        judged = run(
            opened.live.newest(),
            opened.search,
            questions,
            reader=opened.reader if settings.effort == "thorough" else None,
            pools=pools,
            progress=bar.update,
        )
    if left_out := len({one.id for one in questions} - {one.question for one in judged}):
        click.echo(
            f"passerelle: {left_out} of {len(questions)} questions are skipped: no document that "
            "answers them is in the collection under the name they give.",
            err=True,
        )
    if save:
        run_files.write(save, judged)
    result = report(judged)
    changes = compare(before, judged) if before is not None else None
    if as_json:
        click.echo(output.as_json({**asdict(result), "changes": changes}))
    else:
        click.echo(table(result))
        if changes is not None:
            click.echo("\n" + comparison_table(changes))
    sys.exit(DONE if judged else FAILED)


@main.command()
@common_options
def reindex(settings: Settings) -> None:
    """Encode all texts with the chosen model, then switch to the new vectors.

    The old ones are deleted. `passerelle model` keeps them until the new model has proved itself.
    """
    from api.cli import ingest

    ingest.reindex(settings)


@main.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="FOLDER")
@common_options
def backup(target: Path, settings: Settings) -> None:
    """Copy the collection into the new FOLDER. A server may keep running meanwhile.

    The copy is a complete data folder: use it with --data, or move it to the old one's place.
    """
    from api.audit.chain import Deed
    from corpus.store.backup import backup as back_up
    from corpus.store.store import files_of

    data = files_of(settings.store, "`passerelle backup`", _DUMP)
    audit, actor = audit_log(settings)
    audit.note(actor, Deed.COPIED, by="backup")
    back_up(data, target)
    click.echo(f"Copied the collection in {settings.data} to {target}.")


@main.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="ARCHIVE.zip")
@common_options
def export(target: Path, settings: Settings) -> None:
    """Write the whole collection into one archive, with checksums."""
    from api.audit.chain import Deed
    from corpus.store.backup import export as write
    from corpus.store.store import files_of

    data = files_of(settings.store, "`passerelle export`", _DUMP)
    audit, actor = audit_log(settings)
    audit.note(actor, Deed.COPIED, by="export")
    write(data, target)
    click.echo(f"Exported the collection in {settings.data} to {target}.")


@main.command("import")
@click.argument("source", type=click.Path(path_type=Path), metavar="ARCHIVE.zip")
@common_options
def import_collection(source: Path, settings: Settings) -> None:
    """Import an archive into an empty data folder."""
    from api.audit.chain import Deed
    from api.auth.keys import Keys
    from api.auth.keys_file import FILE_NAME
    from api.cli import output
    from corpus.store.backup import import_archive
    from corpus.store.store import files_of

    remedy = "Unset it, or ingest the documents again."
    import_archive(source, files_of(settings.store, "`passerelle import`", remedy))
    audit, actor = audit_log(settings)
    audit.note(actor, Deed.IMPORTED)
    click.echo(f"Imported {source} into {settings.data}.")
    with Keys(settings.data) as kept:
        if (settings.data / FILE_NAME).exists():  # whoever made the archive may know their tokens
            kept.end_all_sessions()
        came = [output.key_line(key) for key in kept.all() if not key.revoked]
    if came:
        click.echo(
            "The archive contained API keys, which are valid here too. Revoke those that are not "
            "yours:"
        )
        click.echo("\n".join(came))


@main.command()
@json_option
@common_options
def doctor(as_json: bool, settings: Settings) -> None:
    """Check the installation, the model and the collection, and report what is wrong."""
    from api.cli import output
    from api.cli.doctor import examine

    findings = examine(settings)
    click.echo(output.as_json(findings) if as_json else output.findings(findings))
    sys.exit(FAILED if any(finding.remedy for finding in findings) else DONE)


if __name__ == "__main__":
    main()
