"""Functions of pdfium's that are called for each character or line of a page.

pypdfium2 checks each argument of each call, which takes longer than what most of them do.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any


@cache
def unchecked(name: str, gives: Any = ctypes.c_int) -> Callable[..., Any]:
    """Return a function of pdfium's that takes what it is given as it is, and ``gives`` a number.

    A number that is given is a C int. A pointer must be one of ctypes' own, not a number.
    """
    from pypdfium2 import raw

    address = ctypes.cast(getattr(raw, name), ctypes.c_void_p).value
    # One that keeps Python's lock: to give it up takes as long as the call.
    return ctypes.PYFUNCTYPE(gives)(address or 0)
