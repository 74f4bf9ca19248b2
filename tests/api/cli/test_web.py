"""Sites on the command line. What is refused needs no model, so these are quick."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli.main import main
from corpus.store import erasure
from corpus.store.catalogue import Catalogue
from corpus.web.crawling import Pace
from corpus.web.sources import Kind, WebSource
from corpus.web.visiting import visit
from index.writer import encode_waiting
from tests.corpus.web.site import served
from tests.encoders import WordEncoder

NOTE = "Le 14 décembre 2020, les deux polices ont commencé à patrouiller ensemble à Remich."


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env=environment)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Missing argument"),
        (("https://site.example/", "--watch"), "--watch takes folders only"),
        (("--sitemap", "ftp://site.example/"), "no address of the web"),
        (("--feed", "http://a:b@site.example/"), "a name or a password"),
    ],
)
def test_a_wrong_call_is_told(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = run("ingest", *arguments, "--data", str(tmp_path))
    assert done.exit_code == 2
    assert said in done.output


def test_a_private_host_is_refused_with_the_remedy_and_listed(tmp_path: Path) -> None:
    with served("127.0.0.1") as site:
        address = site.url("/feed", "localhost")
        done = run("ingest", "--feed", address, "--data", str(tmp_path))
        assert done.exit_code == 1
        assert "--allow-private localhost" in done.output
        assert site.asked == []
        shown = run("sources", "--json", "--data", str(tmp_path))
        (source,) = json.loads(shown.stdout)
        assert (source["kind"], source["address"], source["is_open"]) == ("feed", address, True)
        assert "private network" in source["note"]

        allowed = run(
            "ingest", "--feed", address, "--allow-private", "localhost", "--delay", "0",
            "--data", str(tmp_path),
        )  # fmt: skip
        assert "nothing at the address (404)" in allowed.output
        assert [each.path for each in site.asked] == ["/robots.txt", "/feed"]


def test_a_bad_file_of_sources_is_told(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text("[[source]]\n")
    done = run("sources", "--data", str(tmp_path), PASSERELLE_SOURCES=str(file))
    assert done.exit_code == 1
    assert "one of page, sitemap and feed" in done.output


def test_of_an_erased_page_not_even_the_address_stays(tmp_path: Path) -> None:
    word = "qxjvwkzalpha"
    with served() as site, Catalogue(tmp_path) as catalogue:
        site.page("/other", NOTE)
        site.page(f"/{word}", f"{NOTE} Bis.")
        site.sitemap(
            more=f"<url><loc>/other</loc><xhtml:link hreflang='de' href='/{word}'/></url>"
            f"<url><loc>/{word}</loc></url>"
        )
        source = WebSource(
            Kind.SITEMAP,
            site.url("/sitemap.xml", "127.0.0.2"),
            allow_private=frozenset({"127.0.0.2"}),
            delay_seconds=0,
        )
        _, erased = visit(catalogue, source, Pace())
        encode_waiting(catalogue, WordEncoder())
        assert any(word.encode() in file.read_bytes() for file in tmp_path.iterdir())
        assert catalogue.erase(erased.document or "")
        assert erasure.overwrite_deleted(tmp_path)
        for file in tmp_path.iterdir():
            assert word.encode() not in file.read_bytes(), file
