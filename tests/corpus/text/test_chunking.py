from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.chunking import MAX_LENGTH, TARGET_LENGTH, _Amount, segment
from corpus.text.cleaning import clean
from corpus.text.sentences import MAX_SENTENCE_LENGTH
from corpus.types import Block, BlockKind, CleanedDocument, Passage, RawDocument

PARAGRAPH, HEADING, ITEM = BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.LIST_ITEM
ROW = BlockKind.ROW
FRENCH = "Le ministre de la Sécurité intérieure a participé à la réunion du Conseil européen. "
DUTCH = "De ministers hebben beslist om een werkgroep op te richten tegen het terrorisme. "

texts = (
    st.text()
    | st.text("ab. :?\n\u00ad\ud800é", max_size=60)
    | st.builds(lambda text, times: text * times, st.sampled_from([FRENCH, DUTCH, "x"]),
                st.integers(1, 40))
)  # fmt: skip
documents = st.lists(st.builds(Block, st.sampled_from(BlockKind), texts), max_size=12).map(
    lambda blocks: clean(RawDocument(tuple(blocks)))
)


def document(*blocks: tuple[BlockKind, str]) -> CleanedDocument:
    return clean(RawDocument(tuple(Block(*block) for block in blocks)))


def slices(document: CleanedDocument, passage: Passage) -> list[str]:
    return [document.text[start:end] for start, end in passage.sentences]


@given(documents)
def test_passages_are_slices_of_the_text(document: CleanedDocument) -> None:
    for passage in segment(document):
        assert document.text[passage.span.start : passage.span.end] == passage.text
        assert passage.text == passage.text.strip() != ""


@given(documents)
def test_every_visible_character_is_in_one_passage(document: CleanedDocument) -> None:
    passages = segment(document)
    assert "".join("".join(passage.text.split()) for passage in passages) == "".join(
        document.text.split()
    )
    assert all(one.span.end <= next_.span.start for one, next_ in pairwise(passages))


@given(documents)
def test_sentences_tile_what_is_not_heading(document: CleanedDocument) -> None:
    headings = [block.span for block in document.blocks if block.kind is HEADING]
    for passage in segment(document):
        assert passage.sentences
        spans = passage.sentences
        assert all(one.end <= next_.start for one, next_ in pairwise(spans))
        assert passage.span.start <= spans[0].start <= spans[-1].end <= passage.span.end
        uncovered = set(range(*passage.span)) - {at for span in spans for at in range(*span)}
        in_headings = {at for span in headings for at in range(*span)}
        assert all(at in in_headings or document.text[at].isspace() for at in uncovered)


@given(documents)
def test_no_passage_is_unbounded(document: CleanedDocument) -> None:
    limit = MAX_LENGTH + MAX_SENTENCE_LENGTH + 2
    assert all(len(passage.text) <= limit for passage in segment(document))


@given(documents)
def test_no_passage_crosses_a_section(document: CleanedDocument) -> None:
    blocks = document.blocks
    starts = [
        block.span.start
        for before, block in pairwise(blocks)
        if block.kind is HEADING and before.kind is not HEADING
    ]
    for passage in segment(document):
        assert not any(passage.span.start < start < passage.span.end for start in starts)


def test_a_heading_is_in_the_first_passage_of_its_section_only() -> None:
    made = document((HEADING, "Contexte"), (PARAGRAPH, FRENCH * 20), (HEADING, "Suite"),
                    (PARAGRAPH, FRENCH))  # fmt: skip
    passages = segment(made)
    assert [passage.text.startswith("Contexte") for passage in passages] == [
        True, *[False] * (len(passages) - 1),
    ]  # fmt: skip
    assert passages[-1].text.startswith("Suite")
    assert FRENCH.strip() in slices(made, passages[0])
    assert "Contexte" not in slices(made, passages[0])


def test_passages_of_a_section_are_about_as_long_as_each_other() -> None:
    passages = segment(document((PARAGRAPH, FRENCH * 43)))
    lengths = [len(passage.text) for passage in passages]
    assert max(lengths) - min(lengths) <= 2 * len(FRENCH)
    assert abs(sum(lengths) / len(lengths) - TARGET_LENGTH) < 2 * len(FRENCH)


def test_a_passage_ends_with_a_paragraph_rather_than_inside_one() -> None:
    blocks = [(PARAGRAPH, FRENCH * 7), (PARAGRAPH, FRENCH * 9), (PARAGRAPH, FRENCH * 8)]
    made = document(*blocks)
    ends = {block.span.end for block in made.blocks}
    assert len(segment(made)) == 3
    assert {passage.span.end for passage in segment(made)} == ends


@pytest.mark.parametrize("before", range(1, 14))
def test_headings_and_list_introductions_stay_with_what_follows(before: int) -> None:
    made = document(
        (PARAGRAPH, FRENCH * before + "Les mesures sont :"), (ITEM, "- " + FRENCH * 3),
        (ITEM, "- " + FRENCH * 4), (HEADING, "Un titre"), (HEADING, "Un sous-titre"),
        (PARAGRAPH, FRENCH * 5),
    )  # fmt: skip
    passages = segment(made)
    assert not any(passage.text.endswith((":", "titre")) for passage in passages)
    assert passages[-1].text.startswith("Un titre\n\nUn sous-titre\n\nLe ministre")


def test_a_heading_with_nothing_below_is_its_own_passage_and_sentence() -> None:
    made = document((PARAGRAPH, FRENCH), (HEADING, "Contact"))
    assert slices(made, segment(made)[-1]) == ["Contact"]


def test_passages_do_not_mix_languages() -> None:
    made = document((HEADING, "Contexte"), (PARAGRAPH, FRENCH), (PARAGRAPH, DUTCH),
                    (PARAGRAPH, FRENCH))  # fmt: skip
    assert [passage.language for passage in segment(made)] == ["fr", "nl", "fr"]


def test_fragments_are_joined_to_their_neighbours() -> None:
    made = document((PARAGRAPH, f"1. {FRENCH}Et après ? {FRENCH}Rien."))
    assert slices(made, segment(made)[0]) == [
        f"1. {FRENCH}".strip(),
        f"Et après ? {FRENCH}Rien.",
    ]


def test_many_short_sentences_do_not_become_one() -> None:
    made = document((PARAGRAPH, "Il est parti hier soir. " * 10))
    assert len(slices(made, segment(made)[0])) == 5


def test_a_passage_is_on_the_page_of_its_first_block() -> None:
    raw = RawDocument((Block(PARAGRAPH, FRENCH * 8, 2), Block(PARAGRAPH, FRENCH * 9, 3)))
    assert [passage.page for passage in segment(clean(raw))] == [2, 3]


SAME_TEXT = {
    "en": "The bridge over the river has been closed to lorries since Monday morning. Engineers "
    "found cracks in two of its pillars. Cars and buses may still cross it, but only "
    "in one lane. The repairs will take about six weeks and cost four million euros. ",
    "fr": "Le pont sur la rivière est fermé aux camions depuis lundi matin. Des ingénieurs "
    "ont trouvé des fissures dans deux de ses piliers. Les voitures et les bus peuvent "
    "encore passer, mais sur une seule voie. Les réparations dureront environ six semaines "
    "et coûteront quatre millions d'euros. ",
    "ru": "Мост через реку закрыт для грузовиков с утра понедельника. Инженеры нашли трещины "
    "в двух его опорах. Легковые машины и автобусы пока могут проезжать, но только "
    "по одной полосе. Ремонт займёт около шести недель и обойдётся в четыре миллиона "
    "евро. ",
    "el": "Η γέφυρα πάνω από το ποτάμι είναι κλειστή για τα φορτηγά από το πρωί της Δευτέρας. "
    "Οι μηχανικοί βρήκαν ρωγμές σε δύο από τους πυλώνες της. Τα αυτοκίνητα και τα λεωφορεία "
    "περνούν ακόμη, αλλά μόνο από μία λωρίδα. Οι επισκευές θα διαρκέσουν περίπου έξι "
    "εβδομάδες και θα κοστίσουν τέσσερα εκατομμύρια ευρώ. ",
    "ar": "الجسر فوق النهر مغلق أمام الشاحنات منذ صباح يوم الاثنين. وجد المهندسون شقوقا في "
    "اثنتين من دعاماته. لا تزال السيارات والحافلات تستطيع العبور ولكن في مسار واحد "
    "فقط. ستستغرق الإصلاحات نحو ستة أسابيع وستكلف أربعة ملايين يورو. ",
    "zh": "河上的大桥从星期一早上起禁止卡车通行。工程师在其中两根桥墩上发现了裂缝。小汽车"
    "和公共汽车仍然可以通过，但是只能走一条车道。维修大约需要六个星期，费用为四百万"
    "欧元。",
    "ja": "川に架かる橋は月曜日の朝からトラックの通行が禁止されています。技術者が橋脚のう"
    "ち二本にひび割れを見つけました。乗用車とバスはまだ渡ることができますが、一車線"
    "だけです。修理にはおよそ六週間かかり、費用は四百万ユーロです。",
    "ko": "강 위의 다리는 월요일 아침부터 화물차의 통행이 금지되었습니다. 기술자들이 교각 "
    "두 개에서 균열을 발견했습니다. 승용차와 버스는 아직 건널 수 있지만 한 차로로만 "
    "다닐 수 있습니다. 수리에는 약 여섯 주가 걸리고 비용은 사백만 유로입니다. ",
}


@pytest.mark.parametrize("language", SAME_TEXT)
def test_a_passage_says_as_much_in_every_script(language: str) -> None:
    many, english = (
        len(segment(document((PARAGRAPH, SAME_TEXT[each] * 24)))) for each in (language, "en")
    )
    assert english / 1.35 <= many <= english * 1.35


def test_a_short_sentence_of_a_dense_script_is_no_fragment() -> None:
    made = document((PARAGRAPH, "大桥从星期一起禁止通行。维修需要六个星期。"))
    assert len(slices(made, segment(made)[0])) == 2


@pytest.mark.parametrize("language", ["en", "fr", "ru", "el", "ar"])
def test_other_scripts_are_counted_by_characters(language: str) -> None:
    text = SAME_TEXT[language]
    assert _Amount(text)(3, len(text)) == len(text) - 3


def test_a_row_is_a_sentence_and_the_names_of_columns_are_none() -> None:
    table = document(
        (HEADING, "Fees"),
        (PARAGRAPH, "The fees hold from January. They are reviewed every year."),
        (ROW, "Service | Adults"),
        (ROW, "Late return | 0.20 a day. At most 10 euros."),
        (ROW, "Card | 5"),
        (PARAGRAPH, "The council decides."),
    )
    (passage,) = segment(table)
    late, card = "Late return | 0.20 a day. At most 10 euros.", "Card | 5"
    assert slices(table, passage)[2:4] == [late, card]
    assert [table.text[start:end] for start, end in passage.said] == [late, card]
    assert list(passage.said.values()) == [
        "Service: Late return | Adults: 0.20 a day. At most 10 euros.",
        "Service: Card | Adults: 5",
    ]
    assert f"Service | Adults\n{late}" in passage.text


def test_a_row_as_long_as_a_page_has_sentences() -> None:
    table = document((ROW, "Name | Text"), (ROW, "Report | " + FRENCH * 30))
    assert all(
        len(each) < MAX_LENGTH for passage in segment(table) for each in slices(table, passage)
    )


def test_an_empty_document_has_no_passages() -> None:
    assert segment(document()) == ()


def test_the_target_length_can_be_chosen() -> None:
    made = document((PARAGRAPH, FRENCH * 20))
    assert len(segment(made, target_length=300)) > len(segment(made, target_length=900))
