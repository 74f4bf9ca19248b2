"""Where the collection and the model are, as an operator sets them.

Every setting is an environment variable with the prefix ``PASSERELLE_``; the command line's
options take precedence. ``api.settings`` adds those of the service; nothing else reads the
environment. Where it is silent, a file may speak: ``api.settings_file``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

import platformdirs
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from corpus.store.store import SqliteStore, Store
from index.database import postgres_store
from index.encoders.loading import load_encoder
from index.encoders.protocol import Backend, Encoder, Precision
from index.encoders.variants import DEFAULT_MODEL

ENV_PREFIX: Final = "PASSERELLE_"


class _Config(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_ignore_empty=True)

    config: Path | None = None


def config_file() -> Path | None:
    """Return the file of settings that the environment names, if it names one."""
    return _Config().config


def variables() -> list[str]:
    """Return what the environment has with our prefix: names in small letters, without it."""
    names = EnvSettingsSource(_Config).env_vars
    prefix = ENV_PREFIX.lower()
    return sorted(name.removeprefix(prefix) for name in names if name.startswith(prefix))


class ModelSettings(BaseSettings):
    """The data folder, the cache, and the model with what runs it."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_ignore_empty=True, frozen=True, extra="ignore"
    )

    data: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("passerelle", appauthor=False),
        description="Folder of the collection.",
    )
    database: SecretStr | None = Field(
        default=None,
        description="Address of a PostgreSQL database with pgvector that keeps the documents in "
        "place of the data folder, as `postgresql://USER:PASSWORD@HOST/NAME`.",
    )
    cache: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("passerelle", appauthor=False),
        description="Folder for the unpacked and compiled model. It may be deleted.",
    )
    model: str = Field(
        default=DEFAULT_MODEL,
        description="Name or folder of a sentence-transformers model. `bundled` is the default "
        "model, and `bundled:plain` the same before its languages were aligned. Neither needs a "
        "network.",
    )
    backend: Backend = Field(
        default=Backend.OPENVINO,
        description="What runs the model: `openvino`, compiled for this CPU, or "
        "`sentence-transformers`, the reference, which is several times slower.",
    )
    precision: Precision | None = Field(
        default=None,
        description="Precision of the compiled model: `f32`, `bf16` or `int8`. Default: the "
        "fastest for this CPU and model.",
    )

    @field_validator("database")
    @classmethod
    def _of_postgresql(cls, address: SecretStr | None) -> SecretStr | None:
        if address and not address.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("write it as postgresql://USER:PASSWORD@HOST/NAME")
        return address

    @classmethod
    def of_environment_and(cls, said: Mapping[str, Any]) -> Self:
        """Return what the environment sets, and where it is silent what was ``said`` elsewhere.

        Raises:
            pydantic.ValidationError: a setting cannot have that value.
        """

        class Both(cls):  # type: ignore[valid-type, misc] # sources belong to a class
            @classmethod
            def settings_customise_sources(
                cls, settings_cls: type[BaseSettings], **sources: PydanticBaseSettingsSource
            ) -> tuple[PydanticBaseSettingsSource, ...]:
                return sources["env_settings"], InitSettingsSource(settings_cls, dict(said))

        return cls.model_validate(Both().model_dump())

    def changed(self, **changes: object) -> Self:
        """Return these settings with some of them set otherwise; None changes nothing.

        Raises:
            pydantic.ValidationError: a setting cannot have that value.
        """
        given = {name: value for name, value in changes.items() if value is not None}
        return type(self).model_validate({**self.model_dump(), **given})

    @property
    def store(self) -> Store:
        """Where the collection is kept.

        Raises:
            CatalogueError: it is PostgreSQL, and what speaks to that is not installed.
        """
        if self.database is None:
            return SqliteStore(self.data)
        return postgres_store(self.database.get_secret_value(), self.data)

    def load_encoder(self) -> Encoder:
        """Load the model.

        Raises:
            ModelError: it cannot be loaded.
        """
        return load_encoder(self.model, self.cache, self.backend, self.precision)
