"""The web pages: what they show, in which language, and how they are laid out."""
