"""Lines that belong to the page and not to the document, and lines that name the publisher."""

from __future__ import annotations

import re
from typing import Final

MAX_LINE_LENGTH: Final = 300
"""Characters. Cookie banners are the longest boilerplate, at two or three short sentences."""

_SHARE_ON = r"(?: (?:sur|op|auf|on|via) (?:facebook|twitter|x|linkedin|whatsapp|e-?mail|mastodon))?"

# Whole lines only, whatever their case: inside a sentence the same words are the document's.
_BOILERPLATE_OF = {
    "fr": (
        r"(?:dernière mise à jour|mise? à jour le|dernière modification)(?: le)?(?P<date>.*)",
        r"(?:à )?lire (?:aussi|également|la suite|plus)",
        r"(?:retour (?:en|vers le) )?haut(?: de (?:la )?page)?",
        r"(?:aller|passer) (?:directement )?au contenu(?: principal)?",
        rf"(?:imprimer|partager)(?: (?:la|cette) page| (?:l'|l’|cet )article)?{_SHARE_ON}",
        r"(?:tout accepter|accepter (?:tous )?(?:les )?cookies|gérer (?:les|mes) cookies)",
        r"(?:ce site|notre site|nous)(?: (?:web|internet))? utilis(?:e|ons) des cookies.*",
    ),
    "nl": (
        r"(?:laatste (?:update|wijziging|aanpassing)|laatst (?:bijgewerkt|gewijzigd))(?P<date>.*)",
        r"lees (?:ook|meer|verder)",
        r"(?:terug )?naar (?:boven|begin van de pagina)",
        r"(?:ga|overslaan en) (?:direct )?naar (?:de )?inhoud(?: gaan)?",
        rf"(?:afdrukken|deel|delen|print)(?: (?:dit artikel|deze pagina))?{_SHARE_ON}",
        r"(?:alle )?cookies (?:accepteren|aanvaarden|beheren)|alles (?:accepteren|aanvaarden)",
        r"(?:deze|onze) (?:web)?site (?:maakt gebruik van|gebruikt) cookies.*",
        r"(?:wij|we) gebruiken cookies.*",
    ),
    "de": (
        r"(?:letzte (?:aktualisierung|änderung)|zuletzt (?:aktualisiert|geändert))(?P<date>.*)",
        r"lesen sie auch|(?:mehr|weiter) ?lesen|lesen sie mehr",
        r"(?:zurück )?(?:nach oben|zum (?:seiten)?anfang)",
        r"(?:direkt )?zum (?:haupt)?inhalt(?: springen)?",
        rf"(?:(?:seite|artikel) )?(?:drucken|teilen){_SHARE_ON}",
        r"(?:alle )?cookies (?:akzeptieren|verwalten)|alle akzeptieren",
        r"(?:diese|unsere) (?:web)?(?:site|seite) (?:verwendet|nutzt|benutzt) cookies.*",
        r"wir (?:verwenden|nutzen|benutzen) cookies.*",
    ),
    "en": (
        r"(?:last (?:updated?|modified|change)|updated on)(?P<date>.*)",
        r"(?:also read|read (?:also|more))",
        r"(?:back to )?(?:the )?top(?: of (?:the )?page)?",
        r"skip to (?:the )?(?:main )?content",
        rf"(?:print|share)(?: (?:this|the)(?: page| article)?)?{_SHARE_ON}",
        r"(?:accept (?:all )?cookies|accept all|manage cookies|cookie settings)",
        r"(?:this|our) (?:web)?site uses cookies.*|we use cookies.*",
    ),
    "lb": (
        r"(?:lescht (?:aktualiséierung|ännerung)|fir d'lescht aktualiséiert)(?P<date>.*)",
        r"(?:liest )?och liesen|liest och|méi liesen|weiderliesen",
        r"(?:zréck )?no uewen|zréck erop",
        r"(?:direkt )?(?:bei|op) den inhalt(?: sprangen)?",
        rf"(?:(?:säit|artikel) )?(?:drécken|deelen){_SHARE_ON}",
        r"(?:all )?cookien? akzeptéieren|alles akzeptéieren",
        r"(?:dës|eis) (?:web)?(?:säit|site) benotzt cookien?.*|mir benotzen cookien?.*",
    ),
    # A photographer's or agency's name under a picture, with the number of the picture.
    "und": (r"(?:\d{1,3}[.)] ?)?(?:©|\(c\)|copyright) ?[^.:;!?]{1,40}",),
}
_BOILERPLATE = tuple(
    re.compile(rf"(?:{pattern}) ?[:.>»↑›]*", re.IGNORECASE)
    for patterns in _BOILERPLATE_OF.values()
    for pattern in patterns
)
_OPENS_A_DATE = re.compile(r"\s*(?:$|:|\d|(?:le|op|am|on|um|de[rn]) )", re.IGNORECASE)
MAX_DATE_LENGTH: Final = 40
"""Characters after "last updated": a date, perhaps with weekday and time."""

_PUBLISHED_BY = re.compile(
    r"(?:communiqu(?:é|é de presse) (?:par|vun|vum)|(?:publié|diffusé|émis) par"
    r"|(?:mee|mede)gedeeld door|(?:gepubliceerd|uitgegeven|verspreid) door|persbericht van"
    r"|(?:mitgeteilt|veröffentlicht|herausgegeben) (?:von|vom|durch)"
    r"|(?:published|issued|released|communicated) by|press release (?:by|from)"
    r"|(?:matgedeelt|verëffentlecht|erausginn) (?:vun|vum)|pressematdeelung (?:vun|vum)"
    r"|(?:éditeur|uitgever|herausgeber|publisher|editeur) ?:)"
    r" (?P<publisher>[^.:;!?]{2,120})\.?",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?:l['’]|d['’]|(?:le|la|les|de|het|der|die|das|dem|den|the|déi|dat) )",
                      re.IGNORECASE)  # fmt: skip


def is_boilerplate(line: str) -> bool:
    """Tell whether a whole line, white space collapsed, belongs to the page around the text."""
    if len(line) > MAX_LINE_LENGTH:
        return False
    matches = (pattern.fullmatch(line) for pattern in _BOILERPLATE)
    return any(match is not None and _is_dated(match) for match in matches)


def publisher_in(line: str) -> str | None:
    """Return the publisher that a line such as "Communiqué par le ministère de ..." names."""
    match = _PUBLISHED_BY.fullmatch(line)
    if match is None:
        return None
    name = _ARTICLE.sub("", match["publisher"].strip(), count=1)
    return name[:1].upper() + name[1:] or None


def _is_dated(match: re.Match[str]) -> bool:
    """Tell "Last updated on 3 May" from "Last updated figures show ..."."""
    rest = match.groupdict().get("date") or ""
    return len(rest) <= MAX_DATE_LENGTH and _OPENS_A_DATE.match(rest) is not None
