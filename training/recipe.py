"""What an alignment is made by."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from training.batches import Shape
from training.errors import BadSetting


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out."""

    rank: int = 32
    alpha: int = 64
    modules: tuple[str, ...] = ("query", "key", "value", "dense")
    first_layer: int = 0
    """Layers below are left alone, and cost nothing on the way back."""
    steps: int = 140
    learning_rate: float = 5e-4
    relations: float = 5.0
    ranking: float = 0.6
    temperature: float = 0.08
    """What scores are divided by before they are compared as probabilities."""
    bank: int = 32
    """Batches before this one whose passages compete as well: they cost nothing, their vectors
    being kept."""
    retention: float = 5.0
    bfloat16: bool = False
    """Whether the student multiplies at 16 bits: several times faster where the CPU has the
    instructions (AVX-512 BF16, AMX), slower where it has not."""
    certain: float = 0.25
    """Share of the question's own passage in what its scores should be."""
    centred: float = 0.8
    """Share of the mean that is taken out before passages are ranked."""
    seed: int = 1
    shape: Shape = field(default_factory=Shape)


def changed(recipe: Recipe, settings: Sequence[str]) -> Recipe:
    """Return ``recipe`` with settings like ``rank=8`` or ``shape.joined=0`` in place.

    Raises:
        BadSetting: there is no such setting, or its value is not JSON.
    """
    for setting in settings:
        name, _, value = setting.partition("=")
        try:
            if name.startswith("shape."):
                shape = replace(recipe.shape, **{name.removeprefix("shape."): json.loads(value)})
                recipe = replace(recipe, shape=shape)
            else:
                recipe = replace(recipe, **{name: json.loads(value)})
        except (TypeError, ValueError) as error:
            raise BadSetting(
                f"{setting} is no setting of a recipe: {error}. Name a field of Recipe, or of "
                "Shape after shape., and a value in JSON, like rank=8."
            ) from error
    return recipe
