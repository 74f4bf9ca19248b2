"""A change of model: the new one is made beside the old one, which is searched meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable

from corpus.errors import ModelChangeRefused
from corpus.store.catalogue import Catalogue
from corpus.store.model_change import ChangingModel, ModelChange
from corpus.store.view import View
from index.encoders.model_hash import source_of
from index.encoders.protocol import Encoder
from index.errors import ModelMismatch, ModelNotFound
from index.settings import ModelSettings
from index.writer import Progress, encode_beside, register

log = logging.getLogger(__name__)


def load_searched(settings: ModelSettings) -> Encoder:
    """Load the settings' model, or the one that took its place in a change of model.

    Raises:
        CatalogueError: the data folder cannot be read.
        ModelError: it cannot be loaded.
    """
    source = _successor(settings)
    if source is None:
        return settings.load_encoder()
    log.warning(
        "The settings ask for %s. A change of model has put %s in its place.",
        settings.model,
        source,
    )
    return settings.changed(model=source).load_encoder()


def load_changing(settings: ModelSettings, wanted: ChangingModel) -> Encoder:
    """Load one of the two models of a change, from this machine.

    Raises:
        ModelMismatch: its files are another model by now.
        ModelError: it cannot be loaded.
    """
    encoder = settings.changed(model=source_of(wanted.source)).load_encoder()
    if encoder.identity.sha256 != wanted.model.sha256:
        raise ModelMismatch(
            f"{wanted.source} was {wanted.model}, and is {encoder.identity} now. Put the old files "
            "back, or run `passerelle model drop`."
        )
    return encoder


def prepare(
    catalogue: Catalogue,
    former_source: str,
    source: str,
    encoder: Encoder,
    report: Callable[[Progress], None] = lambda _: None,
) -> None:
    """Make the vectors of ``encoder``, which ``source`` loads, beside those that are searched.

    Those are of the model that ``former_source`` loads. What was cut off goes on.

    Raises:
        ModelChangeRefused: that model is searched already, nothing is, or another change is under
            way.
    """
    model = register(catalogue, encoder.identity)
    catalogue.begin_model_change(former_source, model, source)
    catch_up(catalogue, encoder, report)


def catch_up(
    catalogue: Catalogue,
    encoder: Encoder,
    report: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Make what vectors are missing of the model that is not searched, until none is.

    Raises:
        ModelChangeRefused: no change is under way in which that is the encoder's.
    """
    while (change := _change_to(catalogue, encoder)).lacking and not should_stop():
        encode_beside(catalogue, encoder, change.other.model, report, should_stop)


def views_of_both(
    catalogue: Catalogue,
    encoder: Encoder,
    report: Callable[[Progress], None] = lambda _: None,
) -> tuple[View, View]:
    """Return one state of a catalogue as it is searched, and as it would be with the other model of
    the change, which is ``encoder``'s and lacks no vector there.

    Raises:
        ModelChangeRefused: no change is under way in which that is the encoder's.
    """
    while True:
        catch_up(catalogue, encoder, report)
        change = _change_to(catalogue, encoder)
        both = tuple(catalogue.view(each.model) for each in (change.searched, change.other))
        seen = [(view.generation(), view.model_change()) for view in both]
        if seen == [(seen[0][0], change)] * 2 and not change.lacking:
            return both[0], both[1]
        for view in both:
            view.close()


def switch(
    catalogue: Catalogue,
    encoder: Encoder,
    report: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Search with the model that was not, once no text lacks its vector, and keep the other one's.

    Raises:
        ModelChangeRefused: no change is under way in which that is the encoder's.
    """
    model = _change_to(catalogue, encoder).other.model
    while not catalogue.switch_model(model):
        encode_beside(catalogue, encoder, model, report, should_stop)
        if should_stop():
            return
    catalogue.publish()


def _change_to(catalogue: Catalogue, encoder: Encoder) -> ModelChange:
    change = catalogue.model_change()
    if change is None or change.other.model.sha256 != encoder.identity.sha256:
        raise ModelChangeRefused(
            f"No change to {encoder.identity} is under way. Run `passerelle model show`."
        )
    return change


def _successor(settings: ModelSettings) -> str | None:
    if not settings.store.exists():
        return None
    try:
        source = source_of(settings.model)
    except ModelNotFound:
        return None
    with settings.store.view() as view:
        return view.successor(source)
