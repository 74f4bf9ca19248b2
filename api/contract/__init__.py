"""The shapes that the HTTP API takes and gives, and their description in OpenAPI."""
