"""What can be wrong with a source. Each message names the thing, the fact and the remedy."""

from __future__ import annotations


class SourceError(Exception):
    """A source cannot be used; the others can."""


class PackageGone(SourceError):
    """The archive has no such package."""


class PackageDamaged(SourceError):
    """The package's file cannot be unpacked."""


class SourceShort(SourceError):
    """Much less text than there was when the source was chosen."""
