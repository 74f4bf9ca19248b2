from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import ingest as ingesting
from corpus.ingest import find_sources, ingest, prune
from corpus.store.catalogue import Catalogue
from corpus.types import FileReport, LeftOut, LeftOutReason, Outcome
from index.writer import encode_waiting
from tests.content import content_of
from tests.documents import pdf
from tests.encoders import WordEncoder

NOTE = "Patrouilles mixtes\n\nMetz, le 14 décembre 2020 – Les deux polices patrouillent ensemble.\n"


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    documents = tmp_path / "documents"
    (documents / "fr").mkdir(parents=True)
    (documents / "fr" / "note.txt").write_text(NOTE, "utf-8")
    (documents / "other.md").write_text("# Titel\n\nDe politie controleert aan de grens.\n")
    return documents


def run(catalogue: Catalogue, *paths: Path, collection: str = "press") -> list[FileReport]:
    return list(ingest(catalogue, find_sources(paths), collection))


def outcomes(reports: list[FileReport]) -> dict[str, Outcome]:
    return {report.file: report.outcome for report in reports}


def only(reports: list[FileReport]) -> FileReport:
    (report,) = reports
    return report


def test_files_are_named_relative_to_what_was_ingested(catalogue: Catalogue, folder: Path) -> None:
    assert [report.file for report in run(catalogue, folder)] == ["fr/note.txt", "other.md"]
    assert only(run(catalogue, folder / "fr" / "note.txt", collection="b")).file == "note.txt"


def test_an_unchanged_file_is_left_as_it_is(catalogue: Catalogue, folder: Path) -> None:
    run(catalogue, folder)
    encode_waiting(catalogue, WordEncoder())
    before = content_of(catalogue.folder)
    assert set(outcomes(run(catalogue, folder)).values()) == {Outcome.UNCHANGED}
    encoder = WordEncoder()
    encode_waiting(catalogue, encoder)
    assert encoder.encoded == []
    assert content_of(catalogue.folder) == before


def test_a_changed_file_replaces_its_passages(catalogue: Catalogue, folder: Path) -> None:
    run(catalogue, folder)
    encode_waiting(catalogue, WordEncoder())
    before = content_of(catalogue.folder)
    (folder / "fr" / "note.txt").write_text(NOTE.replace("deux", "trois"), "utf-8")

    report = run(catalogue, folder)[0]
    assert report.outcome is Outcome.UPDATED
    encode_waiting(catalogue, WordEncoder())
    after = content_of(catalogue.folder)
    assert after.keys() == before.keys()
    assert "trois" in after[report.document or ""]["passages"][0]["text"]


def test_a_new_way_of_reading_reads_every_file_again(
    catalogue: Catalogue, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(catalogue, folder)
    monkeypatch.setattr(ingesting, "TEXT_VERSION", ingesting.TEXT_VERSION + 1)
    assert set(outcomes(run(catalogue, folder)).values()) == {Outcome.UPDATED}


def test_prune_removes_only_what_is_gone_from_the_folder(
    catalogue: Catalogue, folder: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept.txt").write_text("Ein Satz, der bleibt, obwohl seine Datei fehlt.")
    run(catalogue, folder, elsewhere)
    (elsewhere / "kept.txt").unlink()
    (folder / "other.md").unlink()

    reports = list(prune(catalogue, [folder], "press"))
    assert outcomes(reports) == {"other.md": Outcome.REMOVED}
    assert list(prune(catalogue, [folder], "press")) == []
    assert catalogue.newest_version("press", "kept.txt") is not None


def test_prune_leaves_a_folder_alone_that_is_not_there(catalogue: Catalogue, folder: Path) -> None:
    run(catalogue, folder)
    folder.rename(folder.with_name("unmounted"))
    assert list(prune(catalogue, [folder], "press")) == []


def test_a_moved_folder_is_known_again(catalogue: Catalogue, folder: Path) -> None:
    run(catalogue, folder)
    moved = folder.rename(folder.with_name("moved"))
    assert set(outcomes(run(catalogue, moved)).values()) == {Outcome.UNCHANGED}
    (moved / "other.md").unlink()
    assert outcomes(list(prune(catalogue, [moved], "press"))) == {"other.md": Outcome.REMOVED}


def test_two_folders_files_of_one_name_are_not_mixed_up(
    catalogue: Catalogue, folder: Path, tmp_path: Path
) -> None:
    run(catalogue, folder)
    other = tmp_path / "another"
    other.mkdir()
    (other / "other.md").write_text("# Un autre\n\nUn autre document, du même nom.\n")
    report = only(run(catalogue, other))
    assert report.outcome is Outcome.REFUSED
    assert report.reason is not None
    assert "--collection" in report.reason
    assert only(run(catalogue, other, collection="b")).outcome is Outcome.ADDED


def test_a_bad_file_is_refused_with_its_reason_and_the_rest_goes_on(
    catalogue: Catalogue, folder: Path
) -> None:
    (folder / "a-empty.txt").write_bytes(b"")
    (folder / "b-binary.txt").write_bytes(bytes(range(256)) * 20)
    (folder / "c-sheet.xlsx").write_bytes(b"PK\x03\x04 no sheet")
    (folder / "d-cut.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<<")
    (folder / "e-wrong.pdf").write_text(NOTE)
    reports = run(catalogue, folder)
    refused = [report for report in reports if report.outcome is Outcome.REFUSED]
    assert [report.file[0] for report in refused] == list("abcde")
    for report in refused:
        assert report.reason
        assert report.reason.endswith(".")
        assert report.reason.count(".") >= 2, "the fact, then the remedy"
    assert outcomes(reports)["other.md"] is Outcome.ADDED


def test_a_file_over_the_limit_is_refused_without_being_read(
    catalogue: Catalogue, folder: Path
) -> None:
    huge = folder / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    report = only(run(catalogue, huge))
    assert report.outcome is Outcome.REFUSED
    assert report.reason is not None
    assert "200 MiB" in report.reason
    assert "PASSERELLE_MAX_FILE_MB" in report.reason


def test_a_link_out_of_the_folder_is_refused_unless_it_is_named_itself(
    catalogue: Catalogue, folder: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(NOTE.replace("deux", "trois"))
    link = folder / "link.txt"
    link.symlink_to(secret)
    (folder / "inside.txt").symlink_to(folder / "fr" / "note.txt")
    (folder / "chain.txt").symlink_to(link)
    reports = run(catalogue, folder)
    refused = {report.file for report in reports if report.outcome is Outcome.REFUSED}
    assert refused == {"chain.txt", "link.txt"}
    assert only(run(catalogue, link)).outcome is Outcome.ADDED


def test_a_folder_is_known_however_its_path_is_spelt(
    catalogue: Catalogue, folder: Path, tmp_path: Path
) -> None:
    run(catalogue, folder)
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    (folder / "other.md").unlink()
    run(catalogue, folder / ".." / folder.name)
    assert outcomes(list(prune(catalogue, [tmp_path / "link"], "press"))) == {
        "other.md": Outcome.REMOVED
    }


def test_a_moved_folder_takes_along_what_was_deleted_in_it(
    catalogue: Catalogue, folder: Path
) -> None:
    run(catalogue, folder)
    moved = folder.rename(folder.with_name("moved"))
    (moved / "other.md").unlink()
    run(catalogue, moved)
    assert outcomes(list(prune(catalogue, [moved], "press"))) == {"other.md": Outcome.REMOVED}


def test_a_folder_that_is_not_mounted_loses_nothing_to_one_with_the_same_names(
    catalogue: Catalogue, folder: Path, tmp_path: Path
) -> None:
    run(catalogue, folder)
    folder.rename(tmp_path / "unmounted")
    folder.mkdir()
    other = tmp_path / "another"
    other.mkdir()
    (other / "other.md").write_text("# Un autre\n\nUn autre document, du même nom.\n")
    assert only(run(catalogue, other)).outcome is Outcome.REFUSED


def test_a_name_too_long_to_be_one_is_refused(catalogue: Catalogue, folder: Path) -> None:
    assert only(run(catalogue, folder / ("x" * 300))).outcome is Outcome.REFUSED


def test_a_name_that_is_not_utf8_is_refused_and_can_be_printed(
    catalogue: Catalogue, folder: Path
) -> None:
    name = os.fsencode(folder / "fr") + b"/caf\xe9.txt"
    with open(name, "wb") as file:  # noqa: PTH123, a name that pathlib would hide
        file.write(NOTE.encode())
    report = next(report for report in run(catalogue, folder) if "caf" in report.file)
    assert report.outcome is Outcome.REFUSED
    assert report.file == "fr/caf\\xe9.txt"
    assert "Rename" in (report.reason or "")


def test_a_folder_that_links_to_itself_ends(catalogue: Catalogue, folder: Path) -> None:
    (folder / "fr" / "loop").symlink_to(folder, target_is_directory=True)
    assert [report.file for report in run(catalogue, folder)] == ["fr/note.txt", "other.md"]


def test_hidden_files_are_passed_over(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".git" / "config.txt").write_text(NOTE)
    (folder / ".hidden.txt").write_text(NOTE)
    assert [source.file for source in find_sources([folder])] == ["fr/note.txt", "other.md"]


def test_a_file_named_twice_is_ingested_once(catalogue: Catalogue, folder: Path) -> None:
    assert len(run(catalogue, folder, folder, folder / "other.md")) == 2


def test_a_path_that_leads_nowhere_is_refused(catalogue: Catalogue, folder: Path) -> None:
    missing = only(run(catalogue, folder / "missing.txt"))
    assert missing.outcome is Outcome.REFUSED
    assert "no such file" in (missing.reason or "")
    os.mkfifo(folder / "pipe.txt")
    pipe = only(run(catalogue, folder / "pipe.txt"))
    assert pipe.outcome is Outcome.REFUSED


def test_the_document_has_what_the_file_says_of_itself(catalogue: Catalogue, folder: Path) -> None:
    run(catalogue, folder)
    encode_waiting(catalogue, WordEncoder())
    content = {
        value["document"].file: value["document"] for value in content_of(catalogue.folder).values()
    }
    note = content["fr/note.txt"]
    assert (note.title, str(note.published), note.language, note.media_type) == (
        "Patrouilles mixtes",
        "2020-12-14",
        "fr",
        "text/plain",
    )
    assert content["other.md"].language == "nl"


def test_a_text_without_any_known_language_is_taken_in(catalogue: Catalogue, folder: Path) -> None:
    (folder / "numbers.txt").write_text("12345 67890\n\n2468 1357\n")
    assert outcomes(run(catalogue, folder))["numbers.txt"] is Outcome.ADDED


def test_the_lines_that_a_text_leaves_out_are_counted_and_kept(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    sentences = "The patrol went along the river. It met nobody. It came home late at night."
    (tmp_path / "report.pdf").write_bytes(pdf([[sentences]] * 3, footer="{page}"))
    report = only(run(catalogue, tmp_path / "report.pdf"))
    assert report.left_out == {LeftOutReason.PAGE_NUMBER: 3}
    encode_waiting(catalogue, WordEncoder())
    assert report.document is not None
    with catalogue.view() as view:
        assert view.left_out(report.document) == [
            LeftOut(LeftOutReason.PAGE_NUMBER, str(page), page) for page in (1, 2, 3)
        ]
