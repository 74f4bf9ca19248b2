"""A model of what must be gone and of what must be there, beside the real service."""
