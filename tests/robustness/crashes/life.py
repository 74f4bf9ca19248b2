"""A process that changes a data folder, and what it acknowledged before it ended.

The process is forked from this one, so that it is there at once; it runs the real worker on
the real catalogue, with an encoder that needs no model. What it acknowledges goes through a
pipe, which outlives it.
"""

from __future__ import annotations

import gc
import json
import os
import random
import shutil
import signal
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from api.auth.keys import Keys, Scope
from api.erasing import erase
from api.jobs.worker import Worker
from corpus import sandbox
from corpus.errors import CatalogueError, PasserelleError
from corpus.ingest import UPLOADED, Source, make_document
from corpus.store.backup import backup
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Kind, Offered, State
from corpus.store.store import SqliteStore
from corpus.store.view import View
from corpus.types import document_id
from index.reader import IndexReader
from index.snapshot_builder import load_snapshot
from qa.types import Question
from tests.encoders import WordEncoder

COLLECTION = "press"
NAMES = 12
KEYS = 4
PATIENCE_SECONDS = 60
OPERATIONS = ("upload", "replace", "delete", "erase", "key", "revoke", "work", "backup")


class Operation(NamedTuple):
    """One change; ``contents`` by the name of a file or of a key, None where it goes."""

    kind: str
    contents: dict[str, str | None]


class Step(NamedTuple):
    """An operation that a process began, and whether it acknowledged it."""

    operation: Operation
    is_acknowledged: bool


@dataclass(slots=True)
class Told:
    """What a process said before it ended."""

    steps: list[Step] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """What operations failed with."""
    crash: str | None = None
    """A traceback, which there should never be."""
    end: int = 0
    """Signal that ended it; 0 if it came to its own end."""
    hits: int = 0
    """What disarming returned: how many calls of the armed kind there were."""

    def states(self, present: dict[str, str]) -> list[dict[str, str]]:
        """Return what a folder may hold now; what was not acknowledged may have happened."""
        states = [present]
        for operation, is_acknowledged in self.steps:
            changed = [after(state, operation) for state in states]
            states = changed if is_acknowledged else [*states, *changed]
        return [state for number, state in enumerate(states) if state not in states[:number]]


def draw(random_: random.Random, kind: str, present: dict[str, str]) -> Operation:
    """Return a random operation of this kind on a folder that holds these documents."""
    names = [f"{number}.txt" for number in range(NAMES)]
    if kind == "upload":
        chosen = random_.sample(names, random_.randint(1, 4))
        return Operation(kind, {name: _text(random_, name) for name in chosen})
    files = [name for name in sorted(present) if not _is_key(name)]
    if kind in ("replace", "delete", "erase") and files:
        name = random_.choice(files)
        return Operation(kind, {name: _text(random_, name) if kind == "replace" else None})
    absent = [name for name in (f"key {number}" for number in range(KEYS)) if name not in present]
    if kind == "key" and absent:
        return Operation(kind, {absent[0]: absent[0]})
    valid = [name for name in sorted(present) if _is_key(name)]
    if kind == "revoke" and valid:
        return Operation(kind, {random_.choice(valid): None})
    return Operation(kind if kind == "backup" else "work", {})


def _is_key(name: str) -> bool:
    return name.startswith("key ")


def after(present: dict[str, str], operation: Operation) -> dict[str, str]:
    """Return what a folder holds after an operation."""
    changed = {**present, **operation.contents}
    return {name: text for name, text in changed.items() if text is not None}


def run(
    folder: Path,
    operations: list[Operation],
    kill_after: float | None = None,
    arm: Callable[[], None] = lambda: None,
    disarm: Callable[[], int] = lambda: 0,
) -> Told:
    """Carry operations out in a process of its own, kill it after a time, and say what it told."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # What others left to the collector may own threads, which no fork has: it ends with them.
        gc.freeze()
        os.close(reading)
        try:
            _live(folder, operations, writing, arm, disarm)
            os._exit(0)
        except BaseException:
            _tell(writing, "crash", traceback.format_exc())
            os._exit(1)
    os.close(writing)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, encoding="utf-8") as lines:
        told = _heard(lines)
    _, status = os.waitpid(child, 0)
    told.end = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if told.end:
        # It may have been killed amid what it said to the process that reads files, which is
        # this one's too: the next file is for another child of that.
        sandbox._process(is_large=False)._child = None
    return told


def _live(
    folder: Path,
    operations: list[Operation],
    pipe: int,
    arm: Callable[[], None],
    disarm: Callable[[], int],
) -> None:
    encoder = WordEncoder()
    Catalogue(folder).close()
    live = IndexReader(folder, encoder)
    live.follow()
    worker = Worker(SqliteStore(folder), encoder, live)
    worker.start()
    arm()
    for operation in operations:
        _tell(pipe, "begin", operation)
        try:
            _carry_out(folder, operation, worker, live)
        except (PasserelleError, OSError) as error:
            _tell(pipe, "failed", str(error))
            _answers(live)
        else:
            _tell(pipe, "done", operation)
    if operations:
        _wait(folder)
    _tell(pipe, "hits", disarm())
    worker.wake()
    _until_idle(folder)
    live.refresh()
    worker.close()
    live.close()


def _carry_out(folder: Path, operation: Operation, worker: Worker, live: IndexReader) -> None:
    match operation.kind:
        case "backup":
            backup(folder, folder.with_name(f"{folder.name}-backup-{time.time_ns()}"))
        case "work":
            worker.wake()
            time.sleep(0.02)
        case "delete":
            with Catalogue(folder) as catalogue:
                for name in operation.contents:
                    catalogue.remove(document_id(COLLECTION, name))
            live.refresh()
        case "erase":
            documents = [document_id(COLLECTION, name) for name in operation.contents]
            if not erase(folder, documents).is_overwritten:
                raise CatalogueError("Somebody reads an older state")
            live.refresh()
        case "key":
            with Keys(folder) as keys:
                for name in operation.contents:
                    keys.add(name, [Scope.READ])
        case "revoke":
            with Keys(folder) as keys:
                for key in keys.all():
                    if key.name in operation.contents:
                        keys.revoke(key.id)
        case kind:
            files = [Offered(name, str(text).encode()) for name, text in operation.contents.items()]
            with Catalogue(folder) as catalogue:
                catalogue.jobs.accept(Kind(kind), COLLECTION, files)
            worker.wake()


def _answers(live: IndexReader) -> None:
    """Search, as a question does: that must work whatever the disk does."""
    snapshot = live.newest()
    (vector,) = WordEncoder().questions([Question("Moselle").text])
    ids = snapshot.search(vector, 5).found.ids.tolist()
    assert snapshot.view.passages(ids).keys() == set(ids)


def _wait(folder: Path) -> None:
    """Give the worker time to do, or to fail at, what was accepted."""
    end = time.monotonic() + 1
    while time.monotonic() < end:
        with Catalogue(folder) as catalogue:
            jobs = catalogue.jobs.to_do()
            if not jobs or any(job.state == State.FAILED for job in jobs):
                return
        time.sleep(0.01)


def _until_idle(folder: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        with Catalogue(folder) as catalogue:
            if not catalogue.jobs.count_to_do() and not catalogue.waiting():
                return
        time.sleep(0.02)
    raise TimeoutError("The jobs did not come to their end")


def _tell(pipe: int, what: str, value: Any) -> None:
    os.write(pipe, (json.dumps([what, value]) + "\n").encode())


def _heard(lines: Iterable[str]) -> Told:
    told = Told()
    begun: Operation | None = None
    for line in lines:
        if not line.endswith("\n"):
            break  # it was killed while it said so
        what, value = json.loads(line)
        match what:
            case "begin":
                begun = Operation(*value)
            case "done" if begun:
                told.steps.append(Step(begun, is_acknowledged=True))
                begun = None
            case "failed" if begun:
                told.errors.append(value)
                told.steps.append(Step(begun, is_acknowledged=False))
                begun = None
            case "hits":
                told.hits = value
            case "crash":
                told.crash = value
    if begun:
        told.steps.append(Step(begun, is_acknowledged=False))
    return told


def _text(random_: random.Random, name: str) -> str:
    subject = random_.choice(("la Moselle", "la Sûre", "l'Our", "la Meuse", "l'Escaut"))
    sentences = [
        f"La patrouille {random_.randrange(10**6)} de {name} suit {subject} pendant {hours} heures."
        for hours in range(2, random_.randint(4, 14))
    ]
    return " ".join(sentences)


def recover(folder: Path) -> None:
    """Do what the next start does: finish what was accepted."""
    told = run(folder, [])
    if told.crash or told.end:
        raise AssertionError(f"The folder does not open again: {told.crash or told.end}")


def wrong_with(folder: Path, *allowed: dict[str, str]) -> list[str]:
    """Return what is wrong with a folder in which all jobs are done; it may hold any of these."""
    wrong = []
    with View.open(folder) as view:
        wrong += view.problems()
        found = _content(view) | _valid_keys(folder)
        if found not in allowed:
            wrong.append(f"it holds {sorted(found)}, not {[sorted(each) for each in allowed]}")
        wrong += _not_whole(view, found)
    with Catalogue(folder) as catalogue:
        if catalogue.waiting() or catalogue.jobs.count_to_do():
            wrong.append("something waits")
        words = "INSERT INTO passage_words (passage_words, rank) VALUES ('integrity-check', 1)"
        catalogue._connection.execute(words)
        kept = {row[0] for row in catalogue._connection.execute("SELECT sha256 FROM originals")}
        used = {row[0] for row in catalogue._connection.execute("SELECT sha256 FROM documents")}
        if kept != used:
            wrong.append("originals and documents differ")
    return wrong


def wrong_at_once(folder: Path, present: dict[str, str], told: Told) -> list[str]:
    """Return what can be found and should not, before anything is done after the end of a
    process: half documents, deleted ones, and states that never were."""
    try:
        with View.open(folder) as view:
            found = _content(view) | _valid_keys(folder)
            wrong = _not_whole(view, found)
    except CatalogueError as error:
        # A process that ended before the first migration did has acknowledged nothing.
        was_used = present or any(is_acknowledged for _, is_acknowledged in told.steps)
        return [str(error)] if was_used else []
    for name in found:
        # The worker may be behind, and never further back than the last deletion.
        had: set[str | None] = {present.get(name)}
        for operation, is_acknowledged in told.steps:
            if name in operation.contents:
                text = operation.contents[name]
                had = {None} if text is None and is_acknowledged else {*had, text}
        if found[name] not in had:
            wrong.append(f"{name} is in a state it cannot have")
    return wrong


def _content(view: View) -> dict[str, str]:
    documents = (view.document(facts.id) for facts in view.documents_by_key().values())
    return {document.file: document.text for document in documents if document}


def _valid_keys(folder: Path) -> dict[str, str]:
    with Keys(folder) as keys:
        return {key.name: key.name for key in keys.all() if not key.revoked}


def _not_whole(view: View, found: dict[str, str]) -> list[str]:
    """Return what is wrong with the passages: in the catalogue, and in FAISS."""
    wrong, ids = [], set()
    for name, text in found.items():
        if _is_key(name):
            continue
        expected = make_document(text.encode(), Source(UPLOADED, name), COLLECTION).passages
        stored = view.passages_of(document_id(COLLECTION, name))
        ids |= {passage.id for passage in stored}
        if [(p.span, p.text, p.sentences) for p in stored] != [
            (p.span, p.text, p.sentences) for p in expected
        ]:
            wrong.append(f"{name} is not whole")
    snapshot = load_snapshot(view.folder, WordEncoder().identity)
    held = {int(id_) for part in snapshot.partitions.values() for id_ in part.rows.ids}
    if held != ids:
        wrong.append("FAISS holds other passages than the catalogue")
    return wrong


def remove(folder: Path) -> None:
    """Delete a data folder and its backups."""
    for path in folder.parent.glob(f"{folder.name}*"):
        shutil.rmtree(path)
    for path in folder.parent.glob(f".{folder.name}*"):
        shutil.rmtree(path)


def remove_backups(folder: Path) -> None:
    """Delete the backups of a folder, the unfinished ones too."""
    for pattern in (f"{folder.name}-backup-*", f".{folder.name}-backup-*"):
        for path in folder.parent.glob(pattern):
            shutil.rmtree(path)


def held(folder: Path) -> dict[str, str]:
    """Return the documents of a folder by their files' names."""
    with View.open(folder) as view:
        return _content(view) | _valid_keys(folder)


def wrong_with_backup(folder: Path) -> list[str]:
    """Return what is wrong with a finished backup."""
    with View.open(folder) as view:
        return view.problems() + _not_whole(view, _content(view))


def backups_of(folder: Path) -> list[Path]:
    """Return the finished backups of a folder."""
    return sorted(folder.parent.glob(f"{folder.name}-backup-*"))
