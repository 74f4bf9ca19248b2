from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.store.catalogue import Catalogue
from index.encoders.background_texts import fit
from index.snapshot import Scope, Snapshot
from index.snapshot_builder import load_snapshot
from index.writer import encode_waiting
from qa.config import RankingConfig
from qa.search.lexical_evidence import (
    Kind,
    LexicalEvidence,
    Term,
    find_evidence,
    find_terms,
)
from qa.search.searcher import Search
from qa.types import Question, UnderstoodQuestion
from tests.corpus.store.test_catalogue import make
from tests.encoders import WordEncoder


def evidence(
    snapshot: Snapshot, question: str, config: RankingConfig, language: str = "de"
) -> LexicalEvidence:
    return find_evidence(snapshot, UnderstoodQuestion(question, language, question), config)


def exact_terms(question: str) -> list[Term]:
    return [term for term in find_terms(question) if term.kind is not Kind.WORD]


def words(question: str) -> list[str]:
    return [term.forms[0] for term in find_terms(question) if term.kind is Kind.WORD]


@pytest.mark.parametrize(
    ("question", "kind", "form"),
    [
        ("Que dit le règlement 2018/0256 ?", Kind.REFERENCE, "2018 0256"),
        ("Wie endete die Sache C-123/45?", Kind.REFERENCE, "C 123 45"),
        ("Hoe druk is de E34?", Kind.REFERENCE, "E34"),
        ("Combien de camions sur l'E34 ?", Kind.REFERENCE, "E34"),
        ("Wat kost het volgens artikel 17?", Kind.ARTICLE, "article 17"),
        ("Was regelt Art. 7?", Kind.ARTICLE, "art 7"),
        ("Was regelt § 12a der Satzung?", Kind.ARTICLE, "§ 12a"),
        ("Was regelt §12a der Satzung?", Kind.ARTICLE, "§12a"),
        ("Que contient le marché n° 4711 ?", Kind.NUMBER, "4711"),
        ("Who got 1,234,500 euros?", Kind.NUMBER, "1 234 500"),
        ("Qui a reçu 1 234 500 euros ?", Kind.NUMBER, "1234500"),
        ("Wer bekam 1.234.500 Euro?", Kind.NUMBER, "1 234 500"),
        ("Who got 12000 euros?", Kind.NUMBER, "12 000"),
    ],
)
def test_a_term_is_known_by_its_kind_and_has_the_spellings_of_documents(
    question: str, kind: Kind, form: str
) -> None:
    (term,) = exact_terms(question)
    assert term.kind is kind
    assert form in term.forms


@pytest.mark.parametrize("marks", ["«»", "„“", "“”", '""', "''", "‘’", "‚‘", "»«"])
def test_quotation_marks_of_every_style_hold_one_term(marks: str) -> None:
    question = f"Wo läuft {marks[0]}Les Quais d'été{marks[1]}?"
    assert exact_terms(question) == [Term(Kind.QUOTATION, ("Les Quais d été",))]


@pytest.mark.parametrize(
    "written",
    [
        "12 March 2021",
        "March 12, 2021",
        "12th of March 2021",
        "12 mars 2021",
        "12. März 2021",
        "12 maart 2021",
        "12. Mäerz 2021",
        "12.3.2021",
        "12/03/2021",
        "2021-03-12",
    ],
)
def test_a_date_is_no_exact_term(written: str) -> None:
    assert exact_terms(f"x {written} ?") == []


@pytest.mark.parametrize("number", ["1995", "25", "7", "17-jährige"])
def test_a_year_or_a_small_number_is_no_exact_term(number: str) -> None:
    assert exact_terms(f"Wie viele waren es, {number} oder mehr?") == []


def test_the_words_of_a_question_come_longest_first_after_its_names() -> None:
    question = "What has Hélène Marchetti done in Liège?"
    assert words(question) == [
        "Hélène Marchetti",
        "marchetti",
        "hélène",
        "liège",
        "done",
        "what",
        "has",
    ]


@pytest.mark.parametrize(
    "question",
    [
        "Welche Genehmigung braucht der Transport auf der Straße?",
        "Who paid? Nobody knows.",
        "What about the 3 countries?",
        "Quel est l'article le plus long ?",
        "May they march on?",
        "§",
    ],
)
def test_ordinary_words_are_no_exact_terms(question: str) -> None:
    assert exact_terms(question) == []


@given(st.text(max_size=200) | st.text(alphabet="12. /-§'\"«»aAé\n", max_size=400))
def test_any_text_has_terms_that_are_words(question: str) -> None:
    for term in find_terms(question):
        assert term.forms
        for form in term.forms:
            assert any(character.isalnum() for character in form)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Sixty by-laws that differ in their reference, one of them in Dutch."""
    folder = tmp_path_factory.mktemp("by-laws")
    encoder = WordEncoder()
    with Catalogue(folder) as catalogue:
        for number in range(60):
            sentence = f"Le règlement 2018/{number:04} du 12 mars 2018 traite des terrasses."
            language = "nl" if number == 7 else "fr"
            catalogue.put(*make(f"{number}.txt", sentence, language=language), 1)
        encode_waiting(catalogue, encoder)
    return load_snapshot(folder, encoder.identity)


def first_files(snapshot: Snapshot, question: Question, config: RankingConfig) -> list[str]:
    search = Search(WordEncoder(), fit(WordEncoder()), config)
    understood = UnderstoodQuestion(question.text, "fr", question.text)
    ((vector, _),) = search.encode([understood])
    signals = search.signals(snapshot, understood, vector)
    ranked = search.best(snapshot, question, understood, signals)
    keys = [passage.document_key for passage in ranked]
    summaries = snapshot.view.summaries(keys)
    return [summaries[key].file for key in keys]


def test_a_reference_tells_a_document_from_sixty_like_it(many: Snapshot) -> None:
    question = Question("Qu'en est-il des terrasses (2018-0023) ?")
    few = RankingConfig(candidates=5, exact=5)
    assert first_files(many, question, few)[0] == "23.txt"
    without = first_files(many, question, RankingConfig(candidates=5, exact=0))
    assert "23.txt" not in without


def test_evidence_keeps_to_the_scope(many: Snapshot) -> None:
    only_dutch = Scope(languages=frozenset({"nl"}))
    question = Question("Que dit le règlement 2018/0023 ?", scope=only_dutch)
    assert first_files(many, question, RankingConfig()) == ["7.txt"]


def test_what_every_passage_holds_proves_nothing(many: Snapshot) -> None:
    assert not evidence(many, "Que se passe-t-il le 12 mars 2018 ?", RankingConfig()).passages
    assert not evidence(many, "Et en 2018 ?", RankingConfig()).passages


def test_what_no_passage_holds_proves_nothing(many: Snapshot) -> None:
    assert not evidence(many, "Que dit le règlement 1999/9999 ?", RankingConfig()).passages


@pytest.mark.parametrize(
    "hostile",
    ['"x" OR text:*', "NEAR(«a» «b», 2)", "« ' » ; DROP TABLE texts", "12 " * 600],
)
def test_a_question_in_query_language_is_only_words(many: Snapshot, hostile: str) -> None:
    assert not evidence(many, hostile, RankingConfig()).passages
    found = evidence(many, f"{hostile} 2018/0023", RankingConfig())
    ((passage, share),) = found.passages.items()
    assert many.view.passages([passage])[passage].text.startswith("Le règlement 2018/0023 du")
    assert share == 1


def test_exact_terms_come_first() -> None:
    terms = find_terms("Seit 1995 und am 3. Mai 2020: was sagt § 4 zum Az. 412/19?")
    kinds = [term.kind for term in terms]
    assert kinds[:2] == [Kind.ARTICLE, Kind.REFERENCE]
    assert set(kinds[2:]) == {Kind.WORD}


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Forty French notes, three of which name a minister."""
    folder = tmp_path_factory.mktemp("notes")
    encoder = WordEncoder()
    names = {3: "Darmanin", 4: "Bettel", 5: "Bettel"}
    with Catalogue(folder) as catalogue:
        for number in range(40):
            name = names.get(number, "nouveau")
            sentence = f"La note {number} dit ce que le ministre {name} a signé."
            catalogue.put(*make(f"{number}.txt", sentence, language="fr"), 1)
        encode_waiting(catalogue, encoder)
    return load_snapshot(folder, encoder.identity)


def texts(snapshot: Snapshot, question: str, config: RankingConfig) -> dict[str, float]:
    shares = evidence(snapshot, question, config).passages
    passages = snapshot.view.passages(list(shares))
    return {passages[passage].text: share for passage, share in shares.items()}


def test_a_name_alone_tells_the_passage_that_holds_it_in_any_language(collection: Snapshot) -> None:
    config = RankingConfig()
    ((text, share),) = texts(collection, "Was hat Darmanin gesagt?", config).items()
    assert "Darmanin" in text
    assert share == config.rare_words


def test_a_word_counts_by_how_rare_it_is(collection: Snapshot) -> None:
    shares = texts(collection, "Darmanin or Bettel?", RankingConfig())
    (rarest,) = (share for text, share in shares.items() if "Darmanin" in text)
    (other,) = {share for text, share in shares.items() if "Bettel" in text}
    assert len(shares) == 3
    assert other < rarest


def test_a_word_that_many_passages_hold_says_nothing(collection: Snapshot) -> None:
    assert texts(collection, "Que dit le ministre ?", RankingConfig()) == {}


@pytest.mark.parametrize("off", [RankingConfig(exact=0), RankingConfig(rare_words=0)])
def test_nothing_is_looked_up_where_it_would_not_count(
    collection: Snapshot, off: RankingConfig
) -> None:
    assert evidence(collection, "Was hat Darmanin gesagt?", off).passages == {}


@given(st.text(max_size=200) | st.text(alphabet='Darmni" *:^()-', max_size=60))
def test_any_text_may_be_asked(collection: Snapshot, question: str) -> None:
    found = evidence(collection, question, RankingConfig())
    assert all(0 < share <= 1.5 for share in found.passages.values())
    assert all(0 < share <= 1 for share in found.documents.values())


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Notes on towns in French; each says its name once, and not where it answers."""
    folder = tmp_path_factory.mktemp("towns")
    encoder = WordEncoder()
    with Catalogue(folder) as catalogue:
        for town in ("Remich", "Vianden", "Wiltz"):
            sentences = (f"La grotte de {town} attire du monde.", "Le lac est profond de douze.")
            catalogue.put(*make(f"{town}.txt", *sentences, language="fr"), 1)
        encode_waiting(catalogue, encoder)
    return load_snapshot(folder, encoder.identity)


def named(towns: Snapshot, question: str, language: str) -> dict[str, float]:
    found = evidence(towns, question, RankingConfig(), language)
    files = {key: each.file for key, each in towns.view.summaries(list(found.documents)).items()}
    return {files[key]: share for key, share in found.documents.items()}


def test_a_name_counts_for_the_whole_document_that_holds_it(towns: Snapshot) -> None:
    assert named(towns, "Wie tief ist der See von Vianden?", "de") == {"Vianden.txt": 1.0}
    two = named(towns, "Vianden oder Wiltz?", "de")
    assert two == {"Vianden.txt": 0.5, "Wiltz.txt": 0.5}


def test_a_word_of_the_questions_own_language_is_no_name(towns: Snapshot) -> None:
    assert named(towns, "Le Lac de Vianden ?", "fr") == {}


def test_a_word_without_a_capital_is_no_name(towns: Snapshot) -> None:
    assert named(towns, "wie tief ist der see von vianden?", "de") == {}
