"""What assistants call over the Model Context Protocol; the ``mcp`` extra is needed to serve it."""
