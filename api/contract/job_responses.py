"""The shapes of jobs: what was accepted, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.contract import examples
from corpus.progress import Progress
from corpus.store.jobs import Job, JobFile, Kind, State
from corpus.types import Outcome


class JobFileOut(BaseModel):
    """The outcome of one file; null while it waits."""

    file: str
    outcome: Outcome | None = Field(description="`removed`: deleted before it could be added.")
    document: str | None
    reason: str | None = Field(description="Why the file was refused.")
    refusal: str | None = Field(None, description="What it was refused as: `EncryptedFile`.")
    left_out: dict[str, int] = Field({}, description="What is not in the text: 2 of `picture`.")


class TextsOut(BaseModel):
    """Passages and sentences of the documents that were read so far, and how many are encoded."""

    done: int
    total: int


class ReadingOut(BaseModel):
    """A file that is read just now, and how much of it: pages, slides, sheets or chapters."""

    file: str
    done: int
    total: int


class JobOut(BaseModel):
    """An accepted job, and its progress."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.JOB]})

    id: str
    kind: Kind
    state: State = Field(
        description="`failed`: the last attempt failed, and another will follow. `done`: the "
        "documents can be found."
    )
    collection: str
    created: datetime
    finished: datetime | None
    problem: str | None = Field(description="Why the last attempt failed.")
    files: list[JobFileOut]
    counts: dict[Outcome, int] = Field(description="Number of files by outcome.")
    total: int = Field(description="Number of files in the job.")
    texts: TextsOut
    reading: list[ReadingOut] = Field(
        [], description="How far the files are that are read just now, where that takes long."
    )
    link: str = Field(description="Path of this job.")


class JobsOut(BaseModel):
    """The newest jobs, newest first, without their files."""

    jobs: list[JobOut]


def job(
    found: Job,
    files: Sequence[JobFile] = (),
    readings: Sequence[tuple[str, Progress]] = (),
    *,
    counts_texts: bool = True,
) -> JobOut:
    """Return a job with some of its files, and how far those are that are read, in its shape.

    Without ``counts_texts`` it does not say how many texts are encoded.
    """
    return JobOut(
        id=found.id,
        kind=found.kind,
        state=found.state,
        collection=found.collection,
        created=found.created,
        finished=found.finished,
        problem=found.problem,
        files=[JobFileOut(**file._asdict()) for file in files],
        counts={outcome: found.counts.get(outcome, 0) for outcome in Outcome},
        total=found.total,
        texts=TextsOut(
            done=found.texts_done if counts_texts else 0,
            total=found.texts_total if counts_texts else 0,
        ),
        reading=[ReadingOut(file=file, **so_far._asdict()) for file, so_far in readings],
        link=f"/v1/jobs/{found.id}",
    )
