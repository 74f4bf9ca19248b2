"""How the service runs, beside the model and the folders that ``index.settings`` names."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from corpus.disk import MAX_FILE_BYTES
from index.settings import ModelSettings
from qa.types import Effort

_ORIGIN: Final = re.compile(r"https?://(\*\.)?[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?(:\d{1,5})?")


class Settings(ModelSettings):
    """Where things are and how the service runs."""

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on.")
    max_file_mb: float = Field(
        default=MAX_FILE_BYTES / 2**20,
        gt=0,
        allow_inf_nan=False,
        description="Largest file to ingest, in MiB.",
    )
    effort: Effort = Field(
        default="thorough",
        description="How much is read for a question that does not say: `thorough` or `quick`.",
    )
    questions: Path | None = Field(
        default=None,
        description="Question file, as for `evaluate`. Those of its questions that the collection "
        "answers in another language than they are asked in are suggested on the first page. All "
        "are asked by a button on the page of the questions.",
    )
    sources: Path | None = Field(
        default=None,
        description="File of the websites that the server follows, in TOML. Only whoever may write "
        "that file names addresses.",
    )
    oidc: Path | None = Field(
        default=None,
        description="File of the OpenID Connect provider that people sign in with, in TOML.",
    )
    feedback: bool = Field(
        default=True,
        description="Whether readers can rate a passage. A rating is kept with the day, the "
        "question and the passage, and nothing about the reader.",
    )
    keep_questions: int = Field(
        default=0,
        ge=0,
        le=365,
        description="Days that the words of questions are kept, without anything about who asked; "
        "readers are told. `0`: they are not kept, and those that were are deleted.",
    )
    max_upload_mb: float = Field(
        default=256,
        gt=0,
        allow_inf_nan=False,
        description="Largest upload in MiB: all of its files together, unpacked.",
    )
    public_read: bool = Field(
        default=False,
        description="Whether everyone who can reach the port may read. Writing still needs a key.",
    )
    hosts: str = Field(
        default="",
        description="Names of the server besides this machine's own, separated by spaces. "
        "`*.example.org` stands for every name below it.",
    )
    proxies: str = Field(
        default="",
        description="Addresses and networks of proxies before the server, such as `127.0.0.1`, "
        "separated by spaces. What their `X-Forwarded-For` and `X-Forwarded-Proto` say is "
        "believed.",
    )
    cors_origins: str = Field(
        default="",
        description="Origins whose pages may use the API from a browser, separated by spaces.",
    )
    embed_origins: str = Field(
        default="",
        description="Origins whose pages may show the search box of `/embed` in a frame, such as "
        "`https://www.example.org`, separated by spaces. `https://*.example.org` stands for every "
        "name below it.",
    )
    requests_per_minute: int = Field(
        default=600,
        ge=1,
        description="Requests allowed in a minute for each key, or for each address without a "
        "key. Until the first key is made, programs on this machine are not limited.",
    )
    audit: bool = Field(
        default=True,
        description="Whether the audit log is kept: who uploaded, deleted, signed in, and so on.",
    )
    llm_url: str = Field(
        default="",
        description="Address of a language model's server that speaks OpenAI's chat API, such as "
        "`http://127.0.0.1:11434/v1`. Without one nothing is written and nobody is called.",
    )
    llm_key: SecretStr | None = Field(default=None, description="Key of that server.")
    llm_model: str = Field(
        default="", description="Name of the model there.", validate_default=True
    )
    llm_seconds: float = Field(
        default=60,
        gt=0,
        le=600,
        allow_inf_nan=False,
        description="The longest that one answer may take to be written, in seconds.",
    )
    llm_requests_per_day: int = Field(
        default=1000,
        ge=1,
        description="How often that server is asked in a day of UTC, counted from the start: for "
        "answers, and as often again for translations.",
    )
    translate_url: str = Field(
        default="",
        description="Address of a translation service that speaks LibreTranslate's API, such as "
        "`http://127.0.0.1:5000`. Without one, the language model translates, if there is one.",
    )
    translate_key: SecretStr | None = Field(default=None, description="Key of that service.")
    translate_seconds: float = Field(
        default=20,
        gt=0,
        le=600,
        allow_inf_nan=False,
        description="The longest that a translation of one passage may take, in seconds.",
    )
    translate_requests_per_day: int = Field(
        default=10_000,
        ge=1,
        description="How often that service is asked in a day of UTC, counted from the start.",
    )
    send_collections: str = Field(
        default="",
        description="Collections whose text may be sent to the language model and the translation "
        "service, separated by commas; `*` for all.",
    )
    log_questions: bool = Field(
        default=False, description="Whether the log contains the questions."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="Lowest level that is logged: `debug`, `info`, `warning` or `error`.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="Format of the server's log: `text` or `json`."
    )

    @field_validator("llm_url", "translate_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        if not url:
            return url
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise ValueError("write it as http://HOST:PORT/… or https://…, without a password")
        if parts.query or parts.fragment:
            raise ValueError("write it without ? and #")
        return url

    @field_validator("proxies")
    @classmethod
    def _networks(cls, proxies: str) -> str:
        for proxy in proxies.split():
            try:
                ipaddress.ip_network(proxy)
            except ValueError:
                raise ValueError(
                    f"write {proxy!r} as an address or as a network, such as 172.16.0.0/12"
                ) from None
        return proxies

    @field_validator("embed_origins")
    @classmethod
    def _origins(cls, origins: str) -> str:
        for origin in origins.split():
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"write {origin!r} as https://HOST or https://HOST:PORT, no path")
        return origins

    @field_validator("llm_model")
    @classmethod
    def _named(cls, model: str, info: ValidationInfo) -> str:
        if info.data.get("llm_url") and not model.strip():
            raise ValueError("PASSERELLE_LLM_URL is set, so name a model that the server there has")
        return model

    @property
    def address(self) -> str:
        """What the address of everything begins with that ``serve`` answers, on this machine."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

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
