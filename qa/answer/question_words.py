"""Words that ask and words that answer, by language; data only, all in lower case.

Phrases are separated by commas. A language that is not here asks for nothing in particular.
"""

from __future__ import annotations

from typing import Final

from qa.types import AnswerType as Kind

ASKING: Final[dict[str, dict[tuple[Kind, ...], str]]] = {
    "de": {
        (Kind.DATE, Kind.TIME): "wann, seit wann, ab wann, bis wann",
        (Kind.DATE,): "welchem tag, welchen tag, welchem jahr, welches jahr, welchem datum",
        (Kind.TIME,): "um wie viel uhr, bis wie viel uhr, wie spät, welche uhrzeit",
        (
            Kind.DURATION,
        ): "wie lange, wie schnell, wie viel zeit, wie viele tage, wie viele stunden",
        (Kind.NUMBER,): "wie viele, wie viel, wieviel, wieviele, wie weit, wie groß, wie alt, "
        "welcher anteil, welchen anteil, wie hoch",
        (Kind.MONEY,): "was kostet, was kosten, wie teuer, wie viel kostet, wie viel kosten, "
        "wie hoch ist die strafe, wie hoch sind die kosten",
        (Kind.NAME,): "wer, wem, wen, wessen",
    },
    "en": {
        (Kind.DATE, Kind.TIME): "when, since when, until when",
        (Kind.DATE,): "what date, what day, which day, what year, which year",
        (Kind.TIME,): "what time, what hour",
        (Kind.DURATION,): "how long, how soon, how quickly, how fast, how much time, "
        "how many days, how many hours",
        (Kind.NUMBER,): "how many, how much, how far, how old, how high, how big, how large, "
        "what share, what percentage, what proportion",
        (Kind.MONEY,): "how much does, how much did, how much will, what does it cost, "
        "what is the price, how expensive",
        (Kind.NAME,): "who, whom, whose",
    },
    "fr": {
        (Kind.DATE, Kind.TIME): "quand, depuis quand, jusqu'à quand",
        (Kind.DATE,): "quelle date, quel jour, quelle année, quel mois",
        (Kind.TIME,): "quelle heure",
        (Kind.DURATION,): "combien de temps, quel délai, combien de jours, combien d'heures",
        (Kind.NUMBER,): "combien, quelle part, quel pourcentage, quelle proportion, quel âge",
        (Kind.MONEY,): "combien coûte, combien coûtent, combien a coûté, combien ont coûté, "
        "quel prix, quel est le prix, quel est le coût",
        (Kind.NAME,): "qui, qui est-ce qui",
    },
    "lb": {
        (Kind.DATE, Kind.TIME): "wéini, zanter wéini, vu wéini, bis wéini",
        (Kind.DATE,): "wéi engem dag, wéi engem joer, wéi engem datum",
        (Kind.TIME,): "wéi vill auer, wéivill auer",
        (Kind.DURATION,): "wéi laang, wéi séier, wéi vill zäit, wéi vill deeg, wéi vill stonnen",
        (Kind.NUMBER,): "wéi vill, wéivill, wéi wäit, wéi grouss, wéi al, wéi héich",
        (Kind.MONEY,): "wat kascht, wat kaschten, wéi vill kascht, wéi vill kaschten, wéi deier",
        (Kind.NAME,): "wien, wiem",
    },
    "nl": {
        (Kind.DATE, Kind.TIME): "wanneer, sinds wanneer, tot wanneer, vanaf wanneer",
        (Kind.DATE,): "welke datum, welke dag, welk jaar",
        (Kind.TIME,): "hoe laat, welk uur",
        (Kind.DURATION,): "hoe lang, hoelang, hoe snel, hoeveel tijd, hoeveel dagen, hoeveel uur",
        (Kind.NUMBER,): "hoeveel, hoe ver, hoe oud, hoe groot, hoe hoog, hoe ernstig, welk deel, "
        "welk percentage, welk aandeel",
        (
            Kind.MONEY,
        ): "wat kost, wat kosten, hoeveel kost, hoeveel kosten, hoe duur, welke boete, welke prijs",
        (Kind.NAME,): "wie, wiens, aan wie, door wie, met wie",
    },
    "da": {
        (Kind.DATE, Kind.TIME): "hvornår",
        (Kind.DURATION,): "hvor længe, hvor lang tid, hvor hurtigt",
        (Kind.NUMBER,): "hvor mange, hvor meget",
        (Kind.MONEY,): "hvad koster",
        (Kind.NAME,): "hvem",
    },
    "es": {
        (Kind.DATE, Kind.TIME): "cuándo, desde cuándo, hasta cuándo",
        (Kind.DATE,): "qué fecha, qué día, qué año",
        (Kind.TIME,): "qué hora",
        (Kind.DURATION,): "cuánto tiempo, cuánto dura, cuánto tarda",
        (Kind.NUMBER,): "cuánto, cuánta, cuántos, cuántas, qué porcentaje",
        (Kind.MONEY,): "cuánto cuesta, cuánto cuestan, qué precio",
        (Kind.NAME,): "quién, quiénes, a quién",
    },
    "it": {
        (Kind.DATE, Kind.TIME): "quando, da quando, fino a quando",
        (Kind.DATE,): "che data, quale data, che giorno, quale giorno, che anno, quale anno",
        (Kind.TIME,): "che ora",
        (Kind.DURATION,): "quanto tempo, quanto dura",
        (Kind.NUMBER,): "quanto, quanta, quanti, quante, quale percentuale",
        (Kind.MONEY,): "quanto costa, quanto costano, quale prezzo",
        (Kind.NAME,): "chi, da chi, a chi",
    },
    "pl": {
        (Kind.DATE, Kind.TIME): "kiedy, od kiedy, do kiedy",
        (Kind.TIME,): "której godzinie, która godzina, której godziny",
        (Kind.DURATION,): "jak długo, jak szybko, ile czasu",
        (Kind.NUMBER,): "ile, ilu",
        (Kind.MONEY,): "ile kosztuje, ile kosztują",
        (Kind.NAME,): "kto, kogo, komu, kim",
    },
    "pt": {
        (Kind.DATE, Kind.TIME): "quando, desde quando, até quando",
        (Kind.DATE,): "que data, que dia, que ano",
        (Kind.TIME,): "que horas, que hora",
        (Kind.DURATION,): "quanto tempo, quanto dura",
        (Kind.NUMBER,): "quanto, quanta, quantos, quantas",
        (Kind.MONEY,): "quanto custa, quanto custam, qual é o preço",
        (Kind.NAME,): "quem, por quem",
    },
    "ro": {
        (Kind.DATE, Kind.TIME): "când, de când, până când",
        (Kind.TIME,): "ce oră",
        (Kind.DURATION,): "cât timp, cât durează",
        (Kind.NUMBER,): "cât, câtă, câți, câte",
        (Kind.MONEY,): "cât costă",
        (Kind.NAME,): "cine, cui",
    },
    "sv": {
        (Kind.DATE, Kind.TIME): "när, sedan när",
        (Kind.DURATION,): "hur länge, hur lång tid, hur snabbt",
        (Kind.NUMBER,): "hur många, hur mycket",
        (Kind.MONEY,): "vad kostar, hur mycket kostar",
        (Kind.NAME,): "vem, vilka",
    },
}
"""By language: the kinds that a phrase asks for, any of which may be the answer."""

NUMBERS: Final[dict[str, str]] = {
    "de": "zwei, drei, vier, fünf, sechs, sieben, acht, neun, zehn, elf, zwölf, zwanzig, dreißig, "
    "vierzig, fünfzig, sechzig, siebzig, achtzig, neunzig, hundert, tausend, dutzend, hälfte",
    "en": "two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, fifteen, twenty, "
    "thirty, forty, fifty, sixty, seventy, eighty, ninety, hundred, thousand, million, dozen, half",
    "fr": "deux, trois, quatre, cinq, six, sept, huit, neuf, dix, onze, douze, quinze, vingt, "
    "trente, quarante, cinquante, soixante, cent, mille, million, moitié, tiers",
    "lb": "zwee, zwou, dräi, véier, fënnef, sechs, siwen, siwe, aacht, néng, zéng, eelef, "
    "zwielef, zwanzeg, drësseg, véierzeg, fofzeg, sechzeg, honnert, dausend, millioun, hallschent",
    "nl": "twee, drie, vier, vijf, zes, zeven, acht, negen, tien, elf, twaalf, twintig, dertig, "
    "veertig, vijftig, zestig, honderd, duizend, miljoen, helft",
}
"""Number words, which words that begin with them count as too: one is left out, as an article."""

UNITS_OF_TIME: Final[dict[str, str]] = {
    "da": "minut, time, dag, døgn, uge, måned, år, nat, nætter",
    "de": "sekunde, minute, stunde, tag, werktag, arbeitstag, woche, monat, jahr, nacht, nächte",
    "en": "second, minute, hour, day, night, week, month, year",
    "es": "minuto, hora, día, semana, mes, año, noche",
    "fr": "seconde, minute, heure, jour, semaine, mois, an, année, nuit",
    "it": "minut, ora, ore, giorn, settiman, mes, ann, nott",
    "lb": "sekonn, minutt, stonn, dag, deeg, aarbechtsdag, aarbechtsdeeg, woch, mount, méint, "
    "joer, nuecht",
    "nl": "seconde, minuut, minuten, uur, uren, dag, werkdag, week, weken, maand, jaar, jaren, "
    "nacht",
    "pl": "minut, godzin, dni, dzień, tydzień, tygodni, miesiąc, miesięc, rok, lat, noc",
    "pt": "minuto, hora, dia, semana, mes, mês, ano, noite",
    "ro": "minut, or, zi, săptămân, lun, an, nop",
    "sv": "minut, timm, dag, dygn, veck, månad, år, natt, nätter",
}
"""Beginnings of units of time; up to two letters may follow."""

PARTICLES: Final = frozenset(
    (
        "da",
        "de",
        "del",
        "den",
        "der",
        "di",
        "du",
        "la",
        "le",
        "te",
        "ten",
        "van",
        "von",
        "vun",
        "zu",
    )
)
"""Words within a name that have no capital."""

CURRENCIES: Final = (
    "bitcoin, cent, dollar, eur, euro, euros, franc, francs, franken, frang, kronen, kronor, lei, "
    "pfund, pound, pounds, złoty, złotych, zloty"
)
