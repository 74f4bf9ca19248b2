"""Each kind of text that sets are made of, as tiny files of the same form."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import guides, messages, templates
from benchmarks.types import Ask, Item
from benchmarks.wording import beginning_of, name_of

FOLDER = "usr/share/doc/guide"

EXPLAINED = {
    "en": "The network is set up in the second step, where you are asked for an address.",
    "de": "Das Netzwerk wird im zweiten Schritt eingerichtet, in dem Sie eine Adresse angeben.",
    "fr": "Le réseau est configuré à la deuxième étape, où une adresse vous est demandée.",
}
HEADINGS = {
    "en": "Setting up the network",
    "de": "Das Netzwerk einrichten",
    "fr": "Configurer le réseau",
}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def guide(root: Path, bodies: dict[str, str], page: str = "net") -> None:
    for language, body in bodies.items():
        write(root / "guide" / FOLDER / language / f"{page}.html", f"<html>{body}</html>")


def section(language: str, *, lead: str = "", times: int = 4, more: str = "") -> str:
    """Return a section of a page, with paragraphs that say the same ``times`` over."""
    paragraphs = "".join(f"<p>{EXPLAINED[language]} ({number})</p>" for number in range(times))
    title = f'<h2><a name="net"></a>6.2. {HEADINGS[language]}</h2>'
    return f"{title}<p>{lead}</p>{paragraphs}{more}"


def test_a_section_is_a_document_asked_by_its_heading(tmp_path: Path) -> None:
    guide(tmp_path, {language: section(language) for language in HEADINGS})
    [item] = guides.sections(tmp_path, FOLDER)
    assert item.name == "net-net"
    assert item.asks == (Ask(HEADINGS, {}),)
    assert item.texts["fr"].split("\n\n")[0] == f"{EXPLAINED['fr']} (0)"
    assert not any(HEADINGS[language] in text for language, text in item.texts.items())


def test_a_section_left_in_english_is_no_version_of_it(tmp_path: Path) -> None:
    english = section("en")
    guide(tmp_path, {language: section(language) for language in HEADINGS} | {"nl": english})
    [item] = guides.sections(tmp_path, FOLDER)
    assert set(item.texts) == set(HEADINGS)


def test_a_paragraph_left_in_english_is_taken_out(tmp_path: Path) -> None:
    more = "<p>This was written a day ago.</p>"
    guide(tmp_path, {language: section(language, more=more) for language in HEADINGS})
    [item] = guides.sections(tmp_path, FOLDER)
    assert "a day ago" in item.texts["en"]
    assert "a day ago" not in item.texts["de"]


def test_a_section_in_two_languages_only_is_left_out(tmp_path: Path) -> None:
    guide(tmp_path, {language: section(language) for language in ("en", "fr")})
    assert not list(guides.sections(tmp_path, FOLDER))


def test_boxes_and_footnotes_are_no_part_of_a_section(tmp_path: Path) -> None:
    more = '<div class="sidebar"><p class="title">TIP</p><p>Box</p></div>'
    more += '<div class="footnote"><p>Note</p></div>'
    guide(tmp_path, {language: section(language, more=more) for language in HEADINGS})
    [item] = guides.sections(tmp_path, FOLDER)
    assert not any("Box" in text or "Note" in text for text in item.texts.values())


LEADS = {
    "en": "Nothing works without a cable, so plug it in first and look at the lamps.",
    "de": "Ohne Kabel geht nichts, also stecken Sie es zuerst ein und sehen nach den Lampen.",
    "fr": "Rien ne marche sans câble, alors branchez-le d'abord et regardez les voyants.",
}


def test_a_page_is_a_document_and_the_passage_under_a_heading_is_right(tmp_path: Path) -> None:
    more = '<h3><a id="id-1.2"></a>6.2.1. Numbered by its place</h3><p>Left out.</p>'
    bodies = {one: section(one, lead=LEADS[one], times=60, more=more) for one in HEADINGS}
    guide(tmp_path, bodies, page="net.work")
    [item] = guides.pages(tmp_path, FOLDER)
    assert item.name == "net.work"
    assert all(item.texts[one].startswith(lead) for one, lead in LEADS.items())
    assert item.asks == (Ask(HEADINGS, {one: beginning_of(lead) for one, lead in LEADS.items()}),)


def test_a_heading_whose_passage_cannot_be_told_from_others_is_not_asked(tmp_path: Path) -> None:
    guide(tmp_path, {one: section(one, times=60) for one in HEADINGS})
    assert not list(guides.pages(tmp_path, FOLDER))


DEBCONF = """\
Template: ntp/enable
Type: boolean
Default: true
Description: Enable the time server at boot?
 The time server keeps the clock of this computer right, and it tells the time
 to the other computers of the network that ask for it.
 .
 It needs little memory.
Description-de.UTF-8: Soll der Zeitserver beim Booten gestartet werden?
 Der Zeitserver hält die Uhr dieses Rechners genau und teilt die Zeit den anderen Rechnern mit.
Description-pt_BR.UTF-8: Habilitar o servidor de tempo na inicialização do Brasil?
 O servidor de tempo mantém o relógio deste computador certo no Brasil e informa as horas à rede.
Description-pt.UTF-8: Activar o servidor de tempo no arranque?
 O servidor de tempo mantém o relógio deste computador certo e informa as horas aos da rede.
Description-sv.UTF-8: Enable the time server at boot?
 Tidsservern håller datorns klocka rätt och talar om tiden för de andra datorerna.

Template: ntp/title
Type: title
Description: Configuring the time server
Description-de.UTF-8: Zeitserver konfigurieren
"""


def test_a_debconf_template_is_asked_by_its_short_description(tmp_path: Path) -> None:
    write(tmp_path / "ntp/DEBIAN/templates", DEBCONF)
    [item] = templates.items(tmp_path)
    assert item.name == "ntp-enable"
    assert set(item.texts) == {"de", "en", "pt"}  # the Swedish question was not translated
    assert item.texts["en"].endswith("ask for it.\n\nIt needs little memory.")
    assert item.asks[0].questions["pt"] == "Activar o servidor de tempo no arranque?"


def test_templates_that_ask_the_same_are_taken_once(tmp_path: Path) -> None:
    for package in ("ntp", "ntpsec"):
        write(tmp_path / package / "DEBIAN/templates", DEBCONF)
    assert [item.name for item in templates.items(tmp_path)] == ["ntp-enable"]


def test_templates_with_place_holders_are_left_out(tmp_path: Path) -> None:
    write(tmp_path / "ntp/DEBIAN/templates", DEBCONF.replace("The time server", "${server}"))
    assert not list(templates.items(tmp_path))


WIKI = {
    "en": "====== Send new password ======\n\nPlease enter your **user name** in the form below, "
    "and see [[wiki:mail|your mail]].\n",
    "de": "====== Neues Passwort schicken ======\n\nBitte gib deinen **Benutzernamen** in das "
    "Formular ein und sieh in [[wiki:mail|deine Post]].\n",
    "lb": "====== Neit Passwuert schécken ======\n\nGëff w.e.g. däi **Benotzernumm** an de "
    "Formulaire an a kuck an [[wiki:mail|deng Post]].\n",
}


def test_a_help_page_of_a_wiki_is_asked_by_its_heading(tmp_path: Path) -> None:
    for language, text in WIKI.items():
        write(tmp_path / f"wiki/inc/lang/{language}/resendpwd.txt", text)
    assert list(messages.items(tmp_path)) == [
        Item(
            "inc-resendpwd",
            {
                "de": "Bitte gib deinen Benutzernamen in das Formular ein und sieh in deine Post.",
                "en": "Please enter your user name in the form below, and see your mail.",
                "lb": "Gëff w.e.g. däi Benotzernumm an de Formulaire an a kuck an deng Post.",
            },
            (
                Ask(
                    {
                        "de": "Neues Passwort schicken",
                        "en": "Send new password",
                        "lb": "Neit Passwuert schécken",
                    },
                    {},
                ),
            ),
        )
    ]


def test_mails_to_be_filled_in_are_no_help_pages(tmp_path: Path) -> None:
    for language, text in WIKI.items():
        write(tmp_path / f"wiki/inc/lang/{language}/mail.txt", f"{text}@FULLNAME@")
    assert not list(messages.items(tmp_path))


def test_messages_in_php_are_asked_by_themselves(tmp_path: Path) -> None:
    texts = {
        "en_US": "The disk has no free space left, so the message can't be kept.",
        "de_DE": "Auf der Platte ist kein Platz mehr, die Nachricht wird nicht aufbewahrt.",
        "lb_LU": "Et ass net méi genuch Plaz um Disk, de Message gëtt net gehalen.",
    }
    for locale, text in texts.items():
        escaped = text.replace("'", r"\'")
        write(tmp_path / f"mail/program/localization/{locale}/messages.inc",
              f"<?php\n$messages['full'] = '{escaped}';\n$messages['ok'] = 'Ok';\n")  # fmt: skip
    [item] = messages.items(tmp_path)
    assert item.name == "mail-program-messages-full"
    assert item.texts == {"de": texts["de_DE"], "en": texts["en_US"], "lb": texts["lb_LU"]}
    assert item.asks == (Ask(item.texts, {}),)


@pytest.mark.parametrize(
    ("paragraph", "beginning"),
    [("Short.", "Short."),
     ("Install the package now. Then configure it as the next pages of this guide tell.",
      "Install the package now."),
     ("This sentence goes on for a good deal longer than a snippet may be long.",
      "This sentence goes on for a good deal longer than a snippet")],
)  # fmt: skip
def test_a_snippet_is_whole_words_of_the_first_sentence(paragraph: str, beginning: str) -> None:
    assert beginning_of(paragraph) == beginning


def test_names_are_safe_for_files() -> None:
    assert name_of("ntp-Enable/../At boot?") == "ntp-enable-..-at-boot"
