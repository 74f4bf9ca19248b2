"""An archive from a stranger, to be imported, does no harm."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import stat
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl.xml.constants import PACKAGE_WORKSHEETS

from api.auth.keys import Keys, Scope
from api.cli.main import main
from corpus.errors import PasserelleError, Refused, UnreadableFile
from corpus.sandbox.server import read_file
from corpus.sandbox.warmup import specimens
from corpus.store import backup
from corpus.store.catalogue import Catalogue
from corpus.uploads import Limits, Upload, offered
from tests.robustness.bombs import NOTE, repacked


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("export")
    with Catalogue(folder / "data"):
        pass
    backup.export(folder / "data", folder / "export.zip")
    return (folder / "export.zip").read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "../out.sqlite", "/out.sqlite", "..\\out.sqlite", "a/../../out.sqlite", "out.pkl",
        "manifest.json/../../out.sqlite", "C:\\out.sqlite", "out.sqlite\n", ".", "OUT.sqlite",
    ],
)  # fmt: skip
def test_an_archive_writes_nothing_outside_its_folder(
    exported: bytes, tmp_path: Path, name: str
) -> None:
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        content = archive.read("catalogue.sqlite")
        manifest = json.loads(archive.read("manifest.json"))
    manifest["files"][name] = manifest["files"]["catalogue.sqlite"]
    refuses(tmp_path, {name: content, "catalogue.sqlite": content}, manifest)


def test_a_link_in_an_archive_is_not_made(exported: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    link = zipfile.ZipInfo("catalogue.sqlite")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    refuses(tmp_path, {link: b"/etc/passwd"}, manifest)


def test_an_archive_that_lies_about_a_size_is_refused(exported: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    for size in (0, 1, -1, 2**63, "1", None):
        manifest["files"]["catalogue.sqlite"]["bytes"] = size
        refuses(tmp_path, {"catalogue.sqlite": bytes(2**20)}, manifest)


def test_an_archive_whose_catalogue_acts_by_itself_is_refused(
    exported: bytes, tmp_path: Path
) -> None:
    acts = (
        "CREATE TRIGGER open AFTER INSERT ON documents BEGIN"
        " UPDATE documents SET collection = 'public'; END",
        "CREATE VIEW more AS SELECT text FROM texts",
        "DROP TRIGGER passage_words_go",
    )
    for number, act in enumerate(acts):
        path = tmp_path / f"{number}.sqlite"
        with zipfile.ZipFile(io.BytesIO(exported)) as archive:
            path.write_bytes(archive.read("catalogue.sqlite"))
            manifest = json.loads(archive.read("manifest.json"))
        with closing(sqlite3.connect(path)) as catalogue:
            catalogue.execute(act)
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        manifest["files"] = {"catalogue.sqlite": {"bytes": len(content), "sha256": sha256}}
        refuses(tmp_path, {"catalogue.sqlite": content}, manifest, "triggers or views")


def test_the_keys_that_come_with_an_archive_are_named(tmp_path: Path) -> None:
    Catalogue(tmp_path / "data").close()
    with Keys(tmp_path / "data") as keys:
        key, _ = keys.add("a stranger's", [Scope.ADMIN])
        gone, _ = keys.add("revoked", [Scope.READ])
        keys.revoke(gone.id)
    backup.export(tmp_path / "data", tmp_path / "all.zip")
    done = CliRunner().invoke(
        main, ["import", str(tmp_path / "all.zip"), "--data", str(tmp_path / "new")]
    )
    assert done.exit_code == 0
    assert "Revoke those that are not yours" in done.output
    assert key.id in done.output
    assert gone.id not in done.output


def test_a_session_that_comes_with_an_archive_has_ended(tmp_path: Path) -> None:
    Catalogue(tmp_path / "data").close()
    with Keys(tmp_path / "data") as keys:
        of_key = keys.begin_session(keys.add("a stranger's", [Scope.ADMIN])[0])
        person = keys.people.identify("https://login.example.org", "a stranger", "")
        of_person = keys.people.begin_session(person, "https://login.example.org", ["all"], 600)
    backup.export(tmp_path / "data", tmp_path / "all.zip")
    new = tmp_path / "new"
    done = CliRunner().invoke(main, ["import", str(tmp_path / "all.zip"), "--data", str(new)])
    assert done.exit_code == 0
    with Keys(new) as keys:
        assert keys.of_session(of_key) is None
        assert keys.people.of_session(of_person, "https://login.example.org") is None


def test_an_archive_for_which_there_is_no_room_is_refused_before_it_is_unpacked(
    exported: bytes, tmp_path: Path
) -> None:
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    manifest["files"]["catalogue.sqlite"]["bytes"] = 2**60
    refuses(tmp_path, {"catalogue.sqlite": b"a"}, manifest, "MB free")


def test_nothing_is_left_of_an_import_when_the_disk_is_full(
    exported: bytes, tmp_path: Path
) -> None:
    (tmp_path / "all.zip").write_bytes(exported)
    # A file that may grow no further is what a full disk looks like to whoever writes it.
    script = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "from api.cli.main import main\n"
        "main(['import', 'all.zip', '--data', 'data'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "is full. Free some space" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["all.zip"]


def refuses(
    tmp_path: Path, files: dict[object, bytes], manifest: object, reason: str = "."
) -> None:
    """Expect an archive to be refused, and nothing to be anywhere for it."""
    place = tmp_path / "place"
    place.mkdir(exist_ok=True)
    source = tmp_path / "hostile.zip"
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)  # type: ignore[arg-type]
        archive.writestr("manifest.json", json.dumps(manifest))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(PasserelleError, match=reason):
        backup.import_archive(source, place / "data")
    assert sorted(tmp_path.rglob("*")) == before


def linking(content: bytes, name: str) -> bytes:
    """Return an archive in which an entry is a link to a file of this machine."""
    made = io.BytesIO()
    link = zipfile.ZipInfo(name)
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
        new.writestr(link, "/etc/passwd")
    return made.getvalue()


@pytest.mark.parametrize(
    ("suffix", "part"),
    [
        (".docx", "word/document.xml"),
        (".xlsx", f"{PACKAGE_WORKSHEETS}/sheet1.xml"),
        (".pptx", "ppt/slides/slide1.xml"),
        (".odt", "content.xml"),
        (".ods", "content.xml"),
        (".odp", "content.xml"),
        (".epub", "a.xhtml"),
    ],
)
def test_a_link_in_a_document_is_not_followed(suffix: str, part: str) -> None:
    with pytest.raises(Refused):
        read_file(linking(specimens()[suffix], part), f"a{suffix}")


def test_a_link_in_an_archive_that_is_uploaded_is_refused() -> None:
    packed = linking(repacked(specimens()[".epub"], {"b.txt": NOTE}), "a.txt")
    found = offered([Upload("all.zip", io.BytesIO(packed))], Limits(2**20, 2**20))
    contents = {each.file: each.content for each in found}
    assert isinstance(contents["a.txt"], UnreadableFile)
    assert contents["b.txt"] == NOTE
