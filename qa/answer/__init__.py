"""From ranked passages to an answer: the sentence, the confidence, the citation."""
