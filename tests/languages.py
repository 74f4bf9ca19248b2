"""Which languages of the interface a test has to speak.

What a catalogue must have is the same for all of them, and tests/api/web/test_i18n.py looks at it
in each: every text, its places, its plural forms. So a page needs to be asked for in a few only.
"""

from __future__ import annotations

SHOWN = ("en", "fr", "lb", "pl")
"""The one where none fits; one with no-break spaces and elisions; one that few programs know; one
with three plural forms."""
