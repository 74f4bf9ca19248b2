"""What can be wrong in training. Each message names the thing, the fact and the remedy."""

from __future__ import annotations


class TrainingError(Exception):
    """What the commands of ``training`` say instead of a traceback."""


class SourceError(TrainingError):
    """A source cannot be used; the others can."""


class PackageGone(SourceError):
    """The archive has no such package."""


class PackageDamaged(SourceError):
    """The package's file cannot be unpacked."""


class DescriptionsGone(SourceError):
    """The archive has no English descriptions to align the others with."""


class SourceShort(SourceError):
    """Much less text than there was when the source was chosen."""


class NoText(TrainingError):
    """There is no text to train on, or none to compare with."""


class BadSetting(TrainingError):
    """A recipe has no such setting, or not this value."""


class OtherRun(TrainingError):
    """The checkpoint is of a run with another recipe or with other text."""


class NoAdapter(TrainingError):
    """A folder does not hold what a training writes, or two do not go together."""


class NoCommit(TrainingError):
    """The state of the repository cannot be told."""
