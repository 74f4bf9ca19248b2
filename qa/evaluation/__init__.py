"""Question files, what is right, and how often it was found."""
