"""What may help where nothing answers: why, words spelled otherwise, passages with keywords."""
