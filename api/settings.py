"""What an operator can set; the only reader of the environment.

Every setting is an environment variable with the prefix ``PASSERELLE_``; the command line's
options take precedence.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Literal, Self

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from corpus.ingest import MAX_FILE_BYTES
from index.encoder import DEFAULT_MODEL, Backend, Encoder, Precision, load_encoder


class Settings(BaseSettings):
    """Where things are and how the service runs."""

    model_config = SettingsConfigDict(
        env_prefix="PASSERELLE_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    data: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("passerelle", appauthor=False),
        description="Folder that holds the catalogue.",
    )
    cache: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("passerelle", appauthor=False),
        description="Folder for the unpacked model; may be deleted.",
    )
    model: str = Field(
        default=DEFAULT_MODEL,
        description="Name or folder of a sentence-transformers model. `bundled` and "
        "`bundled:plain`, the same before its languages were aligned, need no network.",
    )
    backend: Backend = Field(
        default=Backend.OPENVINO,
        description="What runs the model: `openvino`, compiled for this CPU, or "
        "`sentence-transformers`, the reference, several times slower.",
    )
    precision: Precision | None = Field(
        default=None,
        description="How the compiled model calculates: `f32`, `bf16` or `int8`. By itself what is "
        "quickest on the CPU.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on.")
    max_file_mb: float = Field(
        default=MAX_FILE_BYTES / 2**20,
        gt=0,
        allow_inf_nan=False,
        description="Largest file to ingest, in MiB.",
    )
    feedback: bool = Field(
        default=True,
        description="Whether readers can say that a passage helped, which is kept with the "
        "question and nothing about the reader.",
    )
    max_upload_mb: float = Field(
        default=256,
        gt=0,
        allow_inf_nan=False,
        description="Largest upload, all of its files together and unpacked, in MiB.",
    )
    public_read: bool = Field(
        default=False,
        description="Whether everybody who reaches the port may read; to write takes a key.",
    )
    hosts: str = Field(
        default="",
        description="Names by which the server is known besides this machine's own, with spaces "
        "between; `*.example.org` stands for all below it.",
    )
    cors_origins: str = Field(
        default="",
        description="Origins whose pages may use the API from a browser, with spaces between.",
    )
    requests_per_minute: int = Field(
        default=600,
        ge=1,
        description="Requests that are taken of one key, or one address without a key, in a "
        "minute. Programs on this machine are not counted while no key was made.",
    )
    log_questions: bool = Field(default=False, description="Whether the log holds what was asked.")
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")
    log_format: Literal["text", "json"] = Field(
        default="text", description="What a line of the server's log is."
    )

    def changed(self, **changes: object) -> Self:
        """Return these settings with some of them set otherwise; None changes nothing.

        Raises:
            pydantic.ValidationError: a setting cannot have that value.
        """
        given = {name: value for name, value in changes.items() if value is not None}
        return type(self).model_validate({**self.model_dump(), **given})

    def load_encoder(self) -> Encoder:
        """Load the model.

        Raises:
            ModelError: it cannot be loaded.
        """
        return load_encoder(self.model, self.cache, self.backend, self.precision)

    @property
    def max_file_bytes(self) -> int:
        """Largest file to ingest, in bytes."""
        return int(self.max_file_mb * 2**20)

    @property
    def max_upload_bytes(self) -> int:
        """Largest upload, in bytes."""
        return int(self.max_upload_mb * 2**20)


def is_loopback(host: str) -> bool:
    """Tell whether an address or name can only be this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
