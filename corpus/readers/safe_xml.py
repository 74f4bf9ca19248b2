"""XML out of files that may be hostile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.errors import Refused

if TYPE_CHECKING:
    from lxml.etree import _Element


def parsed(content: bytes, otherwise: Refused) -> _Element:
    """Return the root element; raise ``otherwise`` where there is none to be had.

    Nothing is fetched and no entity put in, whatever the file declares.
    """
    from lxml import etree

    # What is written after a comment belongs to the text before it, so that it is not lost.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise otherwise from error
