"""Putting documents in and taking them out, from the corpus page."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page, expect

from api.web.i18n import texts
from tests.browser.conftest import Reader
from tests.browser.test_asking import ask
from tests.languages import SHOWN

ENGLISH = texts("en")
QUESTION = "How many trout does the blue heron of Vianden eat in a day?"
HERON = b"""The blue heron of Vianden

The blue heron of Vianden eats exactly nineteen trout a day, says the forester of the castle.
"""


def upload(page: Page, name: str, content: bytes) -> None:
    """Send a file by the form on the corpus page."""
    page.goto("/documents")
    if not page.locator(".upload[open]").count():  # it is where there are no documents yet
        page.locator(".upload > summary").click()
    page.locator(".upload input[type=file]").set_input_files(
        FilePayload(name=name, mimeType="text/plain", buffer=content)
    )
    page.locator(".upload input[name=collection]").fill("birds")
    page.get_by_role("button", name=ENGLISH["add_now"], exact=True).click()


@pytest.mark.parametrize("script", [True, False])
def test_a_document_is_added_asked_about_and_removed(reader: Reader, script: bool) -> None:
    page = reader.opens(script=script)
    name = f"heron-{script}.txt"
    upload(page, name, HERON)
    page.wait_for_url("**/jobs/j-*")
    while not script and page.locator("h1").inner_text() != ENGLISH["job_done"]:
        page.get_by_role("link", name=ENGLISH["look_again"]).click()
    expect(page.locator("h1")).to_have_text(ENGLISH["job_done"])
    expect(page.locator(".job li")).to_contain_text(ENGLISH["outcome_added"])

    asking = reader.opens()
    asking.goto("/")
    ask(asking, QUESTION)
    expect(asking.locator(".turn > .passage mark")).to_contain_text("nineteen trout")

    page.goto("/documents?collection=birds")
    item = page.locator(".listing li", has_text=name)
    item.locator(".remove > summary").click()
    item.get_by_role("button", name=ENGLISH["remove_now"]).click()
    expect(page.get_by_role("status")).to_have_text(ENGLISH["removed"])
    page.goto("/documents?q=heron")
    expect(page.locator(".listing li", has_text=name)).to_have_count(0)


def test_a_file_that_cannot_be_read_is_explained(reader: Reader) -> None:
    page = reader.opens()
    upload(page, "picture.webp", b"RIFF\x00\x00\x00\x00WEBP")
    expect(page.locator("h1")).to_have_text(ENGLISH["problem_415_title"])
    expect(page.get_by_role("alert")).to_have_text(ENGLISH["problem_415"])
    expect(page.locator(".detail")).to_contain_text(".webp")


@pytest.mark.parametrize("language", [each for each in SHOWN if each != "en"])
def test_a_refusal_is_told_in_the_readers_language(reader: Reader, language: str) -> None:
    said = texts(language)
    page = reader.opens(language)
    page.goto("/documents")
    page.locator(".upload > summary").click()
    page.locator(".upload input[type=file]").set_input_files(
        [
            FilePayload(name="good.txt", mimeType="text/plain", buffer=HERON),
            FilePayload(name="bad.pdf", mimeType="application/pdf", buffer=b"%PDF-1.4\nno more"),
        ]
    )
    page.locator(".upload input[name=collection]").fill("partly")
    page.get_by_role("button", name=said["add_now"], exact=True).click()
    expect(page.locator("h1")).to_have_text(said["job_partly"].format(refused=1, total=2))
    refused = page.locator(".job li", has_text="bad.pdf")
    expect(refused).to_contain_text(said["refused_DamagedFile"])
    expect(refused.locator("[lang=en]")).to_be_hidden()
    refused.locator("summary").click()
    expect(refused.locator("[lang=en]")).to_contain_text("PDF")

    page.goto("/documents")
    page.locator(".upload > summary").click()
    page.locator(".upload input[type=file]").set_input_files(
        FilePayload(name="empty.txt", mimeType="text/plain", buffer=b"")
    )
    page.get_by_role("button", name=said["add_now"], exact=True).click()
    expect(page.locator(".detail")).to_contain_text(said["refused_EmptyFile"])
    expect(page.locator("main [lang=en]")).to_be_hidden()
