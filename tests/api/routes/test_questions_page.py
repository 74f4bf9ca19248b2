"""The page of the questions: how many, what came of them, and which passages helped."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api import feedback
from api.answering import Answering
from api.app import create_app
from api.asked import counts
from api.asked.counts import FILE_NAME, MIN_ALIKE
from api.asked.recorder import Recorder
from api.auth.keys import Keys, Scope
from api.evaluations.running import Evaluator
from api.feedback import Verdict
from api.service import Service
from api.web.i18n import counted, texts
from corpus.types import Span
from tests.api.clients import afar, beside
from tests.languages import SHOWN

DAYS = 30
FOUND, NOT_FOUND = "Hoeveel fietsen werden teruggegeven?", "Who won the world cup in 1998?"
EVERY = [Scope.READ, Scope.ADMIN]


def keeping(service: Service, folder: Path, days: int = DAYS) -> Service:
    """Return the service with ratings, keys and counts of its own in a folder."""
    names = frozenset({"press", "odd"})
    return replace(
        service,
        settings=service.settings.changed(data=folder, keep_questions=days),
        keys=Keys(folder),
        asked=Recorder(folder, days, lambda: names),
    )


@pytest.fixture
def own(service: Service, tmp_path: Path) -> Iterator[Service]:
    own = keeping(service, tmp_path)
    yield own
    own.keys.close()


def shown(client: TestClient, address: str = "/questions", language: str = "en") -> str:
    response = client.get(address, headers={"accept-language": language, "accept": "text/html"})
    assert response.status_code == 200, response.text
    return unescape(response.text)


def numbers(own: Service) -> list[int]:
    return list(own.asked.figures(7, None).outcomes.values())


def test_a_question_is_counted_once_wherever_it_is_asked(own: Service) -> None:
    client = beside(own)
    client.get("/", params={"q": FOUND})
    client.post("/v1/ask", json={"question": FOUND})
    chat = {"model": "passerelle", "messages": [{"role": "user", "content": NOT_FOUND}]}
    client.post("/v1/chat/completions", json=chat)
    assert numbers(own) == [2, 0, 1]
    client.get("/")  # whose suggestions are answered to see whether they are
    client.get("/", params={"q": FOUND, "format": "csv"})
    client.post("/write", params={"q": FOUND})
    client.get("/", params={"q": "Merci !"})
    client.get("/", params={"q": "?"})
    assert numbers(own) == [2, 0, 1]


def test_words_are_shown_from_five_alike_on(own: Service) -> None:
    client = beside(own)
    for way in (FOUND, FOUND.upper(), f" {FOUND} ", FOUND.rstrip("?")):
        client.post("/v1/ask", json={"question": way})
    assert "hoeveel" not in shown(client).lower()
    assert texts("en")["all_untold_other"].format(count=4) in shown(client)
    client.post("/v1/ask", json={"question": FOUND})
    assert "are not shown" not in shown(client)
    assert "is not shown" not in shown(client)
    client.post("/v1/ask", json={"question": NOT_FOUND})
    page = shown(client)
    assert 'aria-current="page"' not in page, "the menu does not lead there"
    assert ">hoeveel fietsen werden teruggegeven<" in page
    assert texts("en")["times"].format(count=5) in page
    assert texts("en")["untold_one"] in page
    assert "world cup" not in page


def test_markup_in_a_question_stays_text(own: Service) -> None:
    for _ in range(MIN_ALIKE):
        beside(own).post("/v1/ask", json={"question": "fiets <b onclick=x>?"})
    assert ">fiets &lt;b onclick=x&gt;</h3>" in beside(own).get("/questions").text


def test_who_runs_one_collection_learns_nothing_of_the_others(
    own: Service, ids: dict[str, str]
) -> None:
    app = create_app(own)
    keys = {
        name: own.keys.add(name, scopes, collections)[1]
        for name, scopes, collections in (
            ("admin", EVERY, None),
            ("press", EVERY, ["press"]),
            ("odd", EVERY, ["odd"]),
            ("metrics", [Scope.ADMIN], None),
            ("reader", [Scope.READ], ["press"]),
        )
    }
    who = {name: afar(app, key) for name, key in keys.items()}
    for _ in range(MIN_ALIKE):
        who["reader"].post("/v1/ask", json={"question": FOUND})
        who["admin"].post("/v1/ask", json={"question": "Wien bedreift d’Bäckerei?"})
    rated = Verdict(FOUND, ids["fietsen.txt"], Span(0, 10), helpful=True)
    feedback.keep(own.settings.data, rated)
    assert "bäckerei" in shown(who["admin"])
    assert "bäckerei" not in shown(who["admin"], "/questions?collection=press")
    for name, sees in {"admin": True, "press": True, "odd": False, "metrics": False}.items():
        page = shown(who[name])
        assert ("hoeveel fietsen" in page, "fietsen.txt" in page) == (sees, sees), name
        assert ("bäckerei" in page) == (name == "admin")
    assert "press" not in shown(who["odd"])
    assert who["odd"].get("/questions?collection=press").status_code == 422
    assert who["reader"].get("/questions").status_code == 403
    assert 'href="/questions"' in shown(who["press"], "/documents")
    assert 'href="/questions"' not in shown(who["reader"], "/documents")


@pytest.mark.parametrize("language", SHOWN)
def test_readers_are_told_where_they_ask_and_only_if_it_is_so(
    own: Service, service: Service, language: str
) -> None:
    told = counted("kept", DAYS, language).format(count=DAYS)
    spoken = {"accept-language": language}
    for address in ("/?q=?", *(("/", f"/?q={FOUND}") if language == "lb" else ())):
        assert told in unescape(beside(own).get(address, headers=spoken).text)
        assert 'class="kept"' not in beside(service).get(address, headers=spoken).text
    assert texts(language)["words_off"] in shown(beside(service), language=language)


def test_rated_passages_are_shown_by_what_most_readers_found(
    own: Service, ids: dict[str, str]
) -> None:
    folder = own.settings.data
    for helpful, name in ((True, "train.txt"), (True, "train.txt"), (False, "fietsen.txt")):
        feedback.keep(folder, Verdict(FOUND, ids[name], Span(0, 300), helpful=helpful))
    feedback.keep(folder, Verdict(FOUND, ids["train.txt"], Span(0, 300), helpful=False))
    feedback.keep(folder, Verdict(FOUND, "d-" + "0" * 32, Span(0, 9), helpful=True))
    feedback.keep(folder, Verdict(FOUND, ids["traite.txt"], Span(10**8, 10**9), helpful=False))
    page, text = shown(beside(own)), texts("en")
    assert "2 × helpful, 3 × not helpful. " in page
    worse, better = page.split(text["rated_helpful_most"])
    assert f"/documents/{ids['fietsen.txt']}?mark=0-300#0-300" in worse
    assert "Register voor gestolen fietsen" in worse
    assert "Signature du traité" in worse  # of a passage that is not there any more
    assert "Night train" in better
    assert "2 × helpful" in better
    assert FOUND not in page
    elsewhere = shown(beside(own), "/questions?collection=odd")
    assert text["rated_none"] in elsewhere


@pytest.mark.parametrize(
    "query", ["days=8", "days=-7", "days=٧", "collection=none", "days=7&collection=x"]
)
def test_what_is_not_in_the_lists_is_refused_and_the_usual_shown(own: Service, query: str) -> None:
    response = beside(own).get(f"/questions?{query}", headers={"accept": "text/html"})
    assert response.status_code == 422
    assert texts("en")["wrong_period"] in response.text
    assert '<option value="30" selected>' in response.text


def test_questions_are_answered_where_they_cannot_be_counted(own: Service) -> None:
    client = beside(own)
    (own.settings.data / FILE_NAME).mkdir()
    assert client.post("/v1/ask", json={"question": FOUND}).json()["answered"]
    assert client.get("/questions").status_code == 503


def test_the_page_says_that_the_newest_are_missing(
    own: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = beside(own)
    client.post("/v1/ask", json={"question": FOUND})
    assert texts("en")["not_counted"] not in shown(client)
    monkeypatch.setattr(counts, "LOCK_SECONDS", 0.01)
    with closing(sqlite3.connect(own.settings.data / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # it can be read all the same
        client.post("/v1/ask", json={"question": FOUND})
        assert texts("en")["not_counted"] in shown(client)


def asking(own: Service, file: Path) -> Service:
    answering = Answering(own.encoder, own.live, own.search, own.reader, own.answerer)
    return replace(own, evaluator=Evaluator(own.settings.data, file, answering))


def test_the_operators_questions_are_asked_by_a_button(own: Service, tmp_path: Path) -> None:
    (file := tmp_path / "file.jsonl").write_text(
        json.dumps(
            {"id": "1", "lang": "nl", "question": FOUND, "relevant": [{"doc": "fietsen.txt"}]}
        )
    )
    asked = asking(own, file)
    client = beside(asked)
    assert texts("en")["evaluate_now"] in shown(client)
    assert texts("en")["evaluation_off"] in shown(beside(own))
    begun = client.post("/questions/evaluate", follow_redirects=False)
    assert (begun.status_code, begun.headers["location"]) == (303, "/questions#evaluation")
    asked.evaluator.join()
    page = shown(client, language="de")
    assert "100\N{NO-BREAK SPACE}% <small>" in page
    assert texts("de")["evaluated_one"] in page
    assert texts("de")["evaluated_refused"] not in page  # the file has no such question
    assert numbers(own) == [0, 0, 0]  # no reader asked
    file.write_text("no question")
    client.post("/questions/evaluate")
    assert texts("fr")["ended_failed"] in shown(client, language="fr")


def test_figures_of_all_collections_are_for_who_may_read_all(own: Service) -> None:
    app = create_app(own)
    key = own.keys.add("press", EVERY, ["press"])[1]
    assert texts("en")["evaluation"] not in shown(afar(app, key))
    assert afar(app, key).post("/questions/evaluate").status_code == 403


def test_the_same_comes_as_json(own: Service, ids: dict[str, str]) -> None:
    client = beside(own)
    for question in (*[FOUND] * MIN_ALIKE, NOT_FOUND):
        client.post("/v1/ask", json={"question": question})
    feedback.keep(own.settings.data, Verdict(FOUND, ids["fietsen.txt"], Span(0, 10), helpful=True))
    passage = {"document": ids["fietsen.txt"], "start": 0, "end": 10, "helpful": 1, "unhelpful": 0}
    words = "hoeveel fietsen werden teruggegeven"
    assert client.get("/v1/questions").json() == {
        "days": 30, "questions": 6, "answers": 5, "may_answer": 0, "nothing": 1,
        "words_days": DAYS, "often": [{"words": words, "questions": 5, "nothing": 0}],
        "untold": 1, "rated": [passage], "complete": True,
    }  # fmt: skip
    within = client.get("/v1/questions?days=7&collection=press").json()
    assert (within["questions"], within["rated"]) == (0, [passage])
    key = own.keys.add("press", EVERY, ["press"])[1]
    elsewhere = afar(create_app(own), key).get("/v1/questions?collection=odd").json()
    assert (elsewhere["questions"], elsewhere["rated"]) == (0, [])
    assert afar(create_app(own), key).get("/v1/questions?days=0").status_code == 422
