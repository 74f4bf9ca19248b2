"""How the search box looks in another site's page: a few values, of which a style sheet is made."""

from __future__ import annotations

from typing import Annotated, Final, Literal, NamedTuple

from fastapi import Query

Colour = Annotated[str | None, Query(pattern="^[0-9a-fA-F]{6}$", description="Like 0b5f66.")]

MAX_RADIUS_PIXELS: Final = 32

MIN_LUMINANCE_FOR_BLACK: Final = 0.179
"""Relative luminance of a colour on which black and white text have the same contrast (WCAG 2.2):
(1.05 / (L + 0.05)) = ((L + 0.05) / 0.05)."""

Font = Literal["sans", "serif", "mono"]

_FAMILIES: Final[dict[Font, str]] = {
    "sans": "system-ui, sans-serif",
    "serif": "Georgia, serif",
    "mono": "ui-monospace, monospace",
}


class Theme(NamedTuple):
    """What a site may choose; None leaves it as it is."""

    accent: str | None
    paper: str | None
    ink: str | None
    radius: int | None
    """Of the corners, in pixels."""
    font: Font | None

    @classmethod
    def asked(
        cls,
        accent: Colour = None,
        paper: Colour = None,
        ink: Colour = None,
        radius: Annotated[int | None, Query(ge=0, le=MAX_RADIUS_PIXELS)] = None,
        font: Annotated[Font | None, Query()] = None,
    ) -> Theme:
        """Return what an address asks for."""
        return cls(accent, paper, ink, radius, font)

    @property
    def query(self) -> str:
        """The address's part that asks for this; empty where nothing is chosen."""
        chosen = ((name, value) for name, value in self._asdict().items() if value is not None)
        return "&".join(f"{name}={value}" for name, value in chosen)

    @property
    def css(self) -> str:
        """A style sheet of custom properties.

        Who chooses a colour has a light page in the dark, too: the others stay to be read on it.
        """
        properties = {
            **{f"--{name}": f"#{value}" for name, value in self._colours().items()},
            **({"--radius": f"{self.radius}px"} if self.radius is not None else {}),
            **({"--font": _FAMILIES[self.font]} if self.font else {}),
        }
        if not properties:
            return ""
        said = "; ".join(f"{name}: {value}" for name, value in properties.items())
        scheme = "color-scheme: light; " if self._colours() else ""
        return f":root {{ {scheme}{said} }}\n"

    def _colours(self) -> dict[str, str]:
        chosen = {"accent": self.accent, "paper": self.paper, "ink": self.ink}
        if not any(chosen.values()):
            return {}
        light = {"accent": "0b5f66", "paper": "ffffff", "ink": "1b2325"}
        colours = {name: (value or light[name]).lower() for name, value in chosen.items()}
        return {**colours, "on-accent": _text_on(colours["accent"])}


def _text_on(colour: str) -> str:
    """Return black or white, whichever is read better on a colour."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (0, 2, 4))
    is_light = 0.2126 * red + 0.7152 * green + 0.0722 * blue > MIN_LUMINANCE_FOR_BLACK
    return "000000" if is_light else "ffffff"


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
