from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from corpus.ingest import find_sources, ingest
from corpus.store import reserve
from corpus.store.catalogue import Catalogue
from corpus.types import Outcome
from index.encoders import cache_dirs
from index.encoders.loading import load_encoder
from index.encoders.protocol import Backend, Encoder
from index.faiss_snapshot import FaissSnapshot
from index.snapshot_builder import load_snapshot
from index.writer import encode_waiting

# A test's time says more about the machine than about the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "corpus" / "sample" / "documents"
CACHE = ROOT / ".cache" / "tests"
"""Kept between runs: to unpack and compile the models takes a minute, and 2 GB."""


def pytest_configure() -> None:
    """Have no setting of the user's reach a test, or a process that it starts."""
    for name in [name for name in os.environ if name.startswith("PASSERELLE_")]:
        del os.environ[name]
    os.environ["PASSERELLE_CACHE"] = str(CACHE)
    os.environ["PASSERELLE_CONFIG"] = os.devnull  # and none of a file that lies here
    os.environ["OMP_THREAD_LIMIT"] = "1"  # as where files are read: Tesseract's threads take longer
    # Hundreds of data folders are kept for a while, and none but those of tests.small_disk is on a
    # disk that is full.
    reserve.MAX_BYTES = 2**20  # type: ignore[misc]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs much, so that the rest can be run by itself: ``make check``."""
    for item in items:
        if item.path.is_relative_to(ROOT / "tests" / "browser"):
            item.add_marker(pytest.mark.browser)
        wanted: list[str] = getattr(item, "fixturenames", [])
        if "cache" in wanted:
            item.add_marker(pytest.mark.model)
        if "small_model" in wanted:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def cache() -> Iterator[Path]:
    """A cache of the checkout's own. Whatever asks for it needs the default model.

    It stays open, so that who loads it finds it open.
    """
    kept = load_encoder("bundled", CACHE)
    yield CACHE
    del kept


@pytest.fixture(scope="session")
def encoder(cache: Path) -> Encoder:
    """The default model."""
    return load_encoder("bundled", cache)


@pytest.fixture(scope="session")
def plain_encoder(cache: Path) -> Encoder:
    """The default model as it was published, by sentence-transformers."""
    return load_encoder("bundled:plain", cache, Backend.SENTENCE_TRANSFORMERS)


@pytest.fixture(scope="session")
def reference(cache: Path) -> Encoder:
    """The default model as sentence-transformers runs it."""
    return load_encoder("bundled", cache, Backend.SENTENCE_TRANSFORMERS)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> FaissSnapshot:
    """The sample corpus, ingested and encoded with the default model."""
    of_all_processes = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        of_all_processes = of_all_processes.parent
    made = of_all_processes / "sample"
    cache_dirs.make(made, partial(_make_sample, encoder))
    folder = tmp_path_factory.mktemp("sample") / "data"
    shutil.copytree(made, folder, ignore=shutil.ignore_patterns(cache_dirs.MANIFEST))
    return load_snapshot(folder, encoder.identity)


def _make_sample(encoder: Encoder, folder: Path) -> Mapping[str, Any]:
    with Catalogue(folder) as catalogue:
        reports = list(ingest(catalogue, find_sources([SAMPLE]), "sample"))
        assert {report.outcome for report in reports} == {Outcome.ADDED}
        encode_waiting(catalogue, encoder)
    return {}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """The folder of a PostgreSQL server's socket."""
    from tests.postgres import server

    with server() as folder:
        yield folder


@pytest.fixture(scope="session")
def sample_address(postgres_server: Path, sample: FaissSnapshot) -> str:
    """The address of a database with the sample corpus, its vectors included."""
    from tests.postgres import copy_to_postgres, new_database

    where = new_database(postgres_server)
    copy_to_postgres(sample.view, where)
    return where


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder of another model, with untrained weights."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("small-model")
    words = WordLevel({"[UNK]": 0, "[PAD]": 1, "quand": 2, "?": 3}, unk_token="[UNK]")
    tokenizer = Tokenizer(words)
    tokenizer.pre_tokenizer = Whitespace()
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]"
    ).save_pretrained(folder / "bert")
    BertModel(
        BertConfig(
            vocab_size=4,
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
        )
    ).save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"))
    SentenceTransformer(modules=[transformer, Pooling(16)]).save(str(folder / "model"))
    return folder / "model"
