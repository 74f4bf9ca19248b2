"""Where parallel text comes from: Debian packages, by name, and what Debian says of them all.

The licences are those of the packages' own ``copyright`` files. Nothing here is a benchmark, an
encyclopaedia, a constitution or a declaration of rights, or the page of a public authority.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from training.extract import descriptions, fluent, libreoffice, mediawiki, messages, pages
from training.types import Extractor


@dataclass(frozen=True, slots=True)
class Source:
    """The same text in several languages: in packages, or in the archive's descriptions."""

    name: str
    kind: str
    """What the text is about, in a few words."""
    licence: str
    """SPDX expression for the text, or words where one is too little."""
    extract: Extractor
    least: int
    """Paragraphs under which something is wrong: about half of what there was when written."""
    packages: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    """Packages without which there is nothing to align, like the English one. Any other that
    is gone is only less text."""
    locales: tuple[str, ...] = ()
    """Languages of the descriptions, where the text is those and there are no packages."""
    purpose: Literal["training", "wider", "evaluation"] = "training"
    """Wider text was tried and did not help (docs/model.md); it is made where it is asked for by
    name. Text kept for evaluation is never trained on."""


def _each(prefix: str, suffixes: str) -> tuple[str, ...]:
    return tuple(prefix + suffix for suffix in suffixes.split())


_MOZILLA = (
    "ar be bg ca cs cy da de el es-es et eu fi fr ga-ie gl he hr hu id is it ja ka ko lt lv ms "
    "nb-no nl pl pt-pt ro ru sk sl sq sr sv-se th tr uk vi zh-cn"
)
"""Locales of both of Mozilla's programs."""

SOURCES: tuple[Source, ...] = (
    Source(
        name="libreoffice-help",
        kind="help of an office suite",
        licence="MPL-2.0",
        packages=_each(
            "libreoffice-help-",
            "en-us ca cs da de el es et eu fi fr gl hi hu id it ja ko nl pl pt pt-br ru sk sl sv "
            "tr vi zh-cn",
        ),
        required=("libreoffice-help-en-us",),
        extract=libreoffice.units,
        least=7_000,
    ),
    Source(
        name="gnome-user-docs",
        kind="guide to a desktop",
        licence="CC-BY-SA-3.0",
        packages=("gnome-user-docs",),
        extract=pages.reader(r"usr/share/help/(?P<locale>[^/]+)/(?P<page>.+)\.page"),
        least=700,
    ),
    Source(
        name="gnome-applications",
        kind="manuals of games and of small programs",
        licence="CC-BY-SA-3.0 AND GFDL-1.1-or-later AND GPL-2.0-or-later AND LGPL-2.1-or-later",
        packages=(
            *("aisleriot", "atril-common", "baobab", "cheese-common", "eog", "evince-common"),
            *("evolution-common", "file-roller", "five-or-more", "four-in-a-row", "gbrainy"),
            *("gedit-common", "gnome-chess", "gnome-clocks", "gnome-contacts", "gnome-calculator"),
            *("gnome-klotski", "gnome-mahjongg", "gnome-mines", "gnome-music", "gnome-nibbles"),
            *("gnome-robots", "gnome-sudoku", "gnome-taquin", "gnome-tetravex", "gnucash-docs"),
            *("hitori", "iagno", "lightsoff", "mate-applets-common", "mate-user-guide", "orca"),
            *("pluma-common", "quadrapassel", "rhythmbox-data", "seahorse", "simple-scan"),
            *("sound-juicer", "swell-foop", "tali"),
        ),
        extract=pages.reader(r"usr/share/help/(?P<locale>[^/]+)/(?P<page>.+)\.(?:page|docbook)"),
        least=1_400,
    ),
    Source(
        name="kde-handbooks",
        kind="handbooks of learning programs: astronomy, chemistry, geometry, languages",
        licence="GFDL-1.2-no-invariants-or-later",
        packages=_each(
            "",
            "kstars-data kalzium-data kig marble-data parley-data step kturtle "
            "kgeography-data kbruch rocs kmplot cantor kwordquiz minuet-data",
        ),
        extract=pages.reader(r"usr/share/doc/HTML/(?P<locale>[^/]+)/(?P<page>.+)\.docbook"),
        least=600,
    ),
    Source(
        name="gimp-help",
        kind="manual of an image editor",
        licence="GFDL-1.2-no-invariants-or-later",
        packages=_each(
            "gimp-help-",
            "en ca cs da de el es fa fi fr hr hu it ja ko lt nl pt pt-br ro ru sl sv uk zh-cn",
        ),
        required=("gimp-help-en",),
        extract=pages.reader(r"usr/share/gimp/2\.0/help/(?P<locale>[^/]+)/(?P<page>.+)\.html"),
        least=2_000,
    ),
    Source(
        name="debian-reference",
        kind="reference for administrators",
        licence="GPL-2.0-or-later",
        packages=_each("debian-reference-", "en de es fr id it ja pt pt-br zh-cn"),
        required=("debian-reference-en",),
        extract=pages.reader(r"usr/share/debian-reference/(?P<page>\w+)\.(?P<locale>[\w-]+)\.html"),
        least=550,
    ),
    Source(
        name="developers-reference",
        kind="procedures of a volunteer organisation",
        licence="GPL-2.0-only",
        packages=("developers-reference", *_each("developers-reference-", "de fr it ja ru")),
        required=("developers-reference",),
        extract=pages.reader(
            r"usr/share/developers-reference/(?:(?P<locale>\w\w)/)?(?P<page>[\w-]+)\.html"
        ),
        least=250,
    ),
    Source(
        name="maint-guide",
        kind="tutorial for packagers",
        licence="GPL-2.0-or-later",
        packages=("maint-guide", *_each("maint-guide-", "ca de es fr it ja ru vi zh-cn")),
        required=("maint-guide",),
        extract=pages.reader(
            r"usr/share/doc/maint-guide[\w-]*/html/(?P<page>\w+)\.(?P<locale>[\w-]+)\.html"
        ),
        least=120,
    ),
    Source(
        name="mediawiki",
        kind="messages of a wiki, Luxembourgish among its languages",
        licence="GPL-2.0-or-later",
        packages=("mediawiki",),
        extract=mediawiki.units,
        least=500,
    ),
    Source(
        name="wesnoth",
        kind="stories, dialogue and rules of a game",
        licence="GPL-2.0-or-later",
        packages=(
            "wesnoth-1.16-data",
            *_each(
                "wesnoth-1.16-", "did dm dw ei httt l low nr sof sota sotbe thot trow tsg ttb utbs"
            ),
        ),
        required=("wesnoth-1.16-data",),
        extract=messages.units,
        least=3_000,
    ),
    Source(
        name="strategy-games",
        kind="missions, peoples and rules of strategy games",
        licence="GPL-2.0-or-later",
        packages=("freeciv-data", "unknown-horizons", "warzone2100-data", "widelands-data"),
        extract=messages.units,
        least=1_900,
        purpose="wider",
    ),
    Source(
        name="accounts-and-families",
        kind="messages of programs for accounts and for family history",
        licence="GPL-2.0-or-later",
        packages=("gnucash-common", "gramps", "homebank-data"),
        extract=messages.units,
        least=550,
        purpose="wider",
    ),
    Source(
        name="mozilla",
        kind="messages of a browser and a mail program: privacy, safety, permissions",
        licence="MPL-2.0",
        packages=(
            *_each("firefox-esr-l10n-", f"en-gb {_MOZILLA} bn bs fa hi-in mk ta"),
            *_each("thunderbird-l10n-", f"en-gb {_MOZILLA}"),
        ),
        required=("firefox-esr-l10n-en-gb", "thunderbird-l10n-en-gb"),
        extract=fluent.units,
        least=350,
        purpose="wider",
    ),
    Source(
        name="securing-debian",
        kind="manual of security",
        licence="GPL-2.0-or-later",
        packages=("harden-doc",),
        extract=pages.reader(r"usr/share/doc/harden-doc/html/(?P<locale>[^/]+)/(?P<page>.+)\.html"),
        least=300,
        purpose="wider",
    ),
    Source(
        name="kde-applications",
        kind="handbooks of mail, calendars, money and files",
        licence="GFDL-1.2-no-invariants-or-later",
        packages=_each(
            "",
            "akregator dolphin gwenview k3b-data kaddressbook kate5-data khelpcenter kleopatra "
            "kmail kmymoney-common knotes kontact konqueror korganizer konversation-data krusader "
            "ktorrent lokalize okular plasma-desktop-data skrooge-common tellico-data umbrello",
        ),
        extract=pages.reader(r"usr/share/doc/HTML/(?P<locale>[^/]+)/(?P<page>.+)\.docbook"),
        least=1_500,
        purpose="wider",
    ),
    Source(
        name="descriptions",
        kind="what each package of a distribution is for",
        # A description is part of its source package, in debian/control. The text is only
        # learnt from; none of it is given on.
        licence="each as its package's; translations by the Debian Description Translation Project",
        locales=_each(
            "",
            "en fr nl de it es pt pt_BR pl da sv fi cs sk hu ro bg el sl hr lt lv et ru uk ja ko "
            "zh_CN tr ca eu gl nb vi",
        ),
        extract=descriptions.units,
        least=22_000,
    ),
    Source(
        name="debian-handbook",
        kind="book for administrators",
        licence="CC-BY-SA-3.0 OR GPL-2.0-or-later",
        packages=("debian-handbook",),
        extract=pages.reader(
            r"usr/share/doc/debian-handbook/html/(?P<locale>[^/]+)/(?P<page>.+)\.html"
        ),
        least=500,
        purpose="evaluation",
    ),
    Source(
        name="installation-guide",
        kind="guide to an installation",
        licence="GPL-2.0-only",
        packages=("installation-guide-amd64",),
        extract=pages.reader(
            r"usr/share/doc/installation-guide-amd64/(?P<locale>[^/]+)/(?P<page>.+)\.html"
        ),
        least=300,
        purpose="evaluation",
    ),
    Source(
        name="stellarium-skycultures",
        kind="how peoples saw the sky",
        licence="GPL-2.0-or-later",
        packages=("stellarium-data",),
        extract=pages.reader(
            r"usr/share/stellarium/skycultures/(?P<page>.+)/description\.(?P<locale>\w+)\.utf8"
        ),
        least=150,
        purpose="evaluation",
    ),
)

BY_NAME = {source.name: source for source in SOURCES}
