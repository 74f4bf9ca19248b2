"""Messages as programs save them (EML, MSG), and pages saved as messages (MHTML)."""
