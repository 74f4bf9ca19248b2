"""Files in, passages out. Knows no vectors and no web."""
