"""What a compiled form of the default model is made of, without PyTorch."""

from __future__ import annotations

from index.encoders import bundled, openvino_bert
from index.encoders.checked_texts import shipped_vectors
from index.encoders.openvino import Compiled
from index.encoders.openvino_export import Original
from index.encoders.variants import Variant


def original_of(variant: Variant) -> Original:
    """Return all that a compiled form of the default model is made of.

    Raises:
        ModelError: the package with its weights, or this release's own files, are not what they
            should be.
    """
    expected = shipped_vectors(variant)
    weights = bundled.read(variant.adapter())
    return Original(
        graph=openvino_bert.graph(weights),
        tokenizer=bundled.tokenizer(weights.pieces).to_str(),
        compiled=Compiled(
            dimension=weights.shape.hidden,
            question_prompt=bundled.PROMPTS["query"],
            passage_prompt=bundled.PROMPTS["document"],
            max_tokens=bundled.MAX_TOKENS,
            pad=weights.pieces.pad,
            gives_states=True,
        ),
        identity=variant.identity(),
        expected=expected,
    )
