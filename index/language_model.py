"""What languages are told by, kept in the cache as it is in memory.

The package carries it compressed, which takes longer to unpack than all else that a question needs.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from corpus.text import language_id
from index.encoders import cache_dirs

LAYOUT: Final = 1
"""Version of what is kept in the folder; part of its name, so a change unpacks anew."""

log = logging.getLogger(__name__)


def prepare_languages(cache: Path) -> None:
    """Load what languages are told by, out of a folder below ``cache`` that is made if need be.

    Where it cannot be made, or is not what was written, it is loaded out of the package.
    """
    folder = cache / "languages" / f"{language_id.PACKAGE}-{language_id.version()}-{LAYOUT}"
    try:
        if not cache_dirs.is_whole(folder, check_hashes=True):
            with suppress(FileNotFoundError):
                cache_dirs.discard(folder)
            cache_dirs.make(folder, _write)
    except OSError as error:
        log.warning("Each start takes longer: %s cannot be made (%s).", folder, error.strerror)
        language_id.prepare()
    else:
        language_id.prepare(folder)


def _write(folder: Path) -> Mapping[str, Any]:
    language_id.unpack(folder)
    return {"version": language_id.version()}
