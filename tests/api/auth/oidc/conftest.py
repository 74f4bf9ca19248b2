from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.auth.keys import Keys
from api.auth.oidc.provider import Provider
from api.auth.oidc.provider_file import ProviderFile, read_provider
from api.service import Service
from tests.api.clients import afar

HERE = Path(__file__).parent
MODULES = Path(__file__).parents[4] / ".venv" / "oidc-provider"
"""Where ``make test`` installs what the lock beside this file says."""

OURS = "https://192.0.2.1"
SECRET = "a secret of the tests"
GROUPS = {"anna": ["press", "canteen"], "ben": ["archive"], "carla": ["canteen"], "dora": []}

FILE = """
name = "the staff account"
issuer = "{issuer}"
client_id = "passerelle"
secret_file = "secret"
url = "{url}"
scopes = ["groups"]

[[group]]
name = "press"
read = ["press"]

[[group]]
name = "archive"
read = ["*"]
write = ["odd"]
admin = true
"""


def write_file(folder: Path, issuer: str, more: str = "", url: str = OURS) -> Path:
    """Return an operator's file; ``more`` goes before its groups."""
    (folder / "secret").write_text(f"{SECRET}\n")
    file = folder / "provider.toml"
    file.write_text(FILE.format(issuer=issuer, url=url).replace("\n[[", f"{more}\n[[", 1))
    return file


@pytest.fixture(scope="package")
def issuer() -> Iterator[str]:
    """The real provider."""
    with running_provider(OURS) as issuer:
        yield issuer


@contextmanager
def running_provider(url: str) -> Iterator[str]:
    """Run the certified provider of npm for a server of ours, and yield what it calls itself."""
    command = ["node", str(HERE / "provider.mjs"), str(MODULES), f"{url}/sign-in/return"]
    with subprocess.Popen(
        [*command, json.dumps(GROUPS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate()


@pytest.fixture(scope="package")
def said(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> ProviderFile:
    return read_provider(write_file(tmp_path_factory.mktemp("provider"), issuer))


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keys]:
    with Keys(tmp_path) as keys:
        yield keys


@pytest.fixture
def browser(service: Service, keys: Keys, said: ProviderFile) -> Iterator[Browser]:
    """A browser that has not signed in, of a server with the real provider."""
    browser = Browser.of(service, keys, Provider(said))
    with browser.theirs:
        yield browser


@dataclass
class Browser:
    """Somebody's browser, of which one half talks to our server and the other to the provider's."""

    ours: TestClient
    theirs: httpx2.Client

    @classmethod
    def of(cls, service: Service, keys: Keys, provider: Provider) -> Browser:
        app = create_app(replace(service, keys=keys, provider=provider))
        headers = {"accept": "text/html"}
        ours = afar(app, base_url=OURS, headers=headers)
        return cls(ours, httpx2.Client(headers=headers, trust_env=False))

    def begin(self, back: str = "/") -> str:
        """Return where the provider's page is."""
        response = self.ours.get("/sign-in/provider", params={"back": back})
        assert response.status_code == 303, response.text
        return str(response.headers["location"])

    def at_the_provider(self, address: str, login: str) -> str:
        """Sign in there, and return the address that it leads back to."""
        while not address.startswith(OURS):
            response = self.theirs.get(address)
            while not response.has_redirect_location:
                assert response.status_code == 200, response.text
                action, fields = form(response.text)
                fields |= {"login": login, "password": "any"} if "login" in fields else {}
                response = self.theirs.post(urljoin(str(response.url), action), data=fields)
            address = urljoin(str(response.url), response.headers["location"])
        return address

    def come_back(self, address: str) -> httpx2.Response:
        """Go through the page that the provider leads to, and return what answers there."""
        page = self.ours.get(address.removeprefix(OURS))
        assert page.status_code == 200, page.text
        on = re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', page.text)
        assert on, page.text
        return self.ours.get(html.unescape(on[1]))

    def signs_in(self, login: str, back: str = "/") -> httpx2.Response:
        return self.come_back(self.at_the_provider(self.begin(back), login))


def form(page: str) -> tuple[str, dict[str, str]]:
    """Return where the form of a page leads, and its fields."""
    action = re.search(r'<form[^>]*action="([^"]*)"', page)
    assert action, page
    inputs = re.findall(r'<input[^>]*name="(\w+)"(?:[^>]*value="([^"]*)")?', page)
    return html.unescape(action[1]), dict(inputs)
