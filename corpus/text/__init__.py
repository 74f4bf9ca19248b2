"""Raw text to passages: cleaning, dates, language identification, sentences, chunking."""
