"""Each kind of source, as tiny files of the same form."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from zipfile import ZipFile

import pytest

from training.extract import descriptions, fluent, libreoffice, mediawiki, messages, pages
from training.types import Unit, language_code


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("locale", "language"),
    [("pt_BR", "pt"), ("en-US", "en"), ("nb", "no"), ("zh-cn", "zh"), ("de-formal", "de"),
     ("zh_TW", None), ("en_GB", None), ("sr@latin", None), ("ast", None), ("xx", None)],
)  # fmt: skip
def test_locales_stand_for_languages(locale: str, language: str | None) -> None:
    assert language_code(locale) == language


def test_libreoffice_paragraphs_have_the_same_id_in_every_language(tmp_path: Path) -> None:
    page = '<body><p id="par_id1" class="paragraph">{}</p><p id="x">Menu</p></body>'
    for locale, text in (("en-US", "Save the <b>file</b>."), ("fr", "Enregistrez  le fichier.")):
        folder = tmp_path / f"help-{locale}" / "usr/share/libreoffice/help" / locale / "text"
        write(folder / "guide/save.html", page.format(text))
    assert list(libreoffice.units(tmp_path)) == [
        Unit("en", "guide/save.html#par_id1", "Save the file."),
        Unit("fr", "guide/save.html#par_id1", "Enregistrez le fichier."),
    ]


def test_a_heading_goes_with_the_first_paragraph_under_it(tmp_path: Path) -> None:
    write(
        tmp_path / "help/usr/share/libreoffice/help/de/text/keys.html",
        '<h1 id="hd_id1">Seiten <b>drehen</b></h1><p id="par_id1">Eins.</p>'
        '<p id="par_id2">Zwei.</p>',
    )
    write(
        tmp_path / "p/help/C/a.page",
        '<page id="top"><title>Turn pages</title><p>One.</p><p>Two.</p>'
        "<section><title>Again</title><p>Three.</p></section></page>",
    )
    assert [
        [(unit.text, unit.heading) for unit in units]
        for units in (libreoffice.units(tmp_path), PAGES(tmp_path))
    ] == [
        [("Eins.", "Seiten drehen"), ("Zwei.", "")],
        [("One.", "Turn pages"), ("Two.", ""), ("Three.", "Again")],
    ]


def test_libreoffice_keys_are_those_of_other_systems_than_macos(tmp_path: Path) -> None:
    write(
        tmp_path / "help/usr/share/libreoffice/help/de/text/keys.html",
        '<p id="par_id1">Mit <span><span class="MAC">Befehl</span><span>Strg</span></span>+F.</p>',
    )
    assert [unit.text for unit in libreoffice.units(tmp_path)] == ["Mit Strg+F."]


PAGES = pages.reader(r"help/(?P<locale>\w+)/(?P<page>.+)\.(?:page|docbook|html)")
MALLARD = """<page xmlns="http://projectmallard.org/1.0/" id="top">
<info><desc>{}</desc></info><p>{}</p><section id="more"><p>{}</p>{}</section></page>"""


def texts_by_id(root: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for unit in PAGES(root):
        found.setdefault(unit.id, {})[unit.language] = unit.text
    return found


def test_paragraphs_of_pages_align_by_their_place(tmp_path: Path) -> None:
    write(tmp_path / "p/help/C/a.page", MALLARD.format("Info", "One.", "Two.", ""))
    write(tmp_path / "p/help/fr/a.page", MALLARD.format("Info", "Un.", "Deux.", ""))
    assert list(texts_by_id(tmp_path).values()) == [
        {"en": "One.", "fr": "Un."}, {"en": "Two.", "fr": "Deux."}
    ]  # fmt: skip


def test_a_section_of_another_version_aligns_with_nothing_and_the_others_do(
    tmp_path: Path,
) -> None:
    write(tmp_path / "p/help/C/a.page", MALLARD.format("", "One.", "Two.", "<p>New.</p>"))
    write(tmp_path / "p/help/fr/a.page", MALLARD.format("", "Un.", "Deux.", ""))
    assert list(texts_by_id(tmp_path).values()) == [
        {"en": "One.", "fr": "Un."}, {"en": "Two."}, {"en": "New."}, {"fr": "Deux."}
    ]  # fmt: skip


@pytest.mark.parametrize(
    "paragraph",
    [
        "<p>Press <guiseq><gui>File</gui><gui>Save</gui></guiseq>.</p>",
        '<p>Press <media type="image" src="x.png"/>.</p>',
        "<p>Start &program;.</p>",
    ],
)
def test_a_paragraph_that_lacks_a_part_is_left_out(tmp_path: Path, paragraph: str) -> None:
    write(tmp_path / "p/help/C/a.page", f"<page>{paragraph}<p>Whole.</p></page>")
    assert [unit.text for unit in PAGES(tmp_path)] == ["Whole."]


def test_numbered_ids_of_a_style_sheet_do_not_keep_html_apart(tmp_path: Path) -> None:
    page = '<html><body><h2 id="idm{}">x</h2><ul><li>{}<p>{}</p></li></ul></body></html>'
    write(tmp_path / "p/help/C/a.html", page.format(17, "One.", "Two."))
    write(tmp_path / "p/help/nl/a.html", page.format(23, "Een.", "Twee."))
    assert list(texts_by_id(tmp_path).values()) == [
        {"en": "One.", "nl": "Een."}, {"en": "Two.", "nl": "Twee."}
    ]  # fmt: skip


def test_a_div_of_class_para_is_a_paragraph(tmp_path: Path) -> None:
    write(tmp_path / "p/help/C/a.html", '<div><div class="para">One.</div><div>Menu</div></div>')
    assert [unit.text for unit in PAGES(tmp_path)] == ["One."]


def test_the_plainest_variety_comes_first(tmp_path: Path) -> None:
    for locale in ("pt_BR", "pt"):
        write(tmp_path / f"p/help/{locale}/a.html", f"<html><body><p>{locale}</p></body></html>")
    assert [unit.text for unit in PAGES(tmp_path)] == ["pt", "pt_BR"]


def test_messages_align_by_their_english(tmp_path: Path) -> None:
    path = tmp_path / "p/usr/share/locale/lb/LC_MESSAGES/game.mo"
    path.parent.mkdir(parents=True)
    header = "Content-Type: text/plain; charset=UTF-8\n"
    path.write_bytes(catalogue({"": header, "story\x04The war\nis over.": "De Krich ass eriwwer."}))
    english, translation = messages.units(tmp_path)
    assert english.id == translation.id
    assert (english.language, english.text) == ("en", "The war is over.")
    assert (translation.language, translation.text) == ("lb", "De Krich ass eriwwer.")


def test_a_message_of_several_paragraphs_is_learnt_paragraph_by_paragraph(tmp_path: Path) -> None:
    path = tmp_path / "p/usr/share/locale/de/LC_MESSAGES/game.mo"
    path.parent.mkdir(parents=True)
    told = {"": "Content-Type: text/plain; charset=UTF-8\n", "One.\n\nTwo.": "Eins.\n\nZwei."}
    path.write_bytes(catalogue(told | {"Three.\n\nFour.": "Drei und vier."}))
    texts = [unit.text for unit in messages.units(tmp_path)]
    assert texts == ["One.", "Eins.", "Two.", "Zwei.", "Three. Four.", "Drei und vier."]


def catalogue(of: dict[str, str]) -> bytes:
    """Return a gettext catalogue, as ``msgfmt`` writes it."""
    keys = [key.encode() for key in sorted(of)]
    values = [of[key].encode() for key in sorted(of)]
    start = 28 + 16 * len(of)
    table, data = b"", b""
    for text in [*keys, *values]:
        table += struct.pack("<II", len(text), start + len(data))
        data += text + b"\0"
    header = struct.pack("<7I", 0x950412DE, 0, len(of), 28, 28 + 8 * len(of), 0, 0)
    return header + table + data


FLUENT = """secret = {}
    .label = {}
varies = {{ $count }} files
"""


def test_a_language_packs_messages_have_the_same_id_in_every_language(tmp_path: Path) -> None:
    for locale, text, label in (
        ("en-GB", "{ -brand-short-name } keeps  it.", "Keep"),
        ("ga-IE", "Coinníonn { -brand-short-name } é.", "Coinnigh"),
    ):
        pack = tmp_path / locale / f"langpack-{locale}@browser.xpi"
        pack.parent.mkdir()
        with ZipFile(pack, "w") as archive:
            archive.writestr(f"localization/{locale}/a.ftl", FLUENT.format(text, label))
            archive.writestr(f"chrome/{locale}/a.properties", "old=Left out")
    (tmp_path / "langpack-nl@browser.xpi").write_bytes(b"not a ZIP")
    assert list(fluent.units(tmp_path)) == [
        Unit("en", "browser.xpi:a.ftl#secret", "Firefox keeps it."),
        Unit("en", "browser.xpi:a.ftl#secret.label", "Keep"),
        Unit("ga", "browser.xpi:a.ftl#secret", "Coinníonn Firefox é."),
        Unit("ga", "browser.xpi:a.ftl#secret.label", "Coinnigh"),
    ]


def test_wiki_messages_align_by_their_key_and_lose_their_markup(tmp_path: Path) -> None:
    folder = tmp_path / "mediawiki/languages/i18n"
    write(folder / "en.json", json.dumps({"@metadata": {}, "a": "See [[Help:A|the ''help'']]."}))
    write(folder / "lb.json", json.dumps({"a": "Kuckt [[Hëllef]]."}))
    assert list(mediawiki.units(tmp_path)) == [
        Unit("en", "mediawiki/languages/i18n#a", "See the help."),
        Unit("lb", "mediawiki/languages/i18n#a", "Kuckt Hëllef."),
    ]


DESCRIPTION = """Package: orbit
Description-md5: 0123456789abcdef
Description-{}: short
 {}
 .
  * a list
 .
 {}

"""


def test_descriptions_align_by_the_hash_of_the_english_and_their_place(tmp_path: Path) -> None:
    write(
        tmp_path / "x_Translation-en", DESCRIPTION.format("en", "It draws\n orbits.", "It sings.")
    )
    write(tmp_path / "x_Translation-fr", DESCRIPTION.format("fr", "Il dessine.", "Il chante."))
    assert list(descriptions.units(tmp_path)) == [
        Unit("en", "orbit/01234567/3#0", "It draws orbits.", "short"),
        Unit("en", "orbit/01234567/3#1", ""),
        Unit("en", "orbit/01234567/3#2", "It sings."),
        Unit("fr", "orbit/01234567/3#0", "Il dessine.", "short"),
        Unit("fr", "orbit/01234567/3#1", ""),
        Unit("fr", "orbit/01234567/3#2", "Il chante."),
    ]


def test_a_description_with_more_or_fewer_paragraphs_aligns_with_nothing(tmp_path: Path) -> None:
    write(tmp_path / "x_Translation-en", DESCRIPTION.format("en", "It draws.", "It sings."))
    write(tmp_path / "x_Translation-fr", DESCRIPTION.format("fr", "Il dessine.\n .\n Oui.", "Non."))
    english, french = (
        {unit.id for unit in descriptions.units(tmp_path) if unit.language == language}
        for language in ("en", "fr")
    )
    assert english
    assert french
    assert not english & french


def test_descriptions_in_two_varieties_have_the_plainest_first(tmp_path: Path) -> None:
    for locale in ("pt%5fBR", "pt"):
        write(tmp_path / f"x_Translation-{locale}", DESCRIPTION.format("pt", locale, "Canta."))
    texts = [unit.text for unit in descriptions.units(tmp_path) if unit.id.endswith("#0")]
    assert texts == ["pt", "pt%5fBR"]
    assert {unit.language for unit in descriptions.units(tmp_path)} == {"pt"}


def test_a_record_without_hash_or_text_describes_nothing(tmp_path: Path) -> None:
    record = "Package: a\nDescription-{}: short\n{}\n"
    write(tmp_path / "x_Translation-en", record.format("en", " Text."))
    write(tmp_path / "x_Translation-fr", record.format("md5", ""))
    assert list(descriptions.units(tmp_path)) == []


def test_a_damaged_file_is_reported_and_the_rest_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / "p/i18n/en.json", '{"a": "Hel')
    write(tmp_path / "p/i18n/fr.json", '{"a": "Bonjour"}')
    assert [unit.text for unit in mediawiki.units(tmp_path)] == ["Bonjour"]
    assert "en.json is left out" in caplog.text
