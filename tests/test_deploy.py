"""The files for containers and systemd, as far as they can be checked without running them."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from dockerfile_parse import DockerfileParser
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from api.settings import Settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
LIGHT = DEPLOY / "requirements-light.txt"
HEAVY = {"sentence-transformers", "torch", "transformers"}
SETTINGS = {f"PASSERELLE_{name.upper()}" for name in Settings.model_fields}


def test_the_compose_file_is_what_its_specification_asks_for() -> None:
    compose = DEPLOY / "compose.yaml"
    command = ["check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(compose)]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_container_holds_what_there_is_and_runs_as_nobody_in_particular() -> None:
    lines = DockerfileParser(str(DEPLOY / "Dockerfile")).structure
    said = [(line["instruction"], line["value"]) for line in lines]
    values = dict(said)
    assert ":" in values["FROM"]
    assert values["USER"].isdecimal()
    assert values["USER"] != "0"
    copied = [part for name, value in said if name == "COPY" for part in value.split()[:-1]]
    assert all((ROOT / part).exists() for part in copied)
    assert str(LIGHT.relative_to(ROOT)) in copied
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= set(copied)
    assert json.loads(values["ENTRYPOINT"])[0] in project["project"]["scripts"]
    assert {pair.partition("=")[0] for pair in values["ENV"].split()} <= SETTINGS


def test_the_image_made_without_docker_is_the_one_made_with_it() -> None:
    subprocess.run(["sh", "-n", DEPLOY / "image.sh"], check=True)
    script = (DEPLOY / "image.sh").read_text("utf-8")
    lines = DockerfileParser(str(DEPLOY / "Dockerfile")).structure
    values = {line["instruction"]: line["value"] for line in lines}
    installed = next(line["value"] for line in lines if "apt-get" in line["value"])
    packages = re.compile(r"tesseract-ocr[a-z-]*")
    assert set(packages.findall(script)) == set(packages.findall(installed))
    said = re.findall(r"--config\.([a-z]+) (?:\"([^\"]+)\"|(\S+))", script)
    options = [(name, quoted or plain) for name, quoted, plain in said]
    assert dict(options) | {"env": ""} == {
        "user": values["USER"],
        "entrypoint": json.loads(values["ENTRYPOINT"])[0],
        "cmd": json.loads(values["CMD"])[0],
        "stopsignal": values["STOPSIGNAL"],
        "exposedports": values["EXPOSE"],
        "volume": json.loads(values["VOLUME"])[-1],
        "env": "",
    }
    assert [value for name, value in options if name == "volume"] == json.loads(values["VOLUME"])
    settings = [value for name, value in options if name == "env" and "PASSERELLE" in value]
    assert settings == values["ENV"].split()


def test_the_unit_names_settings_that_there_are() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    text = (DEPLOY / "passerelle.service").read_text("utf-8")
    unit.read_string(text)
    assert unit["Service"]["ExecStart"].split()[-2:] == ["/opt/passerelle/bin/passerelle", "serve"]
    named = [line for line in text.splitlines() if line.startswith("Environment=")]
    assert named
    assert {line.split("=")[1] for line in named} <= SETTINGS
    assert int(unit["Service"]["TimeoutStopSec"]) > 30


def _light() -> list[str]:
    lines = LIGHT.read_text("utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def test_an_installation_without_pytorch_has_all_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = project["dependencies"]
    assert [each for each in wanted if Requirement(each).name not in HEAVY] == _light()
    assert {Requirement(each).name for each in wanted} > HEAVY


def test_nothing_that_it_has_brings_pytorch_after_all() -> None:
    waiting, brought = [Requirement(each) for each in _light()], set[str]()
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if name in brought or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        brought.add(name)
        waiting += [Requirement(each) for each in metadata.requires(name) or []]
    assert "tokenizers" in brought
    assert not HEAVY & brought
