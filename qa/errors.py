"""What can be wrong with a question; part of the tree in corpus.errors."""

from __future__ import annotations

from corpus.errors import PasserelleError


class QuestionError(PasserelleError):
    """The question cannot be asked as it is."""


class QuestionFileError(PasserelleError):
    """A question file cannot be read as one."""


class RunFileError(PasserelleError):
    """A file cannot be read or written as an evaluation's run."""


class WritingError(PasserelleError):
    """Nothing can be written, or it cannot be checked."""
