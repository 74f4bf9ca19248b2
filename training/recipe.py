"""What a training is made by."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from training.batches import Shape
from training.errors import BadSetting
from training.tasks import TaskShape


@dataclass(frozen=True, slots=True)
class Adapters:
    """What is trained, how long and how fast."""

    rank: int = 32
    alpha: int = 64
    modules: tuple[str, ...] = ("query", "key", "value", "dense")
    first_layer: int = 0
    """Layers below are left alone, and cost nothing on the way back."""
    steps: int = 140
    warm_up: int = 50
    """Steps in which the learning rate rises to its highest; it then falls linearly to 0."""
    learning_rate: float = 5e-4
    bfloat16: bool = False
    """Whether the student multiplies at 16 bits: several times faster where the CPU has the
    instructions (AVX-512 BF16, AMX), slower where it has not."""
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Recipe(Adapters):
    """Everything that decides what an alignment comes to."""

    relations: float = 5.0
    ranking: float = 0.6
    temperature: float = 0.08
    """What scores are divided by before they are compared as probabilities."""
    bank: int = 32
    """Batches before this one whose passages compete as well: they cost nothing, their vectors
    being kept."""
    retention: float = 5.0
    certain: float = 0.25
    """Share of the question's own passage in what its scores should be."""
    centred: float = 0.8
    """Share of the mean that is taken out before passages are ranked."""
    shape: Shape = field(default_factory=Shape)


@dataclass(frozen=True, slots=True)
class AnswerRecipe(Adapters):
    """Everything that decides what is learnt of questions and answers."""

    rank: int = 16
    alpha: int = 32
    steps: int = 120
    warm_up: int = 20
    learning_rate: float = 1e-4
    temperature: float = 0.02
    """What cosines are divided by: they lie between .7 and 1."""
    hold: float = 10.0
    """Weight of what keeps vectors where they were."""
    paragraphs: float = 0.7
    """Questions on paragraphs of the parallel text for each question on a note. There are more of
    them, on a narrow matter."""
    named: float = 0.3
    """Share that is trained on of the questions that hold a name of their document: those are
    found by the name."""
    retention: float = 0.5
    """Weight of what keeps scores within a language as they were."""
    shape: TaskShape = field(default_factory=TaskShape)


_AnyRecipe = TypeVar("_AnyRecipe", Recipe, AnswerRecipe)


def changed(recipe: _AnyRecipe, settings: Sequence[str]) -> _AnyRecipe:
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
