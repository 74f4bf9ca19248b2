"""A page of print as its readers know it: drawn, with the places of its words and passages.

``drawing`` makes a picture of a page, ``characters`` finds where its characters stand,
``alignment`` finds a document's cleaned text among them, and ``marks`` makes of that the boxes to
be marked. ``slides`` lays out a slide from what ``pptx_slides`` and ``odp_slides`` find in its
file, and ``letterhead`` reads the head of a message. All of it works on a stranger's file, so it
runs in the sandbox.
"""
