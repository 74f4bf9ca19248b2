"""The page of the model: a change is seen, taken, rolled back and ended by its buttons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.audit import chain
from api.auth.keys import Keys, Scope
from api.service import Service, open_service
from api.settings import Settings
from api.web.i18n import texts
from corpus.store.catalogue import Catalogue
from corpus.store.model_change import State
from tests.api.changing import change_in, files, measured_beside, prepared
from tests.api.clients import afar, beside
from tests.api.waiting import until
from tests.languages import SHOWN

BROWSER = {"accept": "text/html"}
FIELD = re.compile(r'name="(step|model)" value="([^"]+)"')


@pytest.fixture
def settings(tmp_path: Path, cache: Path) -> Settings:
    return prepared(tmp_path, cache)


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    with open_service(settings, follow=True) as opened:
        yield opened


@pytest.fixture
def client(service: Service) -> TestClient:
    client = beside(service, {**BROWSER, "accept-language": "en"})
    client.follow_redirects = False
    return client


def offered(client: TestClient) -> dict[str, str]:
    """Return the steps that the page offers, each with what its form says of the model."""
    fields = FIELD.findall(client.get("/model").text)
    steps = [value for name, value in fields if name == "step"]
    return dict(zip(steps, (value for name, value in fields if name == "model"), strict=True))


def press(client: TestClient, step: str) -> None:
    """Send a form of the page as soon as the page has it."""
    until(lambda: step in offered(client))
    answer = client.post("/model", data={"step": step, "model": offered(client)[step]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/model")


def test_the_new_model_is_taken_rolled_back_and_dropped_by_buttons_while_questions_are_answered(
    client: TestClient, settings: Settings, service: Service
) -> None:
    assert list(offered(client)) == ["take", "drop"]
    press(client, "take")
    assert len(files(client)) == 3
    until(lambda: list(offered(client)) == ["roll-back", "finish"])
    assert change_in(settings).state is State.TAKEN
    assert "words" in client.get("/model").text
    press(client, "roll-back")
    assert len(files(client)) == 3
    until(lambda: list(offered(client)) == ["take", "drop"])
    press(client, "drop")
    assert offered(client) == {}
    assert "passerelle model prepare" in client.get("/model").text
    assert len(files(client)) == 3
    steps = [each.on["step"] for each in chain.records(settings.data)]
    assert steps == ["take", "roll-back", "drop"]
    with Catalogue.existing(settings.data) as catalogue:
        until(lambda: not catalogue._one("SELECT 1 FROM models WHERE replaced = 1"))


def test_the_former_model_is_deleted_by_a_button(client: TestClient, settings: Settings) -> None:
    press(client, "take")
    press(client, "finish")
    assert offered(client) == {}
    assert len(files(client)) == 3
    with Catalogue.existing(settings.data) as catalogue:
        active = catalogue.active_model()
    assert active is not None
    assert active.revision == "model"


@pytest.mark.parametrize(
    ("step", "model"), [("take", "another"), ("roll-back", ""), ("finish", ""), ("drop", "another")]
)
def test_a_step_that_is_not_of_what_is_so_now_is_refused_with_how_it_is(
    client: TestClient, settings: Settings, step: str, model: str
) -> None:
    shown = change_in(settings)
    answer = client.post("/model", data={"step": step, "model": model or shown.other.model.sha256})
    assert answer.status_code == 409
    assert texts("en")["model_changed"] in answer.text
    assert change_in(settings) == shown


def test_no_request_names_a_model_or_a_folder(client: TestClient, settings: Settings) -> None:
    for fields in (
        {"step": "prepare", "model": "/models/other"},
        {"step": "take", "model": str(settings.data.parent / "model")},
        {"step": "take", "model": change_in(settings).other.model.sha256, "source": "/models/x"},
    ):
        assert client.post("/model", data=fields).status_code in (409, 422)
    assert change_in(settings).state is State.PREPARED


def test_where_written_answers_could_not_be_checked_the_model_is_not_taken(
    service: Service, settings: Settings
) -> None:
    writing = settings.changed(llm_url="http://127.0.0.1:9/v1", llm_model="m")
    client = beside(replace(service, settings=writing), {**BROWSER, "accept-language": "en"})
    model = change_in(settings).other.model.sha256
    answer = client.post("/model", data={"step": "take", "model": model})
    assert answer.status_code == 409
    assert texts("en")["model_writing"] in answer.text
    assert change_in(settings).state is State.PREPARED


def test_a_switch_that_fails_is_said_and_the_model_that_answered_goes_on(
    client: TestClient, settings: Settings
) -> None:
    (settings.data.parent / "model" / "words").unlink()
    press(client, "take")
    until(lambda: texts("en")["model_failed"] in client.get("/model").text)
    assert len(files(client)) == 3
    assert change_in(settings).state is State.PREPARED
    press(client, "drop")


def test_a_model_that_another_process_took_and_that_cannot_be_loaded_is_rolled_back(
    client: TestClient, settings: Settings
) -> None:
    (settings.data.parent / "model" / "words").unlink()
    with Catalogue.existing(settings.data) as catalogue:
        assert catalogue.switch_model(change_in(settings).other.model)
    until(lambda: texts("en")["model_failed"] in client.get("/model").text)
    assert client.get("/ready").status_code == 503
    assert len(files(client)) == 3
    press(client, "roll-back")
    until(lambda: list(offered(client)) == ["take", "drop"])
    assert client.get("/ready").status_code == 200


@pytest.mark.parametrize(
    ("scopes", "collections", "seen", "pressed"),
    [
        ([Scope.READ, Scope.WRITE], [], 403, 403),
        ([Scope.ADMIN], [], 200, 403),
        (list(Scope), ["press"], 200, 403),
        (list(Scope), [], 200, 303),
    ],
)
def test_who_may_change_every_collection_changes_the_model(
    service: Service,
    settings: Settings,
    tmp_path: Path,
    scopes: list[Scope],
    collections: list[str],
    seen: int,
    pressed: int,
) -> None:
    with Keys(tmp_path / "keys") as keys:
        _, text = keys.add("Operator", scopes, collections or None)
        client = afar(create_app(replace(service, keys=keys)), text, headers=BROWSER)
        page = client.get("/model")
        assert page.status_code == seen
        assert ('<form method="post" action="/model"' in page.text) == (pressed == 303)
        model = change_in(settings).other.model.sha256
        answer = client.post("/model", data={"step": "drop", "model": model})
        assert answer.status_code == pressed


@pytest.mark.parametrize(
    ("scopes", "collections", "is_told"),
    [
        ([Scope.READ, Scope.ADMIN], [], True),
        (list(Scope), ["press"], False),
        ([Scope.ADMIN], [], False),
    ],
)
def test_only_who_reads_every_collection_is_told_what_both_models_find_in_all_of_them(
    settings: Settings, tmp_path: Path, scopes: list[Scope], collections: list[str], is_told: bool
) -> None:
    with Catalogue.existing(settings.data) as catalogue:
        catalogue.end_model_change()
        measured_beside(catalogue)
    said = texts("en")
    lacking = said["model_lacking_other"].format(count=change_in(settings).lacking)
    with open_service(settings) as service, Keys(tmp_path / "keys") as keys:
        _, text = keys.add("Operator", scopes, collections or None)
        app = create_app(replace(service, keys=keys))
        page = afar(app, text, headers={**BROWSER, "accept-language": "en"}).get("/model").text
    assert "another-model" in page
    for figure in ("own.jsonl", "1,200", lacking):
        assert (figure in page) == is_told
    assert said["model_unmeasured"] not in page


@pytest.mark.parametrize("language", SHOWN)
def test_both_rows_of_figures_stand_beside_one_another_in_the_readers_language(
    settings: Settings, language: str
) -> None:
    with Catalogue.existing(settings.data) as catalogue:
        catalogue.end_model_change()
        measured_beside(catalogue)
    with open_service(settings) as service:
        page = beside(service, {**BROWSER, "accept-language": language}).get("/model").text
    said = texts(language)
    for key in ("model_first", "model_first_five", "model_wrongly_refused", "model_refused"):
        assert f">{said[key]}</th>" in page
    assert f'<th scope="col">{said["model_present"]} ' in page
    assert said["model_former"] not in page, "before the new one is taken"
    cells = re.findall(r"<td>([^<]+)</td>", page)
    numbers = [re.sub(r"[.,’'\u00a0\u202f]", "", cell).split() for cell in cells]
    assert [(each[0], each[-1]) for each in numbers] == [
        ("800", "1200"), ("811", "1200"), ("1000", "1200"), ("1000", "1200"),
        ("7", "1200"), ("7", "1200"), ("38", "40"), ("38", "40"),
    ]  # fmt: skip
