"""Which file is read next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.jobs.queue import FileQueue, Lane
from corpus import sandbox
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Job, Kind, Offered, Pending
from corpus.store.quotas import Account
from corpus.types import Outcome

LARGE = sandbox.SMALL_BYTES + 1


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "data") as opened:
        yield opened


def accept(catalogue: Catalogue, owner: str, *sizes: int, name: str = "") -> Job:
    """Accept files of such sizes; their names are the owner's and their places'."""
    files = [
        Offered(name or f"{owner}-{place}-{size}.txt", b"x" * size)
        for place, size in enumerate(sizes)
    ]
    return catalogue.jobs.accept(Kind.UPLOAD, "press", files, account=Account(owner))


def drained(catalogue: Catalogue, queue: FileQueue, lane: Lane = Lane.SMALL) -> list[str]:
    """Take all files of a lane in; return their names in the order in which they came."""
    names: list[str] = []
    while True:
        with queue.next(catalogue, lane, ()) as file:
            if file is None:
                return names
            names.append(file.file)
            catalogue.jobs.settle(file.job, file.position, Outcome.ADDED)


def test_keys_take_turns_by_what_was_read_for_them(catalogue: Catalogue) -> None:
    accept(catalogue, "a", 100, 100, 100)
    accept(catalogue, "b", 60, 60, 60, 60)
    assert [name[0] for name in drained(catalogue, FileQueue())] == list("abbabba")


def test_the_smallest_file_of_a_key_comes_first_whatever_job_it_is_of(
    catalogue: Catalogue,
) -> None:
    accept(catalogue, "a", 30, 10)
    accept(catalogue, "a", 20)
    assert drained(catalogue, FileQueue()) == ["a-1-10.txt", "a-0-20.txt", "a-0-30.txt"]


def test_a_key_that_sends_one_file_waits_for_one_of_each_other_key(catalogue: Catalogue) -> None:
    for owner in "abc":
        accept(catalogue, owner, *[50] * 20)
    queue = FileQueue()
    with queue.next(catalogue, Lane.SMALL, ()) as first:
        assert first
        catalogue.jobs.settle(first.job, first.position, Outcome.ADDED)
    accept(catalogue, "late", 50)
    assert "late-0-50.txt" in drained(catalogue, queue)[:3]


def test_small_files_wait_for_no_large_one(catalogue: Catalogue) -> None:
    accept(catalogue, "a", LARGE)
    accept(catalogue, "a", 10)
    accept(catalogue, "b", 10)
    queue = FileQueue()
    with queue.next(catalogue, Lane.LARGE, ()) as large:
        assert large
        assert large.bytes == LARGE
        assert sorted(drained(catalogue, queue)) == ["a-0-10.txt", "b-0-10.txt"]


def test_a_newer_state_of_a_document_waits_for_the_older_one_whoever_sent_it(
    catalogue: Catalogue,
) -> None:
    accept(catalogue, "a", LARGE, name="same.txt")
    accept(catalogue, "b", 10, name="same.txt")
    accept(catalogue, "b", 20)
    queue = FileQueue()
    assert drained(catalogue, queue) == ["b-0-20.txt"]
    assert drained(catalogue, queue, Lane.LARGE) == ["same.txt", "same.txt"]


def test_who_waits_for_anothers_file_has_it_read_and_the_other_charged(
    catalogue: Catalogue,
) -> None:
    accept(catalogue, "a", 10, 11)
    accept(catalogue, "a", 500, name="same.txt")
    accept(catalogue, "b", 500, name="same.txt")
    accept(catalogue, "b", 600)
    assert drained(catalogue, FileQueue()) == [
        "a-0-10.txt", "same.txt", "same.txt", "b-0-600.txt", "a-1-11.txt"
    ]  # fmt: skip


def test_what_may_have_ended_the_process_is_read_alone(catalogue: Catalogue) -> None:
    accept(catalogue, "a", 10, LARGE)
    queue = FileQueue()
    with ExitStack() as in_hand:
        for lane in Lane:
            file = in_hand.enter_context(queue.next(catalogue, lane, ()))
            assert file
            catalogue.jobs.begin(file)
    assert catalogue.jobs.note_ends() == []
    assert catalogue.jobs.has_suspects()
    with queue.next(catalogue, Lane.SMALL, ()) as small:
        assert small
        with queue.next(catalogue, Lane.LARGE, ()) as large:
            assert large is None
        catalogue.jobs.settle(small.job, small.position, Outcome.ADDED)
    with queue.next(catalogue, Lane.LARGE, ()) as large:
        assert large


def test_a_job_that_rests_keeps_no_other_from_its_turn(catalogue: Catalogue) -> None:
    failing = accept(catalogue, "a", 10, name="same.txt")
    accept(catalogue, "b", 10, name="same.txt")
    accept(catalogue, "a", 30)
    queue = FileQueue()
    with queue.next(catalogue, Lane.SMALL, {failing.number}) as file:
        assert file
        assert file.file == "a-0-30.txt"


SIZES = st.sampled_from([1, 2, 3, LARGE, LARGE + 1])
FILES = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), SIZES), min_size=1, max_size=12
)


@given(FILES, st.lists(st.tuples(st.sampled_from(Lane), st.booleans()), max_size=40))
def test_every_file_comes_once_and_those_of_a_document_in_their_order(
    files: list[tuple[str, str, int]], steps: list[tuple[Lane, bool]]
) -> None:
    with TemporaryDirectory() as folder, Catalogue(Path(folder) / "data") as catalogue:
        for owner, document, size in files:
            accept(catalogue, owner, size, name=f"{document}.txt")
        queue, came = FileQueue(), list[Pending]()
        in_hand: dict[Lane, tuple[ExitStack, Pending]] = {}

        def end(lane: Lane) -> None:
            if lane in in_hand:
                stack, file = in_hand.pop(lane)
                catalogue.jobs.settle(file.job, file.position, Outcome.ADDED)
                stack.close()

        def begin(lane: Lane) -> None:
            stack = ExitStack()
            file = stack.enter_context(queue.next(catalogue, lane, ()))
            if file is None:
                return
            assert all(file.document != other.document for _, other in in_hand.values())
            came.append(file)
            in_hand[lane] = (stack, file)

        for lane, begins in steps:
            end(lane)
            if begins:
                begin(lane)
        for lane in Lane:
            end(lane)
        while len(came) < len(files):
            before = len(came)
            for lane in Lane:
                begin(lane)
            assert len(came) > before, "nothing may be begun, though something waits"
            for lane in Lane:
                end(lane)
        assert {(file.job, file.position) for file in came} == {
            (number, 0) for number in range(1, len(files) + 1)
        }
        by_document = defaultdict(list)
        for file in came:
            by_document[file.document].append(file.job)
        assert all(jobs == sorted(jobs) for jobs in by_document.values())
