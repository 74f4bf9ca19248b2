"""Which release of Passerelle this is."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """Return the installed release's version; "0" where it runs without being installed."""
    try:
        return metadata.version("passerelle")
    except metadata.PackageNotFoundError:
        return "0"
