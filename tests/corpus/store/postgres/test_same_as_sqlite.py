"""All that a catalogue can do, done in both engines: each call comes to the same in either."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import CatalogueError, NoText, PasserelleError
from corpus.store import steps
from corpus.store.catalogue import Catalogue
from corpus.store.job_types import Kind, Offered, State
from corpus.store.model_change import ModelFigures
from corpus.store.models import EncodedText
from corpus.store.pending import Span as Weights
from corpus.store.postgres.store import PostgresStore
from corpus.store.quotas import Account, Quota
from corpus.store.store import SqliteStore, Store
from corpus.store.versions import NewVersion, Sender
from corpus.store.view import View
from corpus.store.view.filters import DocumentFilter
from corpus.store.web import PageState, SourceKey
from corpus.types import Fact, LeftOut, LeftOutReason, Outcome, RecognisedPage, StoredModel
from tests.index.conformance.collections import made
from tests.postgres import new_database

_CHANCE = (
    (re.compile(r"j-[0-9a-f]{16}"), "JOB"),
    (re.compile(r"\b(id|key|document_key|number|job)=\d+"), r"\1=N"),
    (re.compile(r"datetime\.datetime\([^()]*(\([^()]*\))?[^()]*\)"), "MOMENT"),
    (re.compile(r"datetime\.timezone\.utc"), "UTC"),
)
"""What differs from one run to the next in the same engine."""

FIRST = made("a/first.txt", "press", "fr", 11)
SECOND = made("b/second.txt", "press", "de", 12)
LARGE = made("c/large.txt", "notes", "nl", 13, number=20)
COPY = made("d/copy.txt", "notes", "fr", 11)


def plain(value: object) -> str:
    """Return what a call came to, without what is the engine's own."""
    if isinstance(value, dict):
        in_order = sorted(value)
        by_number = all(isinstance(key, int) for key in value)
        value = [value[key] if by_number else (key, value[key]) for key in in_order]
    if isinstance(value, Iterator):
        value = list(value)
    said = repr(value)
    for pattern, instead in _CHANCE:
        said = pattern.sub(instead, said)
    return said


class Log:
    """What each call came to, in order."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, name: str, call: Callable[[], object]) -> object:
        try:
            value = call()
        except PasserelleError as error:
            said = f" {error}" if "refused a statement" in str(error) else ""
            value = f"{type(error).__name__}{said}"
        self.lines.append(f"{name}: {plain(value)}")
        return value


def encode(catalogue: Catalogue, model: StoredModel, tokens: bytes = b"") -> int:
    texts = catalogue.texts_without_vectors(model, 10_000)
    vector = np.ones(4, "<f4").tobytes()
    catalogue.put_vectors(model, [EncodedText(text.id, vector, tokens) for text in texts])
    return len(texts)


def life(store: Store) -> list[str]:
    log = Log()
    with store.catalogue() as catalogue:
        documents(log, catalogue)
        looked_up(log, catalogue, catalogue.active_model())
        jobs(log, catalogue)
        web(log, catalogue)
        models(log, catalogue)
        taken_out(log, catalogue)
    with store.existing() as catalogue, catalogue.view() as view:
        log("generation", view.generation)
        log("nothing is left", lambda: (view.languages(), view.collections(), view.problems()))
    return log.lines


def documents(log: Log, c: Catalogue) -> None:
    left_out = [
        LeftOut(LeftOutReason.RUNNING_LINE, "Seite 3", 3),
        LeftOut(LeftOutReason.PAGE_NUMBER),
    ]
    c.put(FIRST.document, FIRST.passages, 3, b"bytes of the first", left_out, Sender("key", None))
    for one in (SECOND, LARGE):
        c.put(one.document, one.passages, 3)
    recognised = [RecognisedPage(1, 0.875, 100, 7)]
    copy = replace(COPY.document, published=date(2020, 1, 2), url="https://x.example/?a=1")
    with c.putting(NewVersion(copy, COPY.passages, 3, b"pdf", recognised=recognised)) as put:
        put()
    log("taken", lambda: c.put(replace(FIRST.document, file="other"), FIRST.passages, 3))
    log("waiting", c.waiting)
    log("owners", c.waiting_owners)
    queue = c.waiting_documents("", 10)
    log("queue", lambda: len(queue))
    model = c.register_model("words", "1", "0" * 64)
    log("again", lambda: c.register_model("words", "1", "0" * 64) == model)
    c.adopt_model(model)
    passages = c.passages_after(queue[0].key, 0, 3)
    log("texts", lambda: len(c.texts_in(passages)))
    log("without", lambda: len(c.without_vectors(model, c.texts_in(passages))))
    log("missing", lambda: c.missing(model).number)
    log("nothing is whole", c.publish)
    log("encoded", lambda: encode(c, model, b"\x00\x01"))
    log("published", lambda: c.publish([queue[0].key, 10**6]))
    log("the rest", c.publish)
    log("newest", lambda: c.newest_version("press", FIRST.document.file))
    log("id", lambda: c.id_of("press", FIRST.document.file) == FIRST.document.id)
    log("meant", lambda: c.meant(FIRST.document.id[:18]))
    log("place", lambda: (c.place_of(FIRST.document.id), c.place_of("d-none")))
    log("collection", lambda: c.collection_of(SECOND.document.id))
    again = made(FIRST.document.file, "press", "fr", 14)
    c.put(again.document, again.passages, 4)
    encode(c, model)
    log("replaced", c.publish)
    first = FIRST.document.id
    log("wrong tag", lambda: c.correct(first, {Fact.TITLE: "x"}, "no such tag"))
    log("corrected", lambda: c.correct(first, {Fact.TITLE: "Straße % ? {x}", Fact.LANGUAGE: "lb"}))
    log("none", lambda: c.correct("d-none", {Fact.TITLE: "x"}))
    log("moved", lambda: c.move(SECOND.document.id, "laws", {Fact.PUBLISHER: "Benelux"}))
    log("large", lambda: c.move(LARGE.document.id, "press"))
    log("where it was", lambda: c.moved_version("press", SECOND.document.file, "/"))
    log("files", lambda: sorted(c.files("press", "/")))
    c.note_root(first, "/elsewhere")
    c.note_folder("laws", "/", "/there")
    c.tidy()


def looked_up(log: Log, c: Catalogue, model: StoredModel | None) -> None:
    assert model is not None
    ids = sorted(one.document.id for one in (FIRST, SECOND, LARGE, COPY))
    with c.view() as whole:
        for name, view in {
            "all": whole,
            "press": whole.within(frozenset({"press", "o'neill {}?"})),
            "none": whole.within(frozenset()),
            "without": whole.without(list(whole.documents_by_key())[:2]),
        }.items():
            seen(log, name, view, model, ids)
        for wanted in (
            DocumentFilter(),
            DocumentFilter(languages=frozenset({"nl", "lb"}), collections=frozenset({"press"})),
            DocumentFilter(published_from=date(2016, 1, 1), published_to=date(2020, 1, 2)),
            DocumentFilter(file=COPY.document.file),
            DocumentFilter(text="STRASSE"),
            DocumentFilter(text="% ? {X}"),
        ):
            log(f"listed {wanted}", lambda wanted=wanted: whole.list_documents(wanted, 0, -1))  # type: ignore[misc]
        log("a page", lambda: whole.list_documents(DocumentFilter(), 1, 2))
        found = whole.original(COPY.document.id)
        log("bytes", lambda: found and (found.size, found.read(), found.is_read))


def seen(log: Log, name: str, view: View, model: StoredModel, ids: list[str]) -> None:
    keys = sorted(view.documents_by_key())
    passages = [each.id for document in ids for each in view.passages_of(document)][:50]
    for what, call in {
        "facts": view.documents_by_key,
        "waiting": view.waiting,
        "meant": lambda: view.meant(ids[0][:18]),
        "copies": lambda: view.copies(ids),
        "translations": lambda: view.translations(ids),
        "documents": lambda: [view.document(each) for each in ids],
        "left out": lambda: [view.left_out(each) for each in ids],
        "origins": lambda: [sorted(view.origins(each).items()) for each in ids],
        "recognised": lambda: [view.recognised(each) for each in ids],
        "summaries": lambda: view.summaries(keys),
        "summary": lambda: [view.summary(each) for each in ids],
        "languages": view.languages,
        "by language": lambda: view.count_documents("language"),
        "by year": lambda: view.count_documents("year"),
        "collections": view.collections,
        "overviews": view.collection_overviews,
        "original": lambda: [view.has_original(each) for each in ids],
        "passages": lambda: view.passages(passages),
        "first": lambda: len(view.first_passages(keys)),
        "passage vectors": lambda: len(view.passage_vectors(model, keys)),
        "sentence vectors": lambda: len(view.sentence_vectors(model, keys)),
        "codes": lambda: list(view.token_codes(model, passages).values()),
        "model": view.active_model,
        "change": view.model_change,
        "successor": lambda: view.successor("none"),
    }.items():
        log(f"{name}, {what}", call)


def jobs(log: Log, c: Catalogue) -> None:
    account = Account("key", Quota(documents=5, bytes=10_000, jobs=2))
    offered = [
        Offered("one.txt", b"one"),
        Offered("two.txt", NoText("It has no text.")),
        Offered("three.txt", b"three, which is longer"),
    ]
    job = c.jobs.accept(Kind.UPLOAD, "press", offered, account=account)
    log("nothing", lambda: c.jobs.accept(Kind.UPLOAD, "press", []))
    log("refused", lambda: c.jobs.accept(Kind.UPLOAD, "press", offered[1:2]))
    over = [Offered(f"{number}.txt", b"x") for number in range(9)]
    log("quota", lambda: c.jobs.accept(Kind.UPLOAD, "press", over, account=account))
    log("job", lambda: c.jobs.get(job.id))
    log("not theirs", lambda: c.jobs.get(job.id, frozenset({"notes"})))
    log("newest", lambda: c.jobs.newest(5, frozenset({"press", "notes"})))
    log("to do", c.jobs.to_do)
    log(
        "number", lambda: (c.jobs.count_to_do(), c.jobs.count_to_do("key"), c.jobs.count_to_do("x"))
    )
    log("usage", lambda: (c.jobs.usage("key"), c.jobs.usage("nobody")))
    log("owners", c.jobs.owners)
    log("next", lambda: c.jobs.next_file(job)._replace(job=0))  # type: ignore[union-attr]
    file = c.jobs.first_of("key", Weights(0, 10**9))
    assert file is not None
    log("first", lambda: file._replace(job=0))
    log("others", lambda: c.jobs.first_of("key", Weights(0, 10**9), [job.number]))
    c.jobs.begin(file)
    log("suspects", c.jobs.has_suspects)
    log("ended", c.jobs.note_ends)
    log("suspects", c.jobs.has_suspects)
    c.jobs.leave(file)
    log("pending", lambda: c.jobs.is_pending(file.job, file.position))
    c.jobs.settle(file.job, file.position, Outcome.ADDED, "why")
    c.jobs.note_failure(job.number, "It failed.")
    c.jobs.note_failed_encoding("key", "It failed again.")
    c.jobs.note_texts(job.number, found=5, done=2)
    c.jobs.note_texts(job.number, done=9)
    log("progress", lambda: c.jobs.progress(job.id)[1:])  # type: ignore[index]
    log("awaited", lambda: c.collection_of(c.id_of("press", "three.txt")))
    log("cancelled", lambda: c.remove(c.id_of("press", "three.txt")))
    log("files", lambda: (c.jobs.files(job), c.jobs.files(c.jobs.get(job.id) or job, 1)))
    log("completed", c.jobs.completed)
    c.jobs.note(job, State.DONE)
    log("done", lambda: c.jobs.get(job.id))


def web(log: Log, c: Catalogue) -> None:
    key = SourceKey("sitemap", "https://x.example/map", "press")
    visit = c.web.begin(key, 100)
    c.web.put_off(visit, 500, "later")
    page = PageState("https://x.example/?a=1", visit.number, "tag", "day")
    c.web.note_page(visit, page, [COPY.document.id, "d-x"], ["https://x.example/de", "https://o"])
    c.web.note_page(visit, page._replace(reason="no"), [COPY.document.id], ["https://x.example/de"])
    other = page._replace(url="https://x.example/de")
    c.web.note_page(visit, other, [SECOND.document.id], [page.url])
    c.web.note_page(visit, other._replace(url="https://gone"), [], None)
    with c.view() as view:
        log("translations", lambda: view.translations([COPY.document.id, SECOND.document.id]))
    log("page", lambda: c.web.page(visit, page.url))
    log("refused", lambda: (c.web.refused(key), c.web.refused(key, 0)))
    log("documents", lambda: c.web.documents(visit, page.url))
    log("whole", lambda: (c.web.is_whole(visit, page.url, 3), c.web.is_whole(visit, "x", 3)))
    c.web.end(visit, 200, "")
    log("states", c.web.states)
    visit = c.web.begin(key, 300)
    c.web.touch(visit, page.url)
    log("not seen", lambda: c.web.not_seen(visit))
    log("forgotten", lambda: c.web.forget(visit, "https://gone"))
    log("address", lambda: (c.web.address_of(COPY.document.id), c.web.address_of("d-x")))
    for url in ("https://x.example/?a=1", "https://another"):
        log("taken", lambda url=url: c.web.is_taken(COPY.document.file, "notes", url))  # type: ignore[misc]


def models(log: Log, c: Catalogue) -> None:
    former = c.active_model()
    assert former is not None
    other = c.register_model("other", "2", "1" * 64)
    c.begin_model_change("former", other, "by this")
    log("again", lambda: c.begin_model_change("former", former, "x"))
    log("change", c.model_change)
    log("not whole", lambda: c.switch_model(other))
    log("encoded", lambda: encode(c, other))
    c.note_encoded(other, c.newest_text())
    log("switched", lambda: c.switch_model(other))
    figures = ModelFigures("q.jsonl", date(2026, 1, 1), 9, 8, 7, 1, 3, 2)
    c.note_figures({former: figures, other: figures})
    c.note_figures({former: figures._replace(first=5)})
    with c.view() as view, c.view(former) as before:
        log("change", view.model_change)
        log("both", lambda: (view.active_model(), before.active_model()))
        log("successor", lambda: view.successor("former"))
    log("ended", lambda: c.end_model_change(former, is_taken=True))
    c.forget_replaced()
    log("replaced", lambda: c.put_vectors(former, [EncodedText(1, b"x")]))
    log("missing", lambda: c.missing(c.register_model("words", "1", "0" * 64)).number > 50)
    log("activated", lambda: c.activate_model(other))
    c.forget_sources()


def taken_out(log: Log, c: Catalogue) -> None:
    log("removed", lambda: (c.remove(FIRST.document.id), c.remove(FIRST.document.id)))
    log("erased", lambda: c.erase(COPY.document.id))
    log("some", lambda: c.remove_some([SECOND.document.id, LARGE.document.id, "d-none"]))
    log("files", lambda: [c.jobs.files(job) for job in c.jobs.newest(5)])
    log("kept", lambda: c.blobs.keep("press", b"bytes"))
    log("content", lambda: c.blobs.content("press", c.blobs.keep("press", b"bytes")))
    log("gone", lambda: c.blobs.content("notes", "0" * 64))
    c.tidy()


@pytest.fixture(scope="module", autouse=True)
def small_steps() -> Iterator[None]:
    """Have a document of 20 passages be written, moved and deleted in steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "ROWS_PER_STEP", 25)
        yield


@pytest.fixture(scope="module")
def sqlite_life(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return life(SqliteStore(tmp_path_factory.mktemp("sqlite")))


def test_every_call_comes_to_the_same(
    sqlite_life: list[str], postgres_server: Path, tmp_path: Path
) -> None:
    store = PostgresStore(new_database(postgres_server), tmp_path, lambda _: None)
    try:
        assert not store.exists()
        with pytest.raises(CatalogueError, match="no collection in the database"):
            store.existing()
        mine = life(store)
        assert store.exists()
    finally:
        store.close()
    assert mine == sqlite_life


def test_nothing_was_refused_that_should_not_be(sqlite_life: Iterable[str]) -> None:
    refused = [line for line in sqlite_life if re.search(r": '\w+(Error|Refused|Taken)'$", line)]
    assert len(refused) < 12, refused
