"""Make evaluation sets: documents in many languages, and questions whose answers are known.

    python -m benchmarks.sets --out FOLDER [--set NAME]... [--packages FOLDER]

writes for each set ``NAME/docs/<language>/<document>.txt``, ``NAME/questions.jsonl``, which
``passerelle evaluate`` reads, and ``NAME/set.json``: what it is, its licence, its packages with
their versions, and the counts by language. The same packages give the same files. Packages are
kept in ``FOLDER/packages`` if no other folder is named.

A document has the same name in every language. None of the text is what the default model's
languages were aligned with.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from benchmarks import choosing, guides, messages, templates
from benchmarks.choosing import Question
from benchmarks.types import Item, Reader
from training import packages
from training.errors import SourceError
from training.sources import BY_NAME

MAX_QUESTIONS = 400

_CHARACTERS = 800_000
"""Of a set's documents together: some 1,200 passages."""

_INSTALLATION_GUIDE = partial(guides.sections, folder="usr/share/doc/installation-guide-amd64")
_HANDBOOK = partial(guides.pages, folder="usr/share/doc/debian-handbook/html")


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """What is asked of which text."""

    name: str
    kind: str
    licence: str
    """SPDX expression for the text, or where it is found."""
    packages: tuple[str, ...]
    read: Reader
    choose: Callable[[Iterable[Item]], list[Item]]
    """Which of the items that were read are in."""


def _drawn(
    items: Iterable[Item],
    *,
    languages: str,
    characters: int = _CHARACTERS,
    scarce: str = "",
    enough: int = 0,
) -> list[Item]:
    return choosing.within(
        choosing.in_languages(items, languages.split()),
        characters,
        scarce=scarce.split(),
        enough=enough,
    )


SETS: tuple[EvaluationSet, ...] = (
    EvaluationSet(
        name="handbook",
        kind="long pages of a book for administrators, asked by their headings; one passage "
        "is right",
        licence=BY_NAME["debian-handbook"].licence,
        packages=BY_NAME["debian-handbook"].packages,
        read=_HANDBOOK,
        choose=partial(_drawn, languages="de en es fr it pt sv"),
    ),
    EvaluationSet(
        name="installation",
        kind="sections of a guide to an installation, asked by their headings",
        licence=BY_NAME["installation-guide"].licence,
        packages=BY_NAME["installation-guide"].packages,
        read=_INSTALLATION_GUIDE,
        choose=partial(_drawn, languages="cs da de el en es fr it nl pt ro sv"),
    ),
    EvaluationSet(
        name="near_monolingual",
        kind="sections of a guide to an installation, each in one language only: nearly all in "
        "German, a few in French and Dutch; asked in four languages by their headings",
        licence=BY_NAME["installation-guide"].licence,
        packages=BY_NAME["installation-guide"].packages,
        read=_INSTALLATION_GUIDE,
        choose=partial(
            choosing.alone,
            main="de",
            others=("fr", "nl"),
            asked=("de", "en", "fr", "nl"),
            documents=(132, 7),
            limit=MAX_QUESTIONS,
        ),
    ),
    EvaluationSet(
        name="small_languages",
        kind="help pages of a wiki, asked by their headings, and messages of programs in whole "
        "sentences. A message is asked by itself in another language, which finds its own copy "
        "at once: only the answers in other languages tell anything",
        licence="BSD-3-Clause AND GPL-2.0-only AND GPL-2.0-or-later AND GPL-3.0-or-later",
        packages=("cinnamon-l10n", "dokuwiki", "python3-django", "roundcube-core", "tuxpaint-data"),
        read=messages.items,
        choose=partial(
            _drawn,
            languages="bg da de el en et fi fr ga hr lb lt lv sk sl",
            characters=120_000,
            scarce="lb ga lt lv",
            enough=40,
        ),
    ),
    EvaluationSet(
        name="short_texts",
        kind="what packages ask when they are installed: a short question and a paragraph that "
        "explains it",
        licence="each package's own: see its copyright file",
        packages=(
            *("apt-listchanges", "arno-iptables-firewall", "atftpd", "backup-manager", "backuppc"),
            *("ca-certificates", "clamav-daemon", "clamav-freshclam", "console-setup", "cups"),
            *("cvsd", "davfs2", "dbconfig-common", "ddclient", "debconf", "debsecan"),
            *("debian-security-support", "dictionaries-common", "dma", "exim4-config"),
            *("fontconfig-config", "gitolite3", "gpm", "heimdal-kdc", "ifplugd", "iodine"),
            *("keyboard-configuration", "krb5-config", "krb5-kdc", "libpam-runtime", "libpam0g"),
            *("localepurge", "locales", "lprng", "mason", "mdadm", "minissdpd", "miniupnpd"),
            *("nbd-server", "nodm", "nslcd", "nullmailer", "pbuilder", "portsentry", "postfix"),
            *("postgresql-common", "pure-ftpd-common", "quota", "resolvconf", "rkhunter"),
            *("samba-common", "sane-utils", "sasl2-bin", "setserial", "slapd", "slay"),
            *("smstools", "ssl-cert", "sysstat", "tftpd-hpa", "tmpreaper", "tripwire", "ucf"),
            *("user-setup", "vsftpd", "watchdog", "webalizer", "wvdial", "xdm"),
        ),
        read=templates.items,
        choose=partial(
            _drawn, languages="cs da de en es fi fr it nl pl pt ro sk sv", characters=400_000
        ),
    ),
)

BY_SET = {one.name: one for one in SETS}


def make(wanted: EvaluationSet, out: Path, cache: Path) -> list[Question]:
    """Write a set's folder below ``out`` anew, and return its questions.

    Raises:
        PackageGone: there is none of its packages.
        PackageDamaged: a package cannot be unpacked.
    """
    archives = {
        packages.name_of(archive): archive
        for archive in packages.fetch_each(
            wanted.packages,
            cache,
            left_out=lambda error: click.echo(f"{wanted.name}: left out: {error}", err=True),
        )
    }
    with tempfile.TemporaryDirectory(prefix=".unpacked-", dir=out) as unpacked:
        for name, archive in archives.items():
            packages.unpack(archive, Path(unpacked) / name, control=templates.CONTROL)
        items = choosing.unambiguous(wanted.choose(wanted.read(Path(unpacked))))
    questions = choosing.questions(items, MAX_QUESTIONS)
    folder = out / wanted.name
    shutil.rmtree(folder, ignore_errors=True)
    for item in items:
        for language, text in item.texts.items():
            _write(folder / "docs" / language / f"{item.name}.txt", [text])
    _write(
        folder / "questions.jsonl",
        (json.dumps(_line(question), ensure_ascii=False) for question in questions),
    )
    about = {
        "name": wanted.name,
        "kind": wanted.kind,
        "licence": wanted.licence,
        "packages": {name: packages.version_of(path) for name, path in archives.items()},
        "documents": _counts(language for item in items for language in item.texts),
        "questions": _counts(question.language for question in questions),
    }
    _write(folder / "set.json", [json.dumps(about, ensure_ascii=False, indent=2)])
    return questions


def _line(question: Question) -> dict[str, object]:
    snippets = question.ask.snippets
    return {
        "id": f"{question.number:03}-{question.language}",
        "lang": question.language,
        "question": question.ask.questions[question.language],
        "relevant": [
            {"doc": f"{language}/{question.item.name}.txt"}
            | ({"contains": snippets[language]} if language in snippets else {})
            for language in question.item.texts
        ],
    }


def _write(path: Path, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def _counts(languages: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(languages).items()))


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--packages",
    "cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where packages are kept. Without it: packages, in the folder of --out.",
)
@click.option(
    "--set",
    "names",
    multiple=True,
    type=click.Choice(list(BY_SET)),
    help="One set only; may be given again. Without it: all.",
)
def main(out: Path, cache: Path | None, names: Sequence[str]) -> None:
    """Make each set; go on when one fails, and say so at the end."""
    out.mkdir(parents=True, exist_ok=True)
    failed = []
    for wanted in [BY_SET[name] for name in names] or SETS:
        try:
            questions = make(wanted, out, cache or out / "packages")
        except SourceError as error:
            click.echo(f"{wanted.name}: failed: {error}", err=True)
            failed.append(wanted.name)
            continue
        counts = _counts(question.language for question in questions)
        shown = ", ".join(f"{language} {count}" for language, count in counts.items())
        click.echo(f"{wanted.name}: {len(questions)} questions: {shown}")
    if failed:
        raise click.ClickException(f"No set made of {', '.join(failed)}.")


if __name__ == "__main__":
    main()
