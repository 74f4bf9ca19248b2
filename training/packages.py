"""Debian packages: fetched and unpacked, never installed."""

from __future__ import annotations

import subprocess
from pathlib import Path
from urllib.parse import unquote

from training.errors import PackageDamaged, PackageGone


def fetch(package: str, cache: Path) -> Path:
    """Return the file of ``package`` in ``cache``, downloaded if it isn't there.

    Raises:
        PackageGone: the archive has no such package, or cannot be reached.
    """
    cache.mkdir(parents=True, exist_ok=True)
    if there := _newest(package, cache):
        return there
    try:
        # Without a user to change to, apt does without: the cache is ours, not the system's.
        done = _run(["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", package], cache)
    except FileNotFoundError as error:
        raise PackageGone(
            f"{package} cannot be fetched: there is no apt-get here. Run this on Debian."
        ) from error
    fetched = _newest(package, cache)
    if done.returncode != 0 or fetched is None:
        raise PackageGone(
            f"{package} cannot be fetched: {_last_line(done.stderr)} Run apt-get update; if that "
            "doesn't help, take the package out of training/sources.py."
        )
    return fetched


def unpack(archive: Path, folder: Path) -> None:
    """Unpack the files of a package into ``folder``.

    Raises:
        PackageDamaged: the archive is broken; it is removed, so that it is fetched again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = _run(["dpkg-deb", "-x", str(archive.resolve()), str(folder.resolve())], folder)
    if done.returncode != 0:
        archive.unlink(missing_ok=True)
        raise PackageDamaged(
            f"{archive.name} cannot be unpacked: {_last_line(done.stderr)} It was removed; run "
            "this again to fetch it anew."
        )


def version_of(archive: Path) -> str:
    """Return the version in the name of a package's file: ``name_version_architecture.deb``."""
    return unquote(archive.name.split("_")[1])


def _newest(package: str, cache: Path) -> Path | None:
    return max(cache.glob(f"{package}_*.deb"), key=lambda path: path.stat().st_mtime, default=None)


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603


def _last_line(output: str) -> str:
    lines = output.strip().splitlines() or ["no reason was given"]
    return lines[-1].removeprefix("E: ").rstrip(".") + "."
