"""Uploads and removals: accepted durably, then carried out in the background."""
