"""Metrics for Prometheus: numbers, and no text of a question or a document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from corpus.errors import CatalogueError
from corpus.store import reserve
from corpus.store.jobs import State
from corpus.store.store import Store
from index.live import LiveIndex
from index.snapshot import EVERYTHING
from qa.types import Abstention, Answer

if TYPE_CHECKING:
    from api.connections import ConnectionLimits
    from api.middleware.admission import (
        AdmissionControls,  # which brings FastAPI, and the command line does without
    )

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds: from a tenth of the fastest step to the deadline of a question."""


class Metrics:
    """Everything that is counted in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.requests = Counter(
            "passerelle_http_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "passerelle_http_request_seconds",
            "Seconds from the first byte of a request to the last byte of its answer.",
            ["route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.stage_seconds = Histogram(
            "passerelle_question_seconds",
            "Seconds spent on a question, by stage.",
            ["stage"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.questions = Counter(
            "passerelle_questions",
            "Questions by outcome (answered or abstained) and language.",
            ["outcome", "language"],
            registry=self.registry,
        )

    def note(self, outcome: Answer | Abstention) -> None:
        """Count a question that somebody asked."""
        name = "answered" if isinstance(outcome, Answer) else "abstained"
        self.questions.labels(name, outcome.question.language).inc()
        for stage in ("encode", "search", "rank", "read", "total"):
            milliseconds: float = getattr(outcome.timings, stage)
            self.stage_seconds.labels(stage).observe(milliseconds / 1000)

    def text(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self.registry)


class ServiceGauges(Collector):
    """What is so at the moment of asking: the snapshot, the queues, the jobs."""

    def __init__(
        self,
        store: Store,
        live: Callable[[], LiveIndex],
        gates: AdmissionControls,
        connections: ConnectionLimits,
    ) -> None:
        self._store = store
        self._live = live
        self._gates = gates
        self._connections = connections

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges."""
        yield from self._snapshot()
        yield from self._queues()
        yield from self._open()
        yield from self._jobs()

    def _snapshot(self) -> Iterator[Metric]:
        snapshot = self._live().newest()
        yield _gauge(
            "snapshot_generation",
            "Generation of the snapshot that answers come from.",
            snapshot.generation,
        )
        yield _gauge(
            "snapshot_stale",
            "1 if the snapshot may be out of date.",
            self._live().problem is not None,
        )
        yield _gauge(
            "documents", "Documents that can be found.", snapshot.extent(EVERYTHING).documents
        )
        passages = GaugeMetricFamily(
            "passerelle_passages", "Passages that can be found.", labels=["language"]
        )
        for language, level in sorted(snapshot.levels().items()):
            passages.add_metric([language], level.passages)
        yield passages

    def _queues(self) -> Iterator[Metric]:
        inside = GaugeMetricFamily("passerelle_inside", "Requests in progress.", labels=["gate"])
        waiting = GaugeMetricFamily("passerelle_waiting", "Requests waiting.", labels=["gate"])
        turned = GaugeMetricFamily(
            "passerelle_turned_away", "Requests turned away so far.", labels=["gate"]
        )
        for name in ("requests", "questions", "uploads", "followers", "downloads"):
            gate = getattr(self._gates, name)
            inside.add_metric([name], gate.inside)
            waiting.add_metric([name], gate.waiting)
            turned.add_metric([name], gate.turned_away)
        yield from (inside, waiting, turned)

    def _open(self) -> Iterator[Metric]:
        limits = self._connections
        yield _gauge("connections", "Connections that are open.", limits.open)
        yield _gauge("connections_unfinished", "Those without a request.", len(limits.unfinished))
        yield _gauge("connections_refused", "Connections over the limits, so far.", limits.refused)
        yield _gauge("connections_cut", "Clients that were too slow, so far.", limits.cut)

    def _jobs(self) -> Iterator[Metric]:
        try:
            with self._store.existing() as catalogue:
                states = [job.state for job in catalogue.jobs.to_do()]
                waiting = catalogue.waiting()
        except CatalogueError:
            return  # what can be told is told
        jobs = GaugeMetricFamily("passerelle_jobs", "Jobs that are not done.", labels=["state"])
        for state in State:
            if state != State.DONE:
                jobs.add_metric([state], states.count(state))
        yield jobs
        yield _gauge(
            "disk_full", "1 if the reserve is given up.", not reserve.is_kept(self._store.folder)
        )
        yield _gauge("documents_waiting", "Documents waiting for their vectors.", waiting)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"passerelle_{name}", what, value=float(value))
