"""What the modules of ``training`` hand each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

PIVOT = "en"
"""The language the others are aligned with; what the encoder's teacher reads."""


class Unit(NamedTuple):
    """A stretch of text in one language. Units of one id say the same."""

    language: str
    """ISO 639-1."""
    id: str
    text: str
    heading: str = ""
    """What it is the first text under, if anything: short, and what a reader might ask for."""


class Paragraph(NamedTuple):
    """A text in several languages, English among them."""

    source: str
    id: str
    texts: Mapping[str, str]
    headings: Mapping[str, str] = {}
    """What it stands under, in some of its languages."""


Extractor = Callable[[Path], Iterator[Unit]]
"""Reads the units out of a folder that holds one unpacked package in each of its folders."""


_UNION = "bg cs da de el en es et fi fr ga hr hu it lb lt lv mt nl pl pt ro sk sl sv"

UNION = frozenset(_UNION.split())
"""ISO 639-1 codes of the European Union's languages, and Luxembourgish."""

_AROUND = "be bs ca cy eu gl is ka mk no ru sq sr tr uk"
_BEYOND = "ar bn fa he hi id ja ko ms sw ta th vi zh"

LANGUAGES = UNION | frozenset(f"{_AROUND} {_BEYOND}".split())
"""Those of the Union, their neighbours, and some that the encoder's
model knows well."""


def language_code(locale: str) -> str | None:
    """Return the ISO 639-1 code for a locale like ``pt_BR``, ``zh-CN`` or ``en-US``.

    None for what is not among LANGUAGES, and for a script, a spelling or an English other than
    the usual one: ``sr@latin``, ``zh-TW``, ``en-GB``.
    """
    language, _, variety = locale.replace("-", "_").lower().partition("_")
    language = {"nb": "no", "nn": "no"}.get(language, language)
    if language not in LANGUAGES or variety in _LEFT_OUT.get(language, ()):
        return None
    return language


_LEFT_OUT = {
    "be": {"tarask"},
    "en": {"au", "ca", "gb", "nz"},
    "sr": {"el", "latn"},
    "zh": {"hant", "hk", "mo", "tw"},
}
