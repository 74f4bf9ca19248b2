"""Office documents: texts, sheets and slides, of Microsoft's formats and OpenDocument."""
