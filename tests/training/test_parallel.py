"""The command, on packages built here."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from training.errors import DescriptionsGone, PackageDamaged, PackageGone, SourceShort
from training.extract import descriptions, mediawiki
from training.parallel import align, make
from training.sources import SOURCES, Source
from training.types import Unit

ENGLISH = "The page margins are kept when you change the paper format of a document."
FRENCH = "Les marges de la page sont conservées lorsque le format du papier change."

SOURCE = Source(
    name="wiki",
    kind="messages",
    licence="MIT",
    packages=("wiki-messages",),
    extract=mediawiki.units,
    least=1,
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder whose packages are fetched already."""
    build = tmp_path / "build"
    for folder in (build / "DEBIAN", build / "i18n", tmp_path / "out/packages"):
        folder.mkdir(parents=True)
    (build / "DEBIAN/control").write_text(
        "Package: wiki-messages\nVersion: 1:2.0-1\nArchitecture: all\nMaintainer: Nobody <a@b.c>\n"
        "Description: messages\n"
    )
    (build / "i18n/en.json").write_text(json.dumps({"margins": ENGLISH}))
    (build / "i18n/fr.json").write_text(json.dumps({"margins": FRENCH}))
    package = tmp_path / "out/packages/wiki-messages_1%3a2.0-1_all.deb"
    subprocess.run(["dpkg-deb", "--build", str(build), str(package)], check=True,
                   capture_output=True)  # fmt: skip
    return tmp_path / "out"


def test_units_of_one_id_make_a_paragraph_if_english_is_among_them() -> None:
    units = [Unit("fr", "1", "Un"), Unit("en", "1", "One"), Unit("fr", "2", "Deux"),
             Unit("en", "3", "Three"), Unit("fr", "1", "Une")]  # fmt: skip
    [paragraph] = align("x", units)
    assert paragraph.texts == {"en": "One", "fr": "Un"}


def test_a_source_becomes_lines_and_a_manifest(out: Path) -> None:
    assert make(SOURCE, out) == {"en": 1, "fr": 1}
    [line] = (out / "wiki.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line) == {
        "source": "wiki",
        "id": "wiki-messages/i18n#margins",
        "texts": {"en": ENGLISH, "fr": FRENCH},
        "headings": {},
    }
    manifest = json.loads((out / "wiki.json").read_text("utf-8"))
    assert manifest["fetched"] == {"wiki-messages": "1:2.0-1"}
    assert manifest["languages"] == {"en": 1, "fr": 1}


def test_a_source_with_much_less_than_it_had_is_refused_and_nothing_written(out: Path) -> None:
    with pytest.raises(SourceShort, match="wiki gives 1 paragraphs"):
        make(replace(SOURCE, least=2), out)
    assert not (out / "wiki.json").exists()


def test_a_damaged_package_is_removed_so_that_it_is_fetched_again(out: Path) -> None:
    [package] = (out / "packages").iterdir()
    package.write_bytes(package.read_bytes()[:100])
    with pytest.raises(PackageDamaged, match="fetch it anew"):
        make(SOURCE, out)
    assert not package.exists()


def test_a_source_whose_only_package_is_gone_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")  # so nothing can be fetched
    with pytest.raises(PackageGone, match="wiki-messages cannot be fetched"):
        make(SOURCE, tmp_path)


def test_another_package_that_is_gone_is_a_language_less(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_on_path(out / "bin", "echo 'E: Unable to locate it' >&2\nexit 100", monkeypatch)
    source = replace(SOURCE, packages=("wiki-messages", "wiki-nl"), required=("wiki-messages",))
    assert make(source, out) == {"en": 1, "fr": 1}
    assert "wiki-nl cannot be fetched: Unable to locate it." in capsys.readouterr().err


def put_on_path(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have ``script`` run where apt-get would."""
    folder.mkdir()
    (folder / "apt-get").write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    (folder / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


DESCRIPTIONS = replace(
    SOURCE, name="about", packages=(), locales=("en", "fr", "nl"), extract=descriptions.units
)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder of what apt-get update leaves, of Debian and of another archive."""
    folder = tmp_path / "archive"
    folder.mkdir()
    release = "Origin: {}\nVersion: 12.5\nCodename: stable\nDate: Sat, 10 Feb 2024\nSHA256:\n 0 x\n"
    for host, origin in (("a", "Debian"), ("b", "Another")):
        (folder / f"{host}_stable_InRelease").write_text(release.format(origin), "utf-8")
        for locale, text in (("en", ENGLISH), ("fr", FRENCH)):
            (folder / f"{host}_stable_main_i18n_Translation-{locale}").write_text(
                f"Package: {origin}\nDescription-md5: 0a1b2c3d\nDescription-{locale}: x\n {text}\n",
                "utf-8",
            )
    return folder


COPY = """for argument; do case $argument in Dir::State::lists=*) lists=${argument#*=}; esac; done
cp %s/* "$lists"
echo "$@" > %s
echo 'E: One archive does not answer.' >&2
exit 100"""


def test_descriptions_become_lines_and_a_manifest_with_their_release(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_on_path(tmp_path / "bin", COPY % (archive, tmp_path / "arguments"), monkeypatch)
    assert make(DESCRIPTIONS, tmp_path) == {"en": 1, "fr": 1}
    assert json.loads((tmp_path / "about.jsonl").read_text("utf-8")) == {
        "source": "about",
        "id": "Debian/0a1b2c3d/1#0",
        "texts": {"en": ENGLISH, "fr": FRENCH},
        "headings": {},
    }
    manifest = json.loads((tmp_path / "about.json").read_text("utf-8"))
    assert manifest["fetched"] == {"Debian stable": "12.5, Sat, 10 Feb 2024"}
    arguments = (tmp_path / "arguments").read_text("utf-8")
    assert arguments.startswith("update ")
    assert "Acquire::Languages=en,fr,nl " in arguments


def test_descriptions_without_english_are_refused(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (archive / "a_stable_main_i18n_Translation-en").unlink()
    put_on_path(tmp_path / "bin", COPY % (archive, tmp_path / "arguments"), monkeypatch)
    with pytest.raises(DescriptionsGone, match="English: One archive does not answer"):
        make(DESCRIPTIONS, tmp_path)
    assert not (tmp_path / "about.json").exists()


def test_much_fewer_descriptions_than_there_were_are_refused(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_on_path(tmp_path / "bin", COPY % (archive, tmp_path / "arguments"), monkeypatch)
    with pytest.raises(SourceShort, match="about gives 1 paragraphs"):
        make(replace(DESCRIPTIONS, least=2), tmp_path)


def test_descriptions_need_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DescriptionsGone, match="Run this on Debian"):
        make(DESCRIPTIONS, tmp_path)


def test_a_source_names_either_packages_or_locales_english_among_them() -> None:
    for source in SOURCES:
        assert bool(source.packages) != bool(source.locales)
        assert not source.locales or "en" in source.locales


def test_some_sources_are_kept_for_evaluation_and_share_no_package_with_training() -> None:
    packages = {
        purpose: {package for source in SOURCES if source.purpose == purpose
                  for package in source.packages}
        for purpose in ("training", "evaluation")
    }  # fmt: skip
    assert packages["evaluation"]
    assert not packages["evaluation"] & packages["training"]


def test_no_source_is_an_evaluation_set_of_ours() -> None:
    for source in SOURCES:
        assert not any("debian-faq" in package for package in source.packages)
        assert source.licence
        assert set(source.required) <= set(source.packages)
