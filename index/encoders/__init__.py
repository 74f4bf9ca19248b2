"""Texts to vectors: the default model, other models, and what runs them."""
