"""Make the adapter that the product ships out of what a training wrote.

    python -m training.pack --adapter FOLDER --share 0.5 --name NAME \\
        --out index/encoders/aligned.safetensors

FOLDER is the ``--out`` of ``training.align`` or, with ``--start``, of ``training.answers``. Of
several (``--adapter`` given again) the mean is taken, exactly: the mean of low-rank changes is one
of the sum of their ranks. ``--rank`` keeps that many directions of it, those that change most.
The result is read back as the product reads it before it takes its place, and its SHA-256 is
printed, to be pinned in ``index/encoders/lora.py``.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from index.encoders.lora import ENTRY, FORMAT, Adapter, read_adapter
from index.errors import AdapterError
from training.errors import NoAdapter, NoCommit, TrainingError

TOOLS = frozenset(
    {"numpy", "peft", "safetensors", "sentence-transformers", "torch", "transformers"}
)

_PEFT_NAME = re.compile(r"base_model\.model\.(?P<layer>.+)\.(?P<part>lora_[AB])\.weight")

Matrices = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """What one run of ``training.align`` wrote."""

    matrices: Matrices
    """By the name they have in the packed file."""
    made_of: dict[str, Any]
    rank: int
    alpha: float

    @property
    def scale(self) -> float:
        """What B @ A is multiplied by."""
        return self.alpha / self.rank


def read(folder: Path) -> Training:
    """Return what ``training.align`` wrote into ``folder``.

    Raises:
        NoAdapter: it is not there, or is not as that writes it.
    """
    try:
        made_of = json.loads((folder / "adapter.json").read_text("utf-8"))
        recipe = made_of["recipe"]
        matrices = {
            _packed_name(name): tensor.astype(np.float32)
            for name, tensor in load_file(folder / "adapter.safetensors").items()
        }
        return Training(matrices, made_of, int(recipe["rank"]), float(recipe["alpha"]))
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise NoAdapter(
            f"{folder} holds no adapter: {type(error).__name__}: {error}. Name the folder that "
            "`python -m training.align` was given as --out, when it is done."
        ) from error


def mean(trainings: Sequence[Training]) -> tuple[Matrices, int, float]:
    """Return the matrices, rank and alpha of the mean of what the trainings change.

    With ranks laid side by side, B @ A is the sum of what the trainings change; alpha is such
    that their number divides it. Where alpha / rank is the same in all, no number changes.

    Raises:
        NoAdapter: they do not adapt the same layers.
    """
    if any(other.matrices.keys() != trainings[0].matrices.keys() for other in trainings):
        raise NoAdapter("The adapters change different layers. Name those of like recipes.")
    rank = sum(training.rank for training in trainings)
    scale = max(training.scale for training in trainings)
    matrices = {}
    for name in trainings[0].matrices:
        parts = [training.matrices[name] for training in trainings]
        if name.endswith("lora_A"):
            matrices[name] = np.concatenate(parts, axis=0)
        else:
            weights = [np.float32(training.scale / scale) for training in trainings]
            weighted = [weight * part for weight, part in zip(weights, parts, strict=True)]
            matrices[name] = np.concatenate(weighted, axis=1)
    return matrices, rank, scale * rank / len(trainings)


def reduced(matrices: Matrices, rank: int) -> Matrices:
    """Return the matrices of the change of ``rank`` that is nearest to B @ A, layer by layer.

    That is what the largest singular values keep (Eckart and Young 1936, Psychometrika 1(3)).
    """
    nearest = {}
    for name, a in matrices.items():
        if not name.endswith("lora_A"):
            continue
        b_name = f"{name.removesuffix('A')}B"
        left, values, right = np.linalg.svd(matrices[b_name] @ a, full_matrices=False)
        root = np.sqrt(values[:rank])
        nearest[name] = root[:, None] * right[:rank]
        nearest[b_name] = left[:, :rank] * root
    return nearest


def on_top(start: Adapter, matrices: Matrices, scale: float) -> Matrices:
    """Return the matrices whose B @ A is what ``start`` changes, and ``matrices`` beside it.

    ``scale`` is what B @ A is multiplied by in the end.

    Raises:
        NoAdapter: they do not adapt the same layers.
    """
    if {name.rpartition(".")[0] for name in matrices} != start.changes.keys():
        raise NoAdapter(f"The trainings change other layers than {start.name}, their start.")
    both = {}
    for layer, change in start.changes.items():
        a, b = matrices[f"{layer}.lora_A"], matrices[f"{layer}.lora_B"]
        before = change.b.astype(np.float32) * np.float32(start.scale / scale)
        both[f"{layer}.lora_A"] = np.concatenate([change.a.astype(np.float32), a])
        both[f"{layer}.lora_B"] = np.concatenate([before, b], axis=1)
    return both


def pack(
    folders: Sequence[Path],
    *,
    share: float,
    name: str,
    out: Path,
    rank: int | None = None,
    start: Path | None = None,
) -> Adapter:
    """Write the mean of the adapters in ``folders`` to ``out``; return it as the product reads it.

    With ``rank``, what is nearest to it with so many directions. With ``start``, the adapter that
    ``training.answers`` went on from, that and the mean together; ``share`` is of the mean alone.

    Raises:
        NoAdapter: a folder holds none, or they do not go together.
        NoCommit: this is no git repository, so what it was made with cannot be told.
        AdapterError: the product would refuse it: it is too large, of another base, or its name
            or numbers make no sense. What was at ``out`` stays.
    """
    trainings = [read(folder) for folder in folders]
    matrices, sum_of_ranks, alpha = mean(trainings)
    if start is not None:
        before = read_adapter(start, sha256=None)
        if any(run.made_of.get("start", before.sha256) != before.sha256 for run in trainings):
            raise NoAdapter(f"A training did not go on from {start}. Name the file that it did.")
        matrices = on_top(before, matrices, share * alpha / sum_of_ranks)
        grown = sum_of_ranks + int(before.provenance["rank"])
        alpha, sum_of_ranks = alpha * grown / sum_of_ranks, grown
    if rank is not None and rank < sum_of_ranks:
        alpha *= rank / sum_of_ranks  # B @ A keeps its scale
        matrices = reduced(matrices, rank)
    else:
        rank = sum_of_ranks
    bases = {(run.made_of.get("base"), run.made_of.get("base_sha256")) for run in trainings}
    if len(bases) > 1:
        raise NoAdapter("The adapters were trained on different models. Name those of one.")
    ((base, base_sha256),) = bases
    provenance = {
        "format": FORMAT,
        "name": name,
        "base": base,
        "base_sha256": base_sha256,
        "rank": rank,
        "alpha": alpha,
        "share": share,
        "trainings": [
            {key: run.made_of[key] for key in run.made_of.keys() - {"base", "base_sha256"}}
            for run in trainings
        ],
        "start": None if start is None else before.provenance,
        "commit": _commit(),
        "tools": _tools(),
    }
    # The name begins with a dot so that a build does not take up what is not finished.
    part = out.with_name(f".{out.name}.part")
    try:
        content = save(
            {layer: matrix.astype(np.float16) for layer, matrix in matrices.items()},
            metadata={ENTRY: json.dumps(provenance, sort_keys=True)},
        )
        part.write_bytes(content)
        adapter = read_adapter(part, sha256=None)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return adapter


def _packed_name(peft_name: str) -> str:
    if not (match := _PEFT_NAME.fullmatch(peft_name)):
        raise ValueError(f"{peft_name} is no low-rank matrix")
    return f"{match['layer']}.{match['part']}"


def _commit() -> str:
    """Return the commit checked out here, with ``-dirty`` behind it if files differ from it."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    root = Path(__file__).parents[1]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoCommit(
            f"The commit that this is packed at cannot be told: {error}. Run this in a clone of "
            "the repository, with git installed."
        ) from error
    return done.stdout.strip()


def _tools() -> dict[str, str]:
    found = {each.name: each.version for each in metadata.distributions() if each.name in TOOLS}
    return {"python": platform.python_version(), **found}


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option(
    "--adapter",
    "folders",
    multiple=True,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="What training.align wrote; given again, the mean is taken.",
)
@click.option(
    "--start",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The packed adapter that the trainings went on from, to be kept in it.",
)
@click.option(
    "--share",
    required=True,
    type=click.FloatRange(0, 1, min_open=True),
    help="How far the weights move: 1 is all the way, 0.5 half-way.",
)
@click.option("--rank", type=click.IntRange(1), help="Directions to keep; all if left out.")
@click.option("--name", required=True, help="What doctor shows, like passerelle-1.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def main(
    folders: tuple[Path, ...],
    start: Path | None,
    share: float,
    rank: int | None,
    name: str,
    out: Path,
) -> None:
    """Pack, and print what to pin."""
    try:
        adapter = pack(folders, share=share, name=name, out=out, rank=rank, start=start)
    except (AdapterError, TrainingError) as error:
        raise click.ClickException(str(error)) from error
    rank, size = adapter.provenance["rank"], out.stat().st_size
    click.echo(f"{out}: {adapter.name}, rank {rank}, share {share}, {size:,} bytes. In adapter.py:")
    click.echo(f'SHA256 = "{adapter.sha256}"')


if __name__ == "__main__":
    main()
