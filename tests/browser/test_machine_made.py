"""What a machine made of passages, and the search box of other sites, as a browser shows them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pydantic import SecretStr
from starlette.testclient import TestClient

from api.service import open_service
from api.settings import Settings
from index.snapshot import Snapshot
from tests.api.clients import beside
from tests.api.writing.model_servers import Reply, Scripted, claim, says, scripted, sends
from tests.browser.conftest import PATIENCE_MS
from tests.browser.test_everyone import AXE, SCHEMES

QUOTATION = "Daarvan waren er 61 overladen."
ASKED = {
    "de": ("Wie viele Lastwagen an der E34 waren überladen?", "Davon waren 61 überladen."),
    "en": ("How many lorries on the E34 were overloaded?", "Of these, 61 were overloaded."),
    "fr": ("Combien de camions en surcharge sur la E34 ?", "Parmi eux, 61 étaient en surcharge."),
    "lb": ("Wéi vill Camionen op der E34 waren iwwerlueden?", "Dovu waren der 61 iwwerlueden."),
    "nl": ("Hoeveel vrachtwagens op de E34 waren overladen?", "Daarvan waren er 61 te zwaar."),
}
"""Questions by language, and what a machine writes."""
ORIGIN = "http://127.0.0.1"
POSTED = "form => form.submit()"  # as it is without a script


def both(chat: Reply, translation: Reply) -> Reply:
    """Answer what a language model is asked, and what a translation service is."""
    return lambda handler: (translation if handler.path.endswith("translate") else chat)(handler)


@pytest.fixture(scope="module")
def model() -> Iterator[Scripted]:
    with scripted() as server:
        yield server


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory, sample: Snapshot, cache: Path, model: Scripted
) -> Iterator[TestClient]:
    """The sample, with a language model and a translation service, in this process."""
    data = tmp_path_factory.mktemp("machine") / "data"
    shutil.copytree(sample.view.folder, data)
    settings = Settings(
        data=data,
        cache=cache,
        llm_url=model.url,
        llm_model="scripted-1",
        llm_key=SecretStr("s3cret"),
        translate_url=model.url,
        send_collections="*",
        embed_origins="https://www.example.org",
    )
    with open_service(settings, follow=True) as service:
        yield beside(service)


@pytest.fixture
def page(browser: Browser, client: TestClient) -> Iterator[Page]:
    """A page whose every request the service answers, whatever the address."""

    def answer(route: Route) -> None:
        asked = route.request
        assert asked.url.startswith(ORIGIN)
        headers = {name: value for name, value in asked.headers.items() if name != "host"}
        came = client.request(
            asked.method, asked.url, headers=headers, content=asked.post_data_buffer
        )
        route.fulfill(status=came.status_code, headers=dict(came.headers), body=came.content)

    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    context.route("**/*", answer)
    page = context.new_page()
    yield page
    context.close()


def faults(page: Page, axe: str) -> list[tuple[str, str]]:
    page.evaluate(axe)
    found: list[tuple[str, str]] = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        violations = page.evaluate("options => axe.run(options)", AXE)["violations"]
        found += [(each["id"], node["html"]) for each in violations for node in each["nodes"]]
    return found


@pytest.mark.parametrize("language", ASKED)
def test_axe_finds_nothing_in_what_a_machine_made(
    page: Page, model: Scripted, axe: str, language: str
) -> None:
    translated = sends(
        200, {"Content-Type": "application/json"}, b'{"translatedText": "61 of 214."}'
    )
    question, sentence = ASKED[language]
    lines = [claim(sentence, 1, QUOTATION), claim(sentence.replace("61", "99"), 1, QUOTATION)]
    model.reply = both(says(*lines), translated)
    page.goto(f"{ORIGIN}/?q={quote(question)}&lang={language}")
    page.locator("form.write").evaluate(POSTED)
    expect(page.locator(".written .machine")).to_be_visible()
    expect(page.locator(".written")).to_contain_text(sentence)
    page.evaluate("document.querySelectorAll('details').forEach(one => (one.open = true))")
    assert faults(page, axe) == []
    page.goto(f"{ORIGIN}/?q={quote(question)}&lang={language}")
    page.locator("form.translate-by").first.evaluate(POSTED)
    expect(page.locator(".translation").first).to_be_visible()
    assert faults(page, axe) == []


@pytest.mark.parametrize("language", ASKED)
def test_axe_finds_nothing_in_the_search_box(page: Page, axe: str, language: str) -> None:
    page.goto(f"{ORIGIN}/embed?lang={language}&accent=7a1f3d&paper=fff8e7&ink=202020")
    expect(page.locator("form")).to_be_visible()
    assert faults(page, axe) == []
