"""Sentences from a language model of the operator's; nothing here runs until one is named."""
