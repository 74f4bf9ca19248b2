"""Nothing in a data folder, cache, model folder or archive is ever run."""

from __future__ import annotations

import io
import json
import pickle
import shutil
import stat
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from corpus import backup
from corpus.catalogue import Catalogue
from corpus.errors import PasserelleError
from corpus.ingest import find_sources, ingest
from corpus.view import View
from index.builder import encode_waiting, load_snapshot
from index.encoder import Backend, load_encoder
from index.live import LiveSnapshot
from index.neutral import load_neutral
from tests.encoders import WordEncoder

OWN = {"AutoConfig": "own.Own", "AutoModel": "own.Own", "AutoTokenizer": ["own.Own", "own.Own"]}


class Payload:
    """Unpickled, it makes a file."""

    def __init__(self, made: Path) -> None:
        self.made = made

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path(self.made),)  # type: ignore[return-value]


@pytest.fixture
def ran(tmp_path: Path) -> Iterator[Path]:
    """A file that is there after the test only if something was run."""
    made = tmp_path / "ran"
    yield made
    assert not made.exists()


def payloads(ran: Path) -> list[bytes]:
    """Return the payload as a pickle, and as NumPy's files of objects."""
    objects = np.array([Payload(ran)], dtype=object)
    npy, npz = io.BytesIO(), io.BytesIO()
    np.save(npy, objects, allow_pickle=True)
    np.savez(npz, question=objects, passages=objects)
    return [pickle.dumps(Payload(ran)), npy.getvalue(), npz.getvalue()]


def test_the_payload_would_run(tmp_path: Path) -> None:
    for number in range(3):
        made = tmp_path / str(number)
        with suppress(TypeError, IndexError):
            found = np.load(io.BytesIO(payloads(made)[number]), allow_pickle=True)
            found["question"]
        assert made.exists()


def test_no_file_of_a_data_folder_is_run(tmp_path: Path, ran: Path) -> None:
    documents, data = tmp_path / "documents", tmp_path / "data"
    documents.mkdir()
    (documents / "a.txt").write_text("La police patrouille le long de la Moselle.")
    encoder = WordEncoder()
    with Catalogue(data) as catalogue:
        assert list(ingest(catalogue, find_sources([documents])))
        encode_waiting(catalogue, encoder)
    load_neutral(encoder, data)
    LiveSnapshot(data, encoder).close()
    files = [path for path in data.rglob("*") if path.is_file()]
    assert len(files) >= 2
    for file in files:
        for payload in payloads(ran):
            copy = tmp_path / "copy"
            shutil.copytree(data, copy)
            (copy / file.relative_to(data)).write_bytes(payload)
            for name in ("index.pkl", "index.npy", "vectors.npz", "index.faiss", "model.bin"):
                (copy / name).write_bytes(payload)
            with suppress(PasserelleError):
                load_neutral(encoder, copy)
                load_snapshot(copy, encoder.identity)
            with suppress(PasserelleError), View.open(copy) as view:
                view.problems()
            with suppress(PasserelleError):
                LiveSnapshot(copy, encoder).close()
            shutil.rmtree(copy)


def test_no_file_of_a_model_folder_is_run(small_model: Path, tmp_path: Path, ran: Path) -> None:
    code = f"open({str(ran)!r}, 'w')\nclass Own: pass\n"
    for kind in ("module", "architecture", "tokenizer", "weights", "activation"):
        folder = tmp_path / kind
        shutil.copytree(small_model, folder)
        (folder / "own.py").write_text(code)
        (folder / "__init__.py").write_text(code)
        if kind == "module":
            modules = json.loads((folder / "modules.json").read_text())
            modules[0]["type"] = "own.Own"
            (folder / "modules.json").write_text(json.dumps(modules))
        elif kind == "architecture":
            change(folder / "config.json", {"auto_map": OWN, "model_type": "own"})
        elif kind == "tokenizer":
            change(folder / "tokenizer_config.json", {"auto_map": OWN})
        elif kind == "weights":
            (folder / "model.safetensors").unlink()
            (folder / "pytorch_model.bin").write_bytes(payloads(ran)[0])
        else:
            modules = json.loads((folder / "modules.json").read_text())
            dense_type = "sentence_transformers.models.Dense"
            modules.append({"idx": 2, "name": "2", "path": "2_Dense", "type": dense_type})
            (folder / "modules.json").write_text(json.dumps(modules))
            (folder / "2_Dense").mkdir()
            dense = {"in_features": 16, "out_features": 16, "activation_function": "own.Own"}
            (folder / "2_Dense" / "config.json").write_text(json.dumps(dense))
            (folder / "2_Dense" / "pytorch_model.bin").write_bytes(payloads(ran)[0])
        with suppress(PasserelleError):  # or loaded without what it names
            load_encoder(str(folder), tmp_path / "cache", Backend.SENTENCE_TRANSFORMERS)


def change(path: Path, more: dict[str, object]) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **more}))


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


def refuses(tmp_path: Path, files: dict[object, bytes], manifest: object) -> None:
    """Expect an archive to be refused, and nothing to be anywhere for it."""
    place = tmp_path / "place"
    place.mkdir(exist_ok=True)
    source = tmp_path / "hostile.zip"
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)  # type: ignore[arg-type]
        archive.writestr("manifest.json", json.dumps(manifest))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(PasserelleError):
        backup.import_archive(source, place / "data")
    assert sorted(tmp_path.rglob("*")) == before
