from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import CatalogueError
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from index import writer
from index.encoders.protocol import ByToken, Vectors
from index.errors import ModelMismatch
from index.faiss_snapshot import FaissSnapshot
from index.snapshot import Scope
from index.snapshot_builder import load_snapshot, refresh
from index.writer import Progress, encode_waiting, reindex
from tests.content import content_of
from tests.encoders import WordEncoder

TEXTS = {
    "fr/police.txt": "Metz, le 3 mars 2021 – Deux polices ont patrouillé. Elles sont contentes.",
    "fr/eau.txt": "Le 4 avril 2022, l'eau a été rétablie dans trois communes frontalières.",
    "nl/politie.txt": "Brussel, 5 mei 2023 – De twee politiekorpsen hebben samen gepatrouilleerd.",
    "de/wasser.txt": "Am 6. Juni 2024 wurde das Wasser in drei Gemeinden wieder angeschlossen.",
}


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder()


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "data") as opened:
        yield opened


def put(catalogue: Catalogue, folder: Path, texts: dict[str, str]) -> None:
    for file, text in texts.items():
        (folder / "documents" / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / "documents" / file).write_text(text, "utf-8")
    list(ingest(catalogue, find_sources([folder / "documents"]), "press"))


@pytest.fixture
def snapshot(catalogue: Catalogue, tmp_path: Path, encoder: WordEncoder) -> FaissSnapshot:
    put(catalogue, tmp_path, TEXTS)
    encode_waiting(catalogue, encoder)
    return load_snapshot(catalogue.folder, encoder.identity)


def files(snapshot: FaissSnapshot, encoder: WordEncoder, question: str, scope: Scope) -> list[str]:
    found = snapshot.search(encoder.questions([question])[0], 10, scope).found
    keys = found.document_keys.tolist()
    summaries = snapshot.view.summaries(keys)
    return [summaries[key].file for key in keys]


ARRAYS = (
    *("ids", "document_keys", "vectors", "sentence_counts"),
    *("sentences.codes", "sentences.scales"),
)


def same(one: FaissSnapshot, other: FaissSnapshot) -> bool:
    return one.partitions.keys() == other.partitions.keys() and all(
        np.array_equal(get(partition.rows), get(other.partitions[language].rows))
        for language, partition in one.partitions.items()
        for get in map(attrgetter, ARRAYS)
    )


def test_there_is_one_partition_a_language(snapshot: FaissSnapshot) -> None:
    assert sorted(snapshot.partitions) == ["de", "fr", "nl"]
    assert len(snapshot) == 4


def test_a_scope_narrows_what_is_searched(snapshot: FaissSnapshot, encoder: WordEncoder) -> None:
    def found(**scope: object) -> list[str]:
        return files(snapshot, encoder, "police", Scope(**scope))  # type: ignore[arg-type]

    assert sorted(found()) == sorted(TEXTS)
    assert found(languages=frozenset({"nl"})) == ["nl/politie.txt"]
    assert found(languages=frozenset({"xx"})) == []
    assert found(collections=frozenset({"press"}), languages=frozenset({"de"})) == ["de/wasser.txt"]
    assert found(collections=frozenset({"other"})) == []
    assert found(published_from=date(2023, 5, 5), published_to=date(2023, 5, 5)) == [
        "nl/politie.txt"
    ]
    assert found(published_to=date(2021, 12, 31)) == ["fr/police.txt"]
    one = next(iter(snapshot.documents.values())).id
    assert snapshot.count(Scope(documents=frozenset({one}))) == 1


def test_a_document_without_a_date_is_in_no_range(
    catalogue: Catalogue, tmp_path: Path, encoder: WordEncoder
) -> None:
    put(catalogue, tmp_path, {"a.txt": "Een tekst zonder datum over de politie aan de grens."})
    encode_waiting(catalogue, encoder)
    snapshot = load_snapshot(catalogue.folder, encoder.identity)
    assert snapshot.count(Scope(published_from=date(1900, 1, 1))) == 0
    assert snapshot.count(Scope()) == 1


def test_refreshing_gives_what_loading_anew_gives(
    snapshot: FaissSnapshot, catalogue: Catalogue, tmp_path: Path, encoder: WordEncoder
) -> None:
    changes: list[dict[str, str]] = [
        {"fr/train.txt": "Le train de nuit relie désormais Liège à Bâle chaque vendredi soir."},
        {"fr/eau.txt": "L'eau potable manque encore dans une commune, dit la mairie ce matin."},
        {"lb/zuch.txt": "Den Nuetszuch fiert elo all Freideg vu Léck op Basel an zréck heem."},
    ]
    for change in changes:
        put(catalogue, tmp_path, change)
        encode_waiting(catalogue, encoder)
        newer = refresh(snapshot, encoder.identity)
        assert newer.generation > snapshot.generation
        assert same(newer, load_snapshot(catalogue.folder, encoder.identity))
        snapshot = newer
    for key in list(snapshot.documents):
        catalogue.remove(snapshot.documents[key].id)
    assert len(refresh(snapshot, encoder.identity)) == 0


def test_refreshing_shares_the_partitions_that_nothing_touched(
    snapshot: FaissSnapshot, catalogue: Catalogue, tmp_path: Path, encoder: WordEncoder
) -> None:
    assert refresh(snapshot, encoder.identity) is snapshot
    put(
        catalogue,
        tmp_path,
        {"nl/trein.txt": "De nachttrein rijdt elke vrijdag van Luik naar Bazel."},
    )
    encode_waiting(catalogue, encoder)
    newer = refresh(snapshot, encoder.identity)
    assert newer.partitions["fr"] is snapshot.partitions["fr"]
    assert len(newer.partitions["nl"]) == 2
    assert len(snapshot.partitions["nl"]) == 1


def test_the_snapshot_in_hand_still_has_what_was_removed(
    snapshot: FaissSnapshot, catalogue: Catalogue, encoder: WordEncoder
) -> None:
    for document in snapshot.documents.values():
        catalogue.remove(document.id)
    assert sorted(files(snapshot, encoder, "police", Scope())) == sorted(TEXTS)


def test_vectors_are_read_back_without_the_model(
    snapshot: FaissSnapshot, catalogue: Catalogue
) -> None:
    class NoModel(WordEncoder):
        def passages_by_token(self, texts: Sequence[str]) -> ByToken:
            raise AssertionError(texts)

    encoder = NoModel()
    encode_waiting(catalogue, encoder)
    assert same(load_snapshot(catalogue.folder, encoder.identity), snapshot)


def test_encoding_cut_off_goes_on_where_it_stopped(
    catalogue: Catalogue,
    tmp_path: Path,
    encoder: WordEncoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer, "TEXTS_PER_TRANSACTION", 2)
    put(catalogue, tmp_path, TEXTS)
    seen: list[Progress] = []
    encode_waiting(catalogue, encoder, seen.append, should_stop=lambda: len(seen) == 1)
    assert len(encoder.encoded) == 2
    encode_waiting(catalogue, encoder)
    assert len(encoder.encoded) == len(set(encoder.encoded))
    assert catalogue.waiting() == 0


def test_progress_ends_at_the_total(
    catalogue: Catalogue, tmp_path: Path, encoder: WordEncoder
) -> None:
    put(catalogue, tmp_path, TEXTS)
    seen: list[Progress] = []
    encode_waiting(catalogue, encoder, seen.append)
    assert seen[-1] == Progress(len(encoder.encoded), len(encoder.encoded))


def test_another_models_vectors_are_refused_with_the_remedy(
    snapshot: FaissSnapshot, catalogue: Catalogue
) -> None:
    other = WordEncoder(revision="2")
    with pytest.raises(ModelMismatch, match="passerelle reindex"):
        encode_waiting(catalogue, other)
    with pytest.raises(ModelMismatch, match="passerelle reindex"):
        load_snapshot(catalogue.folder, other.identity)
    assert other.encoded == []


def test_reindexing_changes_the_model_and_nothing_else(
    snapshot: FaissSnapshot, catalogue: Catalogue
) -> None:
    before = content_of(catalogue.folder)
    other = WordEncoder(dimension=32, revision="2")
    reindex(catalogue, other)
    after = content_of(catalogue.folder)
    assert load_snapshot(catalogue.folder, other.identity).partitions.keys() == {"de", "fr", "nl"}
    for document, value in after.items():
        assert value["passages"] == before[document]["passages"]
        assert value["vectors"] != before[document]["vectors"]
    with pytest.raises(ModelMismatch):
        refresh(snapshot, WordEncoder().identity)


def test_there_is_no_snapshot_without_a_catalogue(tmp_path: Path, encoder: WordEncoder) -> None:
    with pytest.raises(CatalogueError, match="passerelle ingest"):
        load_snapshot(tmp_path, encoder.identity)


def test_an_empty_catalogue_has_an_empty_snapshot(
    catalogue: Catalogue, encoder: WordEncoder
) -> None:
    snapshot = load_snapshot(catalogue.folder, encoder.identity)
    assert len(snapshot) == 0
    assert files(snapshot, encoder, "police", Scope()) == []


TITLE = "Questions fréquentes"
ALIKE = {
    "fr/un.txt": f"{TITLE}\n\nLe 3 mars 2021, les deux polices ont patrouillé à la frontière.",
    "fr/deux.txt": f"{TITLE}\n\nLe 4 avril 2022, l'eau a été rétablie dans trois communes.",
}


def vector_of(snapshot: FaissSnapshot, file: str) -> Vectors:
    rows = snapshot.partitions["fr"].rows
    files = {
        key: each.file for key, each in snapshot.view.summaries(rows.document_keys.tolist()).items()
    }
    (row,) = [at for at, key in enumerate(rows.document_keys.tolist()) if files[key] == file]
    vector: Vectors = rows.vectors[row]
    return vector


def test_a_title_that_several_documents_have_is_left_out_of_their_vectors(
    catalogue: Catalogue, tmp_path: Path, encoder: WordEncoder
) -> None:
    put(catalogue, tmp_path, {"fr/un.txt": ALIKE["fr/un.txt"]})
    encode_waiting(catalogue, encoder)
    before = load_snapshot(catalogue.folder, encoder.identity)
    put(catalogue, tmp_path, ALIKE)
    encode_waiting(catalogue, encoder)
    after = refresh(before, encoder.identity)
    whole, bare = ALIKE["fr/un.txt"], ALIKE["fr/un.txt"].removeprefix(TITLE).strip()
    assert np.allclose(vector_of(before, "fr/un.txt"), encoder.passages([whole])[0], atol=1e-5)
    assert np.allclose(vector_of(after, "fr/un.txt"), encoder.passages([bare])[0], atol=1e-5)
    assert same(after, load_snapshot(catalogue.folder, encoder.identity))
    (passage,) = after.view.passages_of(after.documents[min(after.documents)].id)
    assert passage.text == whole


def test_a_title_counts_again_when_no_other_document_has_it_any_more(
    catalogue: Catalogue, tmp_path: Path, encoder: WordEncoder
) -> None:
    put(catalogue, tmp_path, ALIKE)
    encode_waiting(catalogue, encoder)
    before = load_snapshot(catalogue.folder, encoder.identity)
    (gone,) = [
        facts.id
        for key, facts in before.documents.items()
        if before.view.summaries([key])[key].file == "fr/deux.txt"
    ]
    catalogue.remove(gone)
    after = refresh(before, encoder.identity)
    assert np.allclose(
        vector_of(after, "fr/un.txt"), encoder.passages([ALIKE["fr/un.txt"]])[0], atol=1e-5
    )
