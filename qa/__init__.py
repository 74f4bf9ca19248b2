"""Question in, answer or abstention out."""
