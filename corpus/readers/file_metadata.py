"""What the properties of PDF and Word files are worth: programs fill them in too."""

from __future__ import annotations

import re

_SOFTWARE = re.compile(
    r"(?:microsoft|adobe|acrobat|libreoffice|openoffice|pdf|word|latex|python-docx|fpdf|canon"
    r"|scanner|windows|admin(?:istrator)?|user|utilisateur|gebruiker|benutzer|unknown|owner)\b",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel)\b.*|untitled.*|sans titre.*|naamloos.*|unbenannt.*"
    r"|document ?\d*|dokument ?\d*|.*\.(?:docx?|pdf|rtf|odt|indd|qxd|txt|pptx?))",
    re.IGNORECASE,
)


def meaningful_title(stated: str) -> str | None:
    """Return a title property, or None if it is a program's or a file's name."""
    title = stated.strip(" \0\t\r\n")
    return None if not title or _NO_TITLE.fullmatch(title) else title


def institution(stated: str) -> str | None:
    """Return an author or company property, or None if a program or account put it in."""
    name = stated.strip(" \0\t\r\n")
    return None if not name or _SOFTWARE.match(name) or not re.search(r"[^\W\d_]", name) else name
