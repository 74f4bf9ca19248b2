"""Bytes to text, whatever encoding they are in."""

from __future__ import annotations

import codecs
import re
from typing import Final

from corpus.languages import language
from corpus.text.language_id import language_of

SAMPLE_SIZE: Final = 65_536
"""Bytes from which an undeclared encoding is guessed; enough for every letter of a language."""

MAX_DAMAGE: Final = 0.05
"""Share of characters beyond ASCII that may be broken in a text that is still held for UTF-8:
a file cut inside a character, or one line pasted in from elsewhere."""

MAX_CONTROL_SHARE: Final = 0.02
"""Share of control bytes up to which content is text. Text has next to none, and of compressed
or other binary content one byte in nine is one."""

_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1b") + b"\x7f"
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the first half of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WINDOWS_1252 = "windows-1252"
_NO_FILES = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
"""Python's codecs that make text of bytes, and that no file is in: of names, or of source code."""
_LATIN_1 = frozenset({"ascii", "us-ascii", "iso-8859-1", "iso8859-1", "latin-1", "latin1"})


def decode(content: bytes, declared: str | None = None) -> str:
    """Return ``content`` as text; what cannot be decoded becomes U+FFFD.

    A byte order mark decides; then whether it is valid UTF-8; then ``declared``, the encoding
    that the content itself names; then what the bytes look like.
    """
    encoding = unicode_encoding_of(content)
    if encoding is None and _is_utf8(content):
        encoding = "utf-8"
    if encoding is None:
        encoding = _known(declared) or _guess(content[:SAMPLE_SIZE])
    return content.decode(encoding, "replace")


def unicode_encoding_of(content: bytes) -> str | None:
    """Return the Unicode encoding that a byte order mark names or the pattern of zero bytes
    gives away, else None.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return encoding
    # Of Latin text in UTF-16 every second byte is zero and the others are letters; of binary data
    # both halves have zeros, or the others are small numbers.
    even, odd = content[:SAMPLE_SIZE:2], content[1:SAMPLE_SIZE:2]
    for zeros, letters, encoding in ((even, odd, "utf-16-be"), (odd, even, "utf-16-le")):
        if zeros.count(0) > len(zeros) * 0.3 and control_share(letters) <= MAX_CONTROL_SHARE:
            return encoding
    return None


def control_share(content: bytes) -> float:
    """Return the share of bytes in ``content`` that are controls no text has."""
    return 1 - len(content.translate(None, _CONTROLS)) / (len(content) or 1)


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        text = content[:SAMPLE_SIZE].decode("utf-8", "replace")
        broken = text.count("\ufffd")
        beyond_ascii = len(re.findall(r"[^\x00-\x7f]", text))
        return broken <= beyond_ascii * MAX_DAMAGE
    return True


def _known(declared: str | None) -> str | None:
    """Return ``declared`` if Python knows it, read as browsers do: Latin-1 is windows-1252."""
    if declared is None:
        return None
    try:
        name = codecs.lookup(declared.strip()).name
    except (LookupError, ValueError):
        return None
    if name.replace("_", "-") in _NO_FILES:
        return None
    # A declared UTF-8 has been tried before, and a codec such as "hex" makes no text.
    if name.startswith("utf") or not getattr(codecs.lookup(name), "_is_text_encoding", True):
        return None
    return _WINDOWS_1252 if name in _LATIN_1 else name


def _guess(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    # Between the code pages for Latin letters the detector is often wrong (of 12 Portuguese texts
    # in windows-1252 it took 6 for Central European); the language settles it.
    western = sample.decode(_WINDOWS_1252, "replace")
    letters = [character for character in western if character.isalpha()]
    if sum(map(str.isascii, letters)) > len(letters) * 0.7 and (
        language(language_of(western)).files.encoding == _WINDOWS_1252
    ):
        return _WINDOWS_1252
    best = from_bytes(sample).best()
    return best.encoding if best else _WINDOWS_1252
