"""Write the vectors by which a compiled form of the default model is checked.

    python -m training.reference_vectors [--out index/encoders/reference_vectors.npz]

They are sentence-transformers', so that a server that checks what it compiled does not need it.
Write them again after a new training, and after a change of the background texts.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from index.encoders.checked_texts import SHIPPED, checked_texts
from index.encoders.protocol import Backend, Vectors
from index.encoders.variants import Variant
from index.settings import ModelSettings


def made(settings: ModelSettings) -> dict[str, Vectors]:
    """Return the vectors by the names that they have in the file, float32."""
    texts = checked_texts()
    found = {}
    for variant in Variant:
        changed = settings.changed(model=variant, backend=Backend.SENTENCE_TRANSFORMERS)
        encoder = changed.load_encoder()
        found[f"{variant} questions"] = encoder.questions(texts.questions)
        found[f"{variant} passages"] = encoder.passages(texts.passages)
    return found


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=SHIPPED, show_default=True)
def main(out: Path) -> None:
    """Write sentence-transformers' vectors of the texts that are checked."""
    vectors = {name: each.astype(np.float16) for name, each in made(ModelSettings()).items()}
    np.savez_compressed(out, **vectors)  # type: ignore[arg-type] # its stub has a bool among them
    click.echo(f"{out}: {', '.join(vectors)}")


if __name__ == "__main__":
    main()
