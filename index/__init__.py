"""Passages in, hits out. Knows no files."""
