"""Debian packages, and the archive's descriptions of them: fetched, never installed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

from training.errors import DescriptionsGone, PackageDamaged, PackageGone
from training.types import PIVOT

_HERE_IS_NO_APT = "there is no apt-get here. Run this on Debian."
_AS_ROOT = ("-o", "APT::Sandbox::User=root")
"""Without a user to change to, apt does without: the folders are ours, not the system's."""


def fetch(package: str, cache: Path) -> Path:
    """Return the file of ``package`` in ``cache``, downloaded if it isn't there.

    Raises:
        PackageGone: the archive has no such package, or cannot be reached.
    """
    cache.mkdir(parents=True, exist_ok=True)
    if there := _newest(package, cache):
        return there
    try:
        done = _run(["apt-get", "download", "-qq", *_AS_ROOT, package], cache)
    except FileNotFoundError as error:
        raise PackageGone(f"{package} cannot be fetched: {_HERE_IS_NO_APT}") from error
    fetched = _newest(package, cache)
    if done.returncode != 0 or fetched is None:
        raise PackageGone(
            f"{package} cannot be fetched: {_last_line(done.stderr)} Run apt-get update; if that "
            "doesn't help, take the package out of training/sources.py."
        )
    return fetched


def fetch_each(
    names: Collection[str],
    cache: Path,
    *,
    required: Collection[str] = (),
    left_out: Callable[[PackageGone], None],
) -> Iterator[Path]:
    """Return the file of each package, as ``fetch`` does; one that is gone is only less text.

    ``left_out`` is told of those.

    Raises:
        PackageGone: one that is ``required``, or the only one, is gone.
    """
    for name in names:
        try:
            yield fetch(name, cache)
        except PackageGone as error:
            if name in required or len(names) == 1:
                raise
            left_out(error)


def name_of(archive: Path) -> str:
    """Return the package's name in the name of its file: ``name_version_architecture.deb``."""
    return archive.name.partition("_")[0]


def unpack(archive: Path, folder: Path, *, control: str | None = None) -> None:
    """Unpack the files of a package into ``folder``.

    With ``control``, what it brings for its own installation goes into that folder there.

    Raises:
        PackageDamaged: the archive is broken; it is removed, so that it is fetched again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source, target = str(archive.resolve()), folder.resolve()
    done = _run(["dpkg-deb", "-x", source, str(target)], folder)
    if control and done.returncode == 0:
        done = _run(["dpkg-deb", "--control", source, str(target / control)], folder)
    if done.returncode != 0:
        archive.unlink(missing_ok=True)
        raise PackageDamaged(
            f"{archive.name} cannot be unpacked: {_last_line(done.stderr)} It was removed; run "
            "this again to fetch it anew."
        )


def version_of(archive: Path) -> str:
    """Return the version in the name of a package's file: ``name_version_architecture.deb``."""
    return unquote(archive.name.split("_")[1])


def fetch_descriptions(locales: Sequence[str], folder: Path) -> dict[str, str]:
    """Fetch what Debian says of its packages in each locale into ``folder``, as plain files.

    Return the releases they are of, with their versions and dates. A locale that has none is
    only a language less.

    Raises:
        DescriptionsGone: there are none in English.
    """
    (folder / "partial").mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::State::lists": folder.resolve(),
        "Dir::Cache": folder.resolve(),  # the system's would take over these lists
        "Acquire::Languages": ",".join(locales),
        "Acquire::GzipIndexes": "false",
    }
    settings = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    try:
        done = _run(["apt-get", "update", "-qq", *_AS_ROOT, *settings], folder)
    except FileNotFoundError as error:
        raise DescriptionsGone(f"Descriptions cannot be fetched: {_HERE_IS_NO_APT}") from error
    releases = {path: _release(path) for path in sorted(folder.glob("*InRelease"))}
    debian = {path: release for path, release in releases.items() if release["Origin"] == "Debian"}
    # Another archive's descriptions are not under the terms that these are.
    prefixes = tuple(path.name.removesuffix("InRelease") for path in debian)
    for index in folder.glob("*_Translation-*"):
        if not index.name.startswith(prefixes):
            index.unlink()
    # One archive out of several that does not answer is an error to apt, and none here.
    if not any(folder.glob(f"*_Translation-{PIVOT}")):
        raise DescriptionsGone(
            f"Descriptions cannot be fetched in English: {_last_line(done.stderr)} See that apt's "
            "sources name a Debian archive, and that it can be reached."
        )
    return {
        f"Debian {release['Codename']}": ", ".join(
            release[field] for field in ("Version", "Date") if field in release
        )
        for release in debian.values()
    }


def _release(path: Path) -> dict[str, str]:
    """Return the fields of an archive's release file that fit on their line."""
    lines = path.read_text("utf-8").splitlines()
    fields = (line.partition(": ") for line in lines if not line.startswith(" "))
    return {"Origin": "", **{name: value for name, separator, value in fields if separator}}


def _newest(package: str, cache: Path) -> Path | None:
    return max(cache.glob(f"{package}_*.deb"), key=lambda path: path.stat().st_mtime, default=None)


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603


def _last_line(output: str) -> str:
    lines = output.strip().splitlines() or ["no reason was given"]
    return lines[-1].removeprefix("E: ").rstrip(".") + "."
