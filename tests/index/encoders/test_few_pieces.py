"""Texts are cut into the same tokens with few pieces as with the whole vocabulary."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers.processors import TemplateProcessing

from index.encoders import bundled, few_pieces, tokenizing
from index.encoders.background_texts import background_texts
from index.encoders.few_pieces import FewPieces
from index.encoders.tokenizing import TOKENIZER, TextTokenizer
from tests.conftest import SAMPLE

MAX_TOKENS = 64
SHORT = 5
"""Tokens of a text that is cut short in nearly every case."""

HOSTILE = (
    "",
    " ",
    "   two   spaces  and one at the end ",
    "</s><s>a<mask> <pad>b<unk>c",
    "＜s＞ ＜mask＞ ＜/s＞x",
    "▁▁ ▁a▁b _ ▁<mask>▁",
    "\0a\u200bb\ufeffc\u00add\u2028e\u2029f\tg\r\nh\x7f\x85",
    "e\u0301" * 40 + "Z\u0351\u036b\u0343" * 20,
    "ﬁ ㍿ Ⅷ ½ ℡ ﷺ ㋿ ｶﾞ ①",
    "日本語の文章には空白がない。" * 20,
    "ภาษาไทยไม่มีช่องว่าง" * 20,
    "👩‍👩‍👧‍👦🏳️‍🌈🇱🇺\U0010ffff\ue000\U000e0041",
    "\u202eabc\u202c \u0600١٢٣ שָׁלוֹם",
    "x" * 3_000,
    "9" * 400 + " 1234567890" * 30,
)


@pytest.fixture(scope="module")
def folder(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default model's tokenizer, as it is kept beside a compiled model."""
    folder = tmp_path_factory.mktemp("few")
    content = (bundled.unpack(cache / "models") / TOKENIZER).read_text("utf-8")
    tokenizing.write(folder, content)
    return folder


class Both:
    """A tokenizer with few pieces beside the whole one."""

    def __init__(self, folder: Path, max_tokens: int) -> None:
        self.few = FewPieces(folder, max_tokens)
        self._whole = Tokenizer.from_file(str(folder / TOKENIZER))
        self._whole.no_padding()
        self._whole.enable_truncation(max_tokens)

    def agree_on(self, texts: Sequence[str]) -> None:
        few = self.few.encode(texts)
        whole = [each.ids for each in self._whole.encode_batch(list(texts))]
        differing = [
            text for text, one, other in zip(texts, few, whole, strict=True) if one != other
        ]
        assert not differing


@pytest.fixture(scope="module")
def both(folder: Path) -> Both:
    return Both(folder, MAX_TOKENS)


def test_texts_of_35_languages_have_the_same_tokens(both: Both) -> None:
    texts = background_texts()
    assert len({text.language for text in texts}) == 35
    both.agree_on([f"query: {text.question}" for text in texts])
    both.agree_on([f"passage: {text.passage}" for text in texts])


def test_every_line_of_the_sample_has_the_same_tokens(both: Both) -> None:
    """Markup and all, in five languages."""
    files = [path for path in SAMPLE.rglob("*") if path.suffix in {".html", ".md", ".txt"}]
    lines = [line for path in files for line in path.read_text("utf-8").splitlines()]
    assert len(lines) > 900
    both.agree_on(lines)


def test_texts_that_mean_harm_have_the_same_tokens(both: Both) -> None:
    both.agree_on(HOSTILE)
    for text in HOSTILE:  # alone, so that no piece is there for the sake of another text
        both.agree_on([text])


PARTS = st.text() | st.sampled_from(
    [
        "<s>",
        "</s>",
        "<mask>",
        "<pad>",
        "▁",
        " ",
        "query: ",
        "Nuetszuch",
        "＜s＞",
        "日本",
        "ﬁ",
        "\u0301",
    ]
)


@given(st.lists(PARTS, max_size=8).map("".join))
def test_any_text_has_the_same_tokens(both: Both, text: str) -> None:
    both.agree_on([text])


def test_words_that_are_no_longer_kept_are_cut_again(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(few_pieces, "_KNOWN_WORDS", 3)
    for text in background_texts()[:10]:
        both.agree_on([text.passage, text.question])


@pytest.fixture(scope="module")
def made() -> Any:
    """The JSON of a small tokenizer of the same kind, with two ways to cut a word that tie."""
    scored = [("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0), ("▁", -2.0), ("a", -1.0), ("b", -1.0)]
    scored += [("ab", -2.0), ("ba", -2.0), ("▁a", -3.0), ("aba", -3.0)]
    tokenizer = Tokenizer(models.Unigram(scored, 0, False))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(["<s>", "</s>", "<unk>"])
    return json.loads(tokenizer.to_str())


def written(folder: Path, tokenizer: Any) -> bool:
    few_pieces.write(folder, content := json.dumps(tokenizer))
    (folder / TOKENIZER).write_text(content, "utf-8")
    return few_pieces.is_in(folder)


@given(text=st.text("aAbc <s>/", max_size=30))
def test_ties_and_what_is_unknown_are_settled_alike(
    made: Any, text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "ties"
    if not folder.exists():
        folder.mkdir()
        assert written(folder, made)
    Both(folder, SHORT).agree_on([text])
    Both(folder, MAX_TOKENS).agree_on([text])


def changed(whole: Any, part: str, **values: Any) -> Any:
    return {**whole, part: {**whole[part], **values}}


def test_a_tokenizer_of_another_kind_is_loaded_whole(made: Any, tmp_path: Path) -> None:
    model, words = made["model"], made["pre_tokenizer"]
    others = [
        changed(made, "model", byte_fallback=True),
        changed(made, "model", unk_id=None),
        changed(made, "model", vocab=[*model["vocab"], ["a", -4.0]]),
        changed(made, "model", vocab=[*model["vocab"], ["c" * (few_pieces.LONGEST + 1), -4.0]]),
        changed(made, "pre_tokenizer", prepend_scheme="first"),
        {**made, "pre_tokenizer": None},
        {**made, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [words]}},
        {**made, "post_processor": None},
        {**made, "added_tokens": [{**made["added_tokens"][0], "id": 99}]},
    ]
    assert not any(written(tmp_path, other) for other in others)
    (tmp_path / TOKENIZER).write_text(json.dumps(made), "utf-8")
    assert TextTokenizer(tmp_path, None).questions(["ab"]) == [[1, 3, 6, 2]]


def test_passages_have_the_same_tokens_before_and_after_all_is_loaded(
    made: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokenizing, "LOOKED_UP", 20)
    assert written(tmp_path, made)
    tokenizer = TextTokenizer(tmp_path, MAX_TOKENS)
    loaded: list[str] = []
    load = Tokenizer.from_file

    def noted(path: str) -> Tokenizer:
        loaded.append(path)
        return load(path)

    monkeypatch.setattr("tokenizers.Tokenizer.from_file", noted)
    texts = ["aba ba", "abba", "ab c <s>a"]
    first = tokenizer.passages(texts)
    assert tokenizer.questions(texts) == first
    assert not loaded
    assert tokenizer.passages(texts) == first
    assert tokenizer.questions(texts) == first
    assert loaded == [str(tmp_path / TOKENIZER)]


def test_passages_of_more_than_is_looked_up_are_cut_with_the_whole_vocabulary_at_once(
    made: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokenizing, "LOOKED_UP", 20)
    assert written(tmp_path, made)

    def looked_up(*_: Any) -> NoReturn:
        pytest.fail("a word's pieces were looked up")

    monkeypatch.setattr(FewPieces, "_cut_new", looked_up)
    assert TextTokenizer(tmp_path, MAX_TOKENS).passages(["ab" * 11]) == [[1, 3, *[6] * 11, 2]]
