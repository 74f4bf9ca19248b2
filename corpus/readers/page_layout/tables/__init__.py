"""The tables of a page, row by row: those with a frame, and those that only stand in columns.

``grids`` finds the first by the rules that ``rules`` knows, ``aligned`` the others; both make of
their lines what ``cells`` calls a table.
"""
