from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.errors import JobsReached, QuotaReached
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Job, Kind, Offered, State
from corpus.store.quotas import UNLIMITED, Account, Quota, Usage
from corpus.types import document_id
from corpus.uploads import take_in_next
from index.writer import encode_waiting
from tests.encoders import WordEncoder

NOTE = b"Les deux polices patrouillent ensemble le long de la Moselle."


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "data") as opened:
        yield opened


def send(catalogue: Catalogue, owner: str, *names: str, quota: Quota = UNLIMITED) -> Job:
    files = [Offered(name, NOTE + name.encode()) for name in names]
    return catalogue.jobs.accept(Kind.UPLOAD, "press", files, account=Account(owner, quota))


def take_in(catalogue: Catalogue, job: Job) -> None:
    while take_in_next(catalogue, job):
        pass
    encode_waiting(catalogue, WordEncoder(dimension=4))
    catalogue.jobs.note(job, State.DONE)


SIZE = len(NOTE + b"a.txt")


def test_usage_is_what_a_key_has_once_all_is_taken_in(catalogue: Catalogue, tmp_path: Path) -> None:
    assert catalogue.jobs.usage("a") == Usage(0, 0, 0)
    job = send(catalogue, "a", "a.txt", "b.txt")
    assert catalogue.jobs.usage("a") == Usage(2, 2 * SIZE, 1)
    take_in(catalogue, job)
    assert catalogue.jobs.usage("a") == Usage(2, 2 * SIZE, 0)
    assert catalogue.jobs.usage("b") == Usage(0, 0, 0)
    (tmp_path / "c.txt").write_bytes(NOTE)
    list(ingest(catalogue, find_sources([tmp_path / "c.txt"]), "press"))
    assert catalogue.jobs.usage("a") == Usage(2, 2 * SIZE, 0)
    assert catalogue.remove(document_id("press", "a.txt"))
    assert catalogue.jobs.usage("a") == Usage(1, SIZE, 0)


def test_a_document_counts_once_while_its_new_state_waits(catalogue: Catalogue) -> None:
    take_in(catalogue, send(catalogue, "a", "a.txt"))
    send(catalogue, "a", "a.txt")
    assert catalogue.jobs.usage("a") == Usage(1, SIZE, 1)


def test_a_document_counts_for_who_sent_it_last(catalogue: Catalogue) -> None:
    take_in(catalogue, send(catalogue, "a", "a.txt"))
    other = Offered("a.txt", NOTE * 2)
    job = catalogue.jobs.accept(Kind.UPLOAD, "press", [other], account=Account("b"))
    take_in(catalogue, job)
    assert catalogue.jobs.usage("a") == Usage(0, 0, 0)
    assert catalogue.jobs.usage("b") == Usage(1, 2 * len(NOTE), 0)


@pytest.mark.parametrize(
    ("quota", "fact"),
    [
        (Quota(documents=2), "2 documents; with this it would have 3"),
        (Quota(bytes=2 * SIZE), "MiB; with this it would have"),
    ],
)
def test_what_is_over_the_quota_is_refused_and_leaves_nothing(
    catalogue: Catalogue, quota: Quota, fact: str
) -> None:
    take_in(catalogue, send(catalogue, "a", "a.txt", "b.txt", quota=quota))
    with pytest.raises(QuotaReached, match=fact) as refused:
        send(catalogue, "a", "c.txt", quota=quota)
    assert "Delete some of its documents, or ask the operator" in str(refused.value)
    assert len(catalogue.jobs.newest(10)) == 1
    send(catalogue, "b", "c.txt", quota=quota)
    send(catalogue, "a", "a.txt", quota=quota)  # it has that already
    assert len(catalogue.jobs.newest(10)) == 3


def test_so_many_jobs_of_one_key_are_to_do_at_once(catalogue: Catalogue) -> None:
    first = send(catalogue, "a", "a.txt", quota=Quota(jobs=1))
    with pytest.raises(JobsReached, match=r"1 unfinished jobs\. Wait"):
        send(catalogue, "a", "b.txt", quota=Quota(jobs=1))
    take_in(catalogue, first)
    send(catalogue, "a", "b.txt", quota=Quota(jobs=1))
