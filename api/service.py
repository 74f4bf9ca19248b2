"""Puts the parts together: settings in, a service that answers out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from api.answering import Answering, load_answering
from api.asked.recorder import Recorder
from api.audit.log import AuditLog
from api.auth.keys import Keys
from api.auth.oidc.provider_file import read_provider
from api.evaluations.running import Evaluator
from api.jobs.following import Follower
from api.jobs.uploads import Uploads
from api.jobs.worker import Worker
from api.middleware.metrics import Metrics
from api.printed_pages import PrintedPages
from api.settings import Settings
from api.switching import Switcher
from corpus.store import leftovers, reserve, spool
from index.encoders.protocol import Encoder
from index.live import LiveIndex
from qa.answering import Answerer
from qa.errors import WritingError
from qa.evaluation.qrels import read_questions
from qa.reading.reader import Reader
from qa.search.searcher import Search

if TYPE_CHECKING:
    from api.auth.oidc.provider import Provider
    from api.writing.translator import Translator
    from api.writing.writer import Writer


@dataclass(frozen=True, slots=True)
class Service:
    """Everything a way in needs to answer questions."""

    settings: Settings
    encoder: Encoder
    live: LiveIndex
    search: Search
    reader: Reader | None
    """None where the model has none."""
    answerer: Answerer
    worker: Worker
    uploads: Uploads
    switcher: Switcher
    metrics: Metrics
    asked: Recorder
    """Of how many questions are asked."""
    evaluator: Evaluator
    keys: Keys
    provider: Provider | None
    """That people sign in with; None: with keys only."""
    audit: AuditLog
    printed: PrintedPages
    questions: Mapping[str, Sequence[str]]
    """First questions that the operator has written, by their language."""
    writer: Writer | None = None
    """None where the operator has named no language model."""
    translator: Translator | None = None
    """None where the operator has named nothing that translates."""
    opened_writer: Writer | None = None
    """The writer as it was opened, where another model has taken the place of the first one."""
    follower: Follower | None = None
    """None where no sites are followed."""

    def with_model(self, answering: Answering) -> Service:
        """Return this service with another model that answers. It writes nothing with one by which
        what is written cannot be checked."""
        opened = self.opened_writer or self.writer
        writer = opened.checking_with(answering.encoder) if opened else None
        return replace(self, **answering._asdict(), writer=writer, opened_writer=opened)


@contextmanager
def open_service(settings: Settings, *, follow: bool = False) -> Iterator[Service]:
    """Load the model and the collection, and what changes it.

    With ``follow``, an empty collection is made where there is none, changes to it are kept
    up with, and jobs are carried out.

    Raises:
        CatalogueError: there is no collection, or it cannot be read.
        ModelError: the model cannot be loaded, or is not the collection's.
        QuestionFileError: the operator's questions cannot be read.
        ProviderFileError: the operator's file of the provider cannot be used.
        WritingError: a language model is named, and what it writes cannot be checked.
    """
    questions = _questions(settings.questions)
    provider = _provider(settings)
    audit = AuditLog(settings.data, is_on=settings.audit)
    if follow:
        reserve.on_reserve(settings.data, lambda: settings.store.catalogue().close())
        reserve.on_reserve(settings.data, audit.mend)
        spool.sweep(settings.data)
        leftovers.sweep(settings.data)
        settings.store.mend()
        reserve.keep(settings.data)
    with ExitStack() as opened:
        worker, uploads, switcher = _changing(settings, audit)
        opened.callback(worker.close)
        opened.callback(switcher.close)
        follower = _follower(settings, worker) if follow else None
        if follow:
            switcher.answering.warm_up()
            switcher.live.follow()
            worker.start()
            switcher.start()
        if follower:
            opened.callback(follower.close)
            follower.start()
        names = partial(_collections, switcher)
        asked = Recorder(settings.data, settings.keep_questions, names, forgets=follow)
        opened.callback(asked.close)
        reads = settings.effort == "thorough"
        evaluator = Evaluator(settings.data, settings.questions, switcher.answering, reads=reads)
        opened.callback(evaluator.close)
        switcher.listen(evaluator.use)
        keys = Keys(settings.data)
        opened.callback(keys.close)
        printed = PrintedPages(settings.data)
        opened.callback(printed.close)
        if follow:
            keys.prepare()
        asked.start()
        has_writer = follow and settings.llm_url
        yield Service(
            settings,
            *switcher.answering,
            worker,
            uploads,
            switcher,
            Metrics(),
            asked,
            evaluator,
            keys,
            provider,
            audit,
            printed,
            questions,
            opened.enter_context(_writer(settings, switcher.answering.encoder))
            if has_writer
            else None,
            opened.enter_context(_translator(settings)) if follow else None,
            follower=follower,
        )


def _changing(settings: Settings, audit: AuditLog) -> tuple[Worker, Uploads, Switcher]:
    """Load what answers, and return what changes it.

    The switcher alone keeps it: a former model whose state of the collection somebody else still
    held would keep what is erased from being overwritten.
    """
    answering = load_answering(settings)
    worker = Worker(settings.store, answering.encoder, answering.live)
    uploads = Uploads(settings, worker, answering.live, audit)
    return worker, uploads, Switcher(settings, answering, worker, uploads)


def _writer(settings: Settings, encoder: Encoder) -> AbstractContextManager[Writer]:
    try:
        from api.writing.opening import open_writer
    except ImportError as error:
        raise WritingError(
            f"PASSERELLE_LLM_URL is set, and {error.name} is not installed, which checks what is "
            "written. Run pip install 'passerelle[writing]'."
        ) from error
    return open_writer(settings, encoder)


@contextmanager
def _translator(settings: Settings) -> Iterator[Translator | None]:
    if not (settings.translate_url or settings.llm_url):
        yield None
        return
    from api.writing.translator import open_translator

    with open_translator(settings) as translator:
        yield translator


def _follower(settings: Settings, worker: Worker) -> Follower | None:
    if settings.sources is None:
        return None
    return Follower(settings.store, settings.sources, settings.max_file_bytes, worker.wake)


def _provider(settings: Settings) -> Provider | None:
    if settings.oidc is None:
        return None
    from api.auth.oidc.provider import Provider

    return Provider(read_provider(settings.oidc))


def _questions(file: Path | None) -> dict[str, list[str]]:
    """Return the questions of a file that stand alone and have an answer, by their language."""
    by_language: dict[str, list[str]] = {}
    for question in read_questions(file) if file else ():
        if question.relevant and not question.conversation:
            by_language.setdefault(question.language, []).append(question.text)
    return by_language


def _collections(switcher: Switcher) -> frozenset[str]:
    return frozenset(each.collection for each in switcher.live.newest().view.collections())
