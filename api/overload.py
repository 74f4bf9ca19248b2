"""Errors of what is too much now, and can be tried again later."""

from __future__ import annotations

from typing import ClassVar

from corpus.errors import PasserelleError


class ComeBack(PasserelleError):
    """It is for later."""

    retry_after_seconds: int


class TooManyRequests(ComeBack):
    """More came from one key or address than is taken."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("That is more than the limit for one minute. Try again a little later.")
        self.retry_after_seconds = retry_after_seconds


class Busy(ComeBack):
    """There is too much to do to take this on now."""

    def __init__(self, retry_after_seconds: int = 2) -> None:
        super().__init__("The server is busy. Try again a little later.")
        self.retry_after_seconds = retry_after_seconds


class TooManyErasures(ComeBack):
    """A document is being erased, or was a moment ago."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            "Another document is being erased, or was a moment ago. Nothing was removed. Try again "
            f"in {retry_after_seconds} s."
        )
        self.retry_after_seconds = retry_after_seconds


class OverShare(ComeBack):
    """One key or address has as many of something at once as it may."""

    retry_after_seconds = 10
    words: ClassVar[str]

    def __init__(self, most: int) -> None:
        super().__init__(f"One key, or one address without a key, may {self.words.format(most)}")


class TooManyQuestions(OverShare):
    """One key or address asks as many questions as it may."""

    retry_after_seconds = 1
    words = "ask {} questions at once. Wait for an answer before the next one."


class TooManyStreams(OverShare):
    """One key or address follows as many jobs as it may."""

    words = "have {} event streams open at once. Close one, or ask for the job itself now and then."


class TooManyDownloads(OverShare):
    """One key or address is sent as many files as it may be."""

    words = "download {} files at once. Wait until one is complete."
