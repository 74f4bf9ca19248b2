"""Vectors of one language, searched with FAISS and kept on disk."""
