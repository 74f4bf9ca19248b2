"""Nothing in a data folder, cache, model folder or archive is ever run."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from api import feedback
from api.auth.keys import Keys, Scope
from api.feedback import Verdict
from api.service import Service, open_service
from api.settings import Settings
from corpus.errors import CatalogueError, PasserelleError
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from corpus.store.view import View
from corpus.types import Span
from index import persistence
from index.encoders import cache_dirs
from index.encoders.background_texts import load_background
from index.encoders.loading import load_encoder
from index.encoders.protocol import Backend
from index.errors import ModelError
from index.reader import IndexReader
from index.snapshot_builder import load_snapshot
from index.writer import encode_waiting
from tests.api.clients import afar, beside
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


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    """A service with one document."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "a.txt").write_text("La police patrouille le long de la Moselle.")
    settings = Settings(data=folder / "data", cache=cache)
    with Catalogue(settings.data) as catalogue:
        assert list(ingest(catalogue, find_sources([folder / "a.txt"])))
        encode_waiting(catalogue, settings.load_encoder())
    with open_service(settings) as opened:
        yield opened


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


@pytest.mark.slow
def test_no_file_of_a_data_folder_is_run(tmp_path: Path, ran: Path) -> None:
    documents, data = tmp_path / "documents", tmp_path / "data"
    documents.mkdir()
    (documents / "a.txt").write_text("La police patrouille le long de la Moselle.")
    encoder = WordEncoder()
    with Catalogue(data) as catalogue:
        assert list(ingest(catalogue, find_sources([documents])))
        encode_waiting(catalogue, encoder)
    load_background(encoder, data)
    IndexReader(data, encoder).close()
    persistence.keep(load_snapshot(data, encoder.identity))
    feedback.keep(data, Verdict("a", "d-0", Span(0, 1), helpful=True))
    with Keys(data) as keys:
        keys.add("reader", [Scope.READ])
    files = [path for path in data.rglob("*") if path.is_file()]
    names = {each.name for each in files}
    assert names >= {"keys.sqlite", "feedback.sqlite", "ids.npy", "keys.npy", "facts.json"}
    for file in files:
        for payload in payloads(ran):
            copy = tmp_path / "copy"
            shutil.copytree(data, copy)
            (copy / file.relative_to(data)).write_bytes(payload)
            manifest = (copy / file.relative_to(data)).with_name(cache_dirs.MANIFEST)
            if file.name != cache_dirs.MANIFEST and manifest.exists():
                agree(manifest.parent)
            for name in ("index.pkl", "index.npy", "vectors.npz", "index.faiss", "model.bin"):
                (copy / name).write_bytes(payload)
            with suppress(PasserelleError):
                load_background(encoder, copy)
                load_snapshot(copy, encoder.identity)
            with suppress(PasserelleError), View.open(copy) as view:
                view.problems()
            with suppress(PasserelleError):
                IndexReader(copy, encoder).close()
            with suppress(PasserelleError), Keys(copy) as keys:
                keys.holder("passerelle_000000000000_" + "a" * 43)
                keys.of_session("a")
                keys.all()
            with suppress(PasserelleError):
                feedback.kept(copy)
            shutil.rmtree(copy)


def agree(folder: Path) -> None:
    """Have a folder's manifest agree with what is in it, as whoever alters one would."""
    manifest = json.loads((folder / cache_dirs.MANIFEST).read_text())
    for name in manifest["files"]:
        content = (folder / name).read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        manifest["files"][name] = {"bytes": len(content), "sha256": sha256}
    (folder / cache_dirs.MANIFEST).write_text(json.dumps(manifest))


def hostile_keys() -> Iterator[tuple[str, str, str]]:
    """Yield scopes, collections and times as nobody writes them."""
    when = "2026-01-01T00:00:00+00:00"
    for scopes in ("null", '["everything"]', "[[]]", "7", "{", '"read"'):
        yield scopes, "null", when
    for collections in ('"press"', "7", "{}", "[[]]", "["):
        yield '["read"]', collections, when
    yield '["read"]', "null", "yesterday"


@pytest.mark.parametrize("row", list(hostile_keys()))
def test_what_is_no_key_in_the_file_of_keys_opens_nothing(
    service: Service, tmp_path: Path, row: tuple[str, str, str]
) -> None:
    with Keys(tmp_path) as keys:
        _, text = keys.add("reader", [Scope.READ], ["press"])
        token = keys.begin_session(keys.all()[0])
    with closing(sqlite3.connect(tmp_path / "keys.sqlite")) as file:
        file.execute("UPDATE keys SET scopes = ?, collections = ?, created = ?", row)
        file.commit()
    with Keys(tmp_path) as keys:
        for client in (afar(replace(service, keys=keys), text), afar(replace(service, keys=keys))):
            client.cookies.set("passerelle", token)
            answer = client.get("/v1/documents")
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert "sqlite" not in answer.text


def test_a_file_of_keys_that_acts_by_itself_opens_nothing(tmp_path: Path) -> None:
    with Keys(tmp_path) as keys:
        _, text = keys.add("reader", [Scope.READ])
    with closing(sqlite3.connect(tmp_path / "keys.sqlite")) as file:
        file.execute(
            "CREATE TRIGGER back AFTER UPDATE ON keys BEGIN"
            " UPDATE keys SET revoked = NULL WHERE id = new.id; END"
        )
    with Keys(tmp_path) as keys:
        for _ in range(2):
            with pytest.raises(CatalogueError, match="triggers"):
                keys.holder(text)


def test_a_file_of_verdicts_that_is_none_costs_the_verdict_only(
    service: Service, tmp_path: Path
) -> None:
    (tmp_path / "feedback.sqlite").write_bytes(b"no database" * 100)
    named = service.settings.changed(data=tmp_path)
    client = beside(replace(service, settings=named))
    document = service.live.newest().view.documents_by_key()
    id_ = next(iter(document.values())).id
    sent = {"question": "a", "document": id_, "start": 0, "end": 1, "verdict": "helpful"}
    answer = client.post("/feedback", data=sent)
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text


@pytest.mark.parametrize("place", [".", "catalogue.sqlite", "keys.sqlite"])
def test_a_data_folder_that_everybody_may_write_is_refused(tmp_path: Path, place: str) -> None:
    data = tmp_path / "data"
    Catalogue(data).close()
    with Keys(data) as keys:
        _, text = keys.add("reader", [Scope.READ])
    mode = (data / place).stat().st_mode
    (data / place).chmod(mode | 0o002)
    with pytest.raises(CatalogueError, match="chmod o-w"):
        use(data, text)
    (data / place).chmod(mode)
    use(data, text)


def use(data: Path, key: str) -> None:
    with Keys(data) as keys:
        assert keys.holder(key)
    Catalogue.existing(data).close()


def test_what_was_kept_of_the_index_and_everybody_may_write_is_made_anew(tmp_path: Path) -> None:
    data, encoder = tmp_path / "data", WordEncoder()
    (tmp_path / "a.txt").write_text("La police patrouille le long de la Moselle.")
    with Catalogue(data) as catalogue:
        assert list(ingest(catalogue, find_sources([tmp_path / "a.txt"])))
        encode_waiting(catalogue, encoder)
    made = load_snapshot(data, encoder.identity)
    persistence.keep(made)
    assert persistence.read(made.view, made.context).partitions
    (segment,) = (data / persistence.FOLDER).glob("segment-*")
    for path in (segment, next(segment.glob("*.npy"))):
        mode = path.stat().st_mode
        path.chmod(mode | 0o002)
        assert not persistence.read(made.view, made.context).partitions
        path.chmod(mode)
    assert persistence.read(made.view, made.context).partitions


def test_a_cache_that_everybody_may_write_is_refused(small_model: Path, tmp_path: Path) -> None:
    load_encoder(str(small_model), tmp_path)
    for place in (tmp_path, tmp_path / "compiled"):
        mode = place.stat().st_mode
        place.chmod(mode | 0o002)
        with pytest.raises(ModelError, match="chmod o-w"):
            load_encoder(str(small_model), tmp_path)
        place.chmod(mode)


def test_a_compiled_model_that_was_altered_is_made_anew(
    small_model: Path, tmp_path: Path, ran: Path
) -> None:
    cache = tmp_path / "cache"
    made = load_encoder(str(small_model), cache)
    (folder,) = (cache / "compiled").iterdir()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    engine, vectors = made.engine, made.questions(["quand ?"])
    del made  # what an encoder has open is not opened again
    manifest = json.loads(before[cache_dirs.MANIFEST])
    hostile: list[tuple[str, bytes, bool]] = []
    for name in sorted(before.keys() - {cache_dirs.MANIFEST}):
        hostile += [(name, flipped(before[name]), False), (name, payloads(ran)[0], True)]
    manifests: list[object] = [[], {"files": {}}, {**manifest, "compiled": {"pad": "a"}}]
    hostile += [(cache_dirs.MANIFEST, json.dumps(each).encode(), False) for each in manifests]
    for name, content, agrees in hostile:
        (folder / name).write_bytes(content)
        if agrees:
            agree(folder)
        again = load_encoder(str(small_model), cache)
        assert again.engine == engine, (name, content[:20], agrees)
        np.testing.assert_allclose(again.questions(["quand ?"]), vectors, atol=1e-6)
        del again


def flipped(content: bytes) -> bytes:
    """Return the same bytes but for one in the middle."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def test_a_link_in_the_cache_is_replaced_and_what_it_leads_to_stays(
    small_model: Path, tmp_path: Path
) -> None:
    made = load_encoder(str(small_model), tmp_path / "cache")
    (folder,) = (tmp_path / "cache" / "compiled").iterdir()
    shutil.rmtree(folder)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious.txt").write_text("mine")
    folder.symlink_to(elsewhere)
    assert load_encoder(str(small_model), tmp_path / "cache").engine == made.engine
    assert (elsewhere / "precious.txt").read_text() == "mine"
    assert [path.name for path in elsewhere.iterdir()] == ["precious.txt"]


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
