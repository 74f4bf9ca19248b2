"""The SQLite catalogue: documents, passages, vectors and jobs, and what keeps them intact."""
