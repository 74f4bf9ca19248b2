"""Pages that a site publishes, fetched for whoever operates the collection and kept up with.

Only the command line and the operator's file of sources name addresses; no request ever does.
"""
