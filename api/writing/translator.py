"""Has a passage translated, by a translation service or else by the language model."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from typing import Final, Protocol

from pydantic import SecretStr

from api.settings import Settings
from api.writing import prompt
from api.writing.bounded_request import NotWritten
from api.writing.budget import Budget
from api.writing.consent import Consent
from api.writing.libretranslate import LibreTranslate
from api.writing.model_server import ModelServer
from corpus.types import UNKNOWN_LANGUAGE
from qa.types import CitedPassage
from qa.writing.types import Problem

MAX_CHARACTERS: Final = prompt.MAX_PASSAGE_CHARACTERS
"""Of a passage that is sent: more than nearly every passage has. A longer one is not offered, since
part of it would be missing from the translation."""

MAX_TIMES_LONGER: Final = 3
"""Than the passage; between European languages it is 1.5 at most. What is longer is none."""

SPARE_TOKENS: Final = 100
"""Beside one for each character of the passage, which suffices for a translation half as long again
in a language of which the model writes 1.5 characters a token; of German or French it is 3 to 4."""

AT_ONCE: Final = 4
"""Translations that are waited for at once: each holds a thread meanwhile, of the 40 there are."""

MAX_KEPT: Final = 500
"""Translations that are kept in memory, some 2 MB."""


log = logging.getLogger(__name__)


class Machine(Protocol):
    """What translates."""

    @property
    def host(self) -> str:
        """The server's name, to be shown to readers."""
        ...

    def lacks(self, source: str, target: str) -> bool:
        """Tell whether it is known not to have these languages."""
        ...

    def translated(self, text: str, source: str, target: str) -> str:
        """Return a text in the language ``target``; raise NotWritten if there is none."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class TranslatingModel:
    """A language model that is asked to translate."""

    def __init__(self, server: ModelServer) -> None:
        self._server = server
        self.close = server.close

    @property
    def host(self) -> str:
        """The server's name, to be shown to readers."""
        return self._server.host

    def lacks(self, source: str, target: str) -> bool:  # noqa: ARG002
        """Tell that it is asked for any pair of languages."""
        return False

    def translated(self, text: str, source: str, target: str) -> str:
        """Return what the model says.

        Raises:
            NotWritten: it said nothing usable, or not all of it, or not in time.
        """
        max_tokens = len(text) + SPARE_TOKENS
        return self._server.whole(prompt.translation(text, source, target), max_tokens)


class Translator:
    """Translates passages that may leave. Safe to use from several threads."""

    def __init__(self, machine: Machine, consent: Consent, budget: Budget) -> None:
        self._machine = machine
        self._consent = consent
        self._budget = budget
        self._places = BoundedSemaphore(AT_ONCE)
        self._kept: OrderedDict[tuple[str, str, str], str] = OrderedDict()
        self._lock = Lock()

    @property
    def host(self) -> str:
        """Where passages are sent."""
        return self._machine.host

    def close(self) -> None:
        """Close the connections."""
        self._machine.close()

    def offers(self, passage: CitedPassage, target: str) -> bool:
        """Tell whether a passage may and can be sent, to be translated into ``target``."""
        return (
            passage.language not in (target, UNKNOWN_LANGUAGE)
            and not self._machine.lacks(passage.language, target)
            and len(passage.text) <= MAX_CHARACTERS
            and bool(self._consent.given([passage]))
        )

    def translate(self, passage: CitedPassage, target: str) -> str | Problem:
        """Return a passage in another language, or why there is no translation.

        What was translated before is not sent again. The text is a machine's: it is no markup.
        """
        if not self.offers(passage, target):
            return Problem.CONSENT
        key = (passage.text, passage.language, target)
        if (kept := self._known(key)) is not None:
            return kept
        if not self._places.acquire(blocking=False):
            return Problem.BUSY
        try:
            if not self._budget.take():
                return Problem.BUDGET
            made = _usable(self._machine.translated(*key), passage.text)
        except NotWritten as error:
            if error.status is None:  # another than 200 is in the log already
                log.warning("no translation %s-%s came from %s: %s", *key[1:], self.host, error)
            return error.problem
        finally:
            self._places.release()
        self._keep(key, made)
        return made

    def _known(self, key: tuple[str, str, str]) -> str | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: tuple[str, str, str], made: str) -> None:
        with self._lock:
            self._kept[key] = made
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)


def _usable(made: str, text: str) -> str:
    """Return a translation without what cannot be seen and changes what can.

    Raises:
        NotWritten: nothing is left of it, it is the passage itself, or it is too long to be one.
    """
    shown = _visible(made)
    if not shown or shown == _visible(text):
        raise NotWritten(Problem.NOTHING)
    if len(shown) > MAX_TIMES_LONGER * len(text) + 100:
        raise NotWritten(Problem.UNUSABLE)
    return shown


def _visible(text: str) -> str:
    lines = ("".join(filter(str.isprintable, line)).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


@contextmanager
def open_translator(settings: Settings) -> Iterator[Translator]:
    """Open what translates by ``settings``; nothing is called before somebody wants a passage."""
    if settings.translate_url:
        machine: Machine = LibreTranslate(
            settings.translate_url, _plain(settings.translate_key), settings.translate_seconds
        )
        per_day = settings.translate_requests_per_day
    else:
        machine = TranslatingModel(
            ModelServer(
                settings.llm_url,
                _plain(settings.llm_key),
                settings.llm_model,
                settings.llm_seconds,
            )
        )
        per_day = settings.llm_requests_per_day
    translator = Translator(machine, Consent.of(settings.send_collections), Budget(per_day))
    try:
        yield translator
    finally:
        translator.close()


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
