"""What can go wrong with models and vectors; part of the tree in corpus.errors."""

from __future__ import annotations

from corpus.errors import PasserelleError


class ModelError(PasserelleError):
    """The model cannot be used."""


class ModelNotFound(ModelError):
    """No model of that name or folder could be loaded."""


class ModelDamaged(ModelError):
    """The model's files are not what they should be."""


class ModelMismatch(ModelError):
    """The vectors in the catalogue were made by another model."""
