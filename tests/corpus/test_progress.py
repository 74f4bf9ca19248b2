"""What is noted of how far something is reaches whoever asked, and no one else."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from corpus import progress
from corpus.progress import Progress
from corpus.readers.formats.pdf import read_pdf
from corpus.sandbox import protocol
from tests.documents import pdf


def test_each_page_of_a_pdf_is_noted() -> None:
    heard: list[Progress] = []
    with progress.told(heard.append):
        read_pdf(pdf([["The bridge is open."], ["The road is closed."]]))
    assert heard == [(1, 2), (2, 2)]


def test_what_comes_after_is_not_told_and_nothing_is_needed_to_note() -> None:
    heard: list[Progress] = []
    with progress.told(heard.append):
        progress.note(1, 3)
    progress.note(2, 3)
    assert heard == [(1, 3)]


def test_what_another_thread_notes_is_not_told() -> None:
    heard: list[Progress] = []
    with progress.told(heard.append):
        other = threading.Thread(target=progress.note, args=(1, 3))
        other.start()
        other.join()
    assert heard == []


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_a_note_comes_through_as_it_was_sent_if_it_makes_sense(done: int, total: int) -> None:
    sent = protocol.noted(Progress(done, total))
    assert protocol.progress_in(sent) == (Progress(done, total) if done <= total else None)


@given(st.binary(max_size=80) | st.sampled_from([
    b'{"progress":[-1,2]}', b'{"progress":[1,4294967296]}', b'{"progress":[true,2]}',
    b'{"progress":[1.5,2]}', b'{"progress":[1]}', b'{"progress":["1","2"]}', b"[" * 64,
    b'{"progress":[1,2]}' + b" " * 64,
]))  # fmt: skip
def test_nothing_else_is_taken_for_a_note(said: bytes) -> None:
    assert protocol.progress_in(said) is None
