"""What can go wrong with models and vectors; part of the tree in corpus.errors."""

from __future__ import annotations

from typing import Final

from corpus.errors import PasserelleError


class ModelError(PasserelleError):
    """The model cannot be used."""


class ModelNotFound(ModelError):
    """No model of that name or folder could be loaded."""


class LibraryMissing(ModelError):
    """The model needs a library that is not installed."""


class ModelDamaged(ModelError):
    """The model's files are not what they should be."""


class ModelMismatch(ModelError):
    """The vectors in the catalogue were made by another model."""


class ModelSwitched(ModelMismatch):
    """Another model, made beside this one, has taken its place since."""

    RESTART: Final = "Start it again to use the new one."
    """The remedy for a program that does not follow by itself, as a server does."""


class PrecisionUnavailable(ModelError):
    """This CPU does not calculate with the precision that was asked for."""


class CannotCompile(ModelError):
    """The model cannot be compiled here, and the reference is to run it."""


class AdapterError(ModelError):
    """The file that aligns the default model's languages cannot be used."""


class AdapterDamaged(AdapterError):
    """The adapter's file is not the one this release came with, or is none at all."""


class OtherAdapterFormat(AdapterError):
    """The adapter's file is of a format that this release does not read."""


class OtherBaseModel(AdapterError):
    """The adapter was trained on another model, or on other weights of the same one."""


class AdapterMisfit(AdapterError):
    """The adapter's names, shapes or numbers are not what the model needs."""


class ReaderDamaged(ModelError):
    """A file of the reader is not the one this release came with, or is none at all."""


class CannotKeep(PasserelleError):
    """The index cannot be written to the data folder; nothing but a quick start depends on it."""
