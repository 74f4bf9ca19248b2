"""Files read one after the other; one that cannot be read doesn't stop the rest."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from lxml.etree import LxmlError

_log = logging.getLogger(__name__)

_Item = TypeVar("_Item")


def read_each(
    paths: Iterable[Path], read: Callable[[Path], Iterable[_Item]]
) -> Iterator[tuple[Path, _Item]]:
    """Return what ``read`` finds in each file, with its path. Links lead to what was read."""
    for path in paths:
        if path.is_symlink() or not path.is_file():
            continue
        try:
            items = list(read(path))
        except (OSError, ValueError, IndexError, LxmlError) as error:
            name = "/".join(path.parts[-3:])
            _log.warning("%s is left out, it cannot be read: %s", name, error)
            continue
        for item in items:
            yield path, item
