"""Passages searched where they are kept, in PostgreSQL with pgvector."""
