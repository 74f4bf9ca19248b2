"""A few of the calls that ``make fuzz`` makes by the thousand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.python import asgi

from api.app import create_app
from api.auth.keys import Keys, Scope
from api.service import Service
from tests.robustness.fuzz import CONFIG


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Keys, str]]:
    with Keys(tmp_path_factory.mktemp("keys")) as kept:
        yield kept, kept.add("fuzz", [Scope.READ, Scope.ADMIN])[1]


@pytest.fixture(scope="module")
def described(service: Service, key: tuple[Keys, str]) -> Any:
    kept, text = key
    named = service.settings.changed(hosts=asgi.HOST)
    app = create_app(replace(service, keys=kept, settings=named))
    config = schemathesis.Config.from_path(CONFIG)
    return schemathesis.openapi.from_asgi("/openapi.json", app, config=config, headers=_with(text))


def test_the_api_does_what_its_description_says(described: Any, key: tuple[Keys, str]) -> None:
    tried = 0
    for found in described.get_all_operations():
        operation = found.ok()

        @settings(max_examples=4, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def call(case: Any) -> None:
            case.call_and_validate(headers=_with(key[1]))

        call()
        tried += 1
    assert tried > 12


def _with(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
