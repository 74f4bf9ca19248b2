"""Pages of a language that is written from the right, and passages in one on any page."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.service import open_service
from api.settings import Settings
from api.web import i18n
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from index.encoders.protocol import Encoder
from index.writer import encode_waiting
from tests.api.clients import beside

STATIC = Path(i18n.__file__).parent / "static"
BRIDGE = """إغلاق الجسر القديم

E34: أعلنت بلدية المدينة أن الجسر القديم فوق النهر سيُغلق أمام السيارات والشاحنات من يوم الاثنين حتى
نهاية الشهر بسبب أعمال الصيانة. ويستطيع المشاة وراكبو الدراجات العبور كالمعتاد في كل الأوقات.
"""
HEBREW = str.maketrans("abcdefghijklmnopqrstuvwxyz", "אבגדהוזחטיכלמנסעפצקרשתםןףץ")


@pytest.fixture
def mirrored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A pseudo-locale: the English catalogue in letters that are written from the right."""
    english = i18n.texts("en")
    said = {key: _in_hebrew(english[key]) for key in english} | {"locale": "he"}
    (tmp_path / "he.json").write_text(json.dumps(said), "utf-8")
    monkeypatch.setattr(i18n, "_CATALOGUES", tmp_path)
    monkeypatch.setattr(i18n, "LANGUAGES", ("he",))
    yield "he"
    i18n.texts.cache_clear()
    i18n.locale_of.cache_clear()


def _in_hebrew(text: str) -> str:
    parts = re.split(r"(\{\w*\})", text)
    return "".join(each if each.startswith("{") else each.translate(HEBREW) for each in parts)


@pytest.fixture(scope="module")
def client(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, cache: Path, encoder: Encoder
) -> Iterator[TestClient]:
    """A client of a collection that has a document in Arabic too."""
    folder = tmp_path_factory.mktemp("mirrored")
    data, file = folder / "data", folder / "bridge.txt"
    shutil.copytree(settings.data, data)
    file.write_text(BRIDGE, "utf-8")
    with Catalogue(data) as catalogue:
        assert list(ingest(catalogue, find_sources([file]), "press"))
        encode_waiting(catalogue, encoder)
    with open_service(Settings(data=data, cache=cache)) as service:
        yield beside(service, {"accept": "text/html"})


def test_a_page_begins_at_the_side_where_its_language_does(
    client: TestClient, mirrored: str
) -> None:
    page = client.get("/", params={"q": "Waar is het register voor gestolen fietsen?"}).text
    assert f'<html lang="{mirrored}" dir="rtl">' in page
    assert '<blockquote lang="nl" dir="ltr">' in page
    assert i18n.texts(mirrored)["answered"] in page
    assert f'<html lang="{mirrored}" dir="rtl">' in client.get("/embed").text
    assert '<html lang="en" dir="ltr">' in client.get("/docs").text, "which is in English"


def test_a_passage_begins_where_its_language_does_whatever_its_first_letter(
    client: TestClient,
) -> None:
    page = client.get("/", params={"q": "متى يغلق الجسر القديم؟", "lang": "en"}).text
    assert '<html lang="en" dir="ltr">' in page
    assert '<blockquote lang="ar" dir="rtl">' in page
    listed = client.get("/v1/documents", headers={"accept": "*/*"}).json()["documents"]
    bridge = next(each["id"] for each in listed if each["file"] == "bridge.txt")
    shown = client.get(f"/documents/{bridge}").text
    assert '<div class="text" lang="ar" dir="rtl">' in shown
    assert re.search(r'<section id="[\d-]+" lang="ar" dir="rtl"', shown)


@pytest.mark.parametrize(
    ("language", "side"),
    [
        ("ar", "rtl"), ("he", "rtl"), ("fa", "rtl"), ("ur", "rtl"), ("yi", "rtl"), ("nl", "ltr"),
        ("ja", "ltr"), ("az-Arab", "rtl"), ("und", "auto"), ("", "auto"), ("qqq", "auto"),
        ("no code", "auto"),
    ],
)  # fmt: skip
def test_a_languages_direction_is_known_or_left_to_the_letters(language: str, side: str) -> None:
    assert i18n.direction(language) == side


@pytest.mark.parametrize("sheet", sorted(STATIC.glob("*.css")), ids=lambda sheet: sheet.name)
def test_no_style_says_left_or_right(sheet: Path) -> None:
    """What it says by start and end is mirrored by itself."""
    styles = sheet.read_text("utf-8")
    assert re.findall(r"[\w-]*\b(?:left|right)\b[^;]*;", styles) == []
    values = re.sub(r"[\w-]+\((?:[^()]|\([^()]*\))*\)", "0", styles)
    sides = re.findall(r"(?:margin|padding|inset):" + r" ([^\s;]+)" * 4 + ";", values)
    assert [each for each in sides if each[1] != each[3]] == []
