"""One module for each file format; each turns bytes into blocks of text and metadata."""
