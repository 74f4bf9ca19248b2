"""Opens what writes, where the operator named a language model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from api.settings import Settings
from api.writing.budget import Budget
from api.writing.consent import Consent
from api.writing.model_server import ModelServer
from api.writing.writer import Writer
from index.encoders.protocol import Encoder
from qa.writing.checking import Checker


@contextmanager
def open_writer(settings: Settings, encoder: Encoder) -> Iterator[Writer]:
    """Open the writer of ``settings.llm_url``; nothing is called before something is written.

    Raises:
        WritingError: what it writes could not be checked with this model.
    """
    checker = Checker(encoder)
    server = ModelServer(
        settings.llm_url,
        settings.llm_key.get_secret_value() if settings.llm_key else "",
        settings.llm_model,
        settings.llm_seconds,
    )
    try:
        yield Writer(
            server,
            checker,
            Consent.of(settings.send_collections),
            Budget(settings.llm_requests_per_day),
        )
    finally:
        server.close()
