"""The catalogue in PostgreSQL with pgvector, for collections that one machine is too small for."""
