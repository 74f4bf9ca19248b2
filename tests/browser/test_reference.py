"""Trying the API on the page of its reference."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.browser.conftest import Reader
from tests.browser.test_asking import FIRST


def test_a_question_is_sent_and_its_answer_shown(reader: Reader) -> None:
    page = reader.opens()
    page.goto("/docs")
    form = page.get_by_role("form", name="Try POST /v1/ask")
    form.get_by_label("Body").fill(json.dumps({"question": FIRST}))
    form.get_by_role("button").click()
    expect(form.get_by_role("status")).to_contain_text("200")
    assert json.loads(form.locator("pre").inner_text())["answered"]
    form.get_by_label("Body").fill(json.dumps({"question": FIRST, "langauges": []}))
    form.get_by_role("button").click()
    expect(form.get_by_role("status")).to_contain_text("422")
    expect(form.locator("pre")).to_contain_text("langauges")


def test_fields_that_are_left_empty_are_not_sent(reader: Reader) -> None:
    page = reader.opens()
    page.goto("/docs")
    form = page.get_by_role("form", name="Try GET /v1/documents", exact=True)
    form.get_by_label("limit").fill("1")
    form.get_by_role("button").click()
    expect(form.get_by_role("status")).to_contain_text("200")
    listed = json.loads(form.locator("pre").inner_text())
    assert len(listed["documents"]) == 1
    one = page.get_by_role("form", name="Try GET /v1/documents/{id}", exact=True)
    one.get_by_label("id", exact=True).fill(listed["documents"][0]["id"])
    one.get_by_role("button").click()
    expect(one.locator("pre")).to_contain_text(listed["documents"][0]["sha256"])


def test_without_a_script_there_are_commands_only(reader: Reader) -> None:
    page = reader.opens(script=False)
    page.goto("/docs")
    expect(page.locator(".trial").first).to_be_hidden()
    expect(page.locator("pre", has_text="curl ").first).to_be_visible()
