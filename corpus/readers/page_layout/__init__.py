"""Where the lines of a page stand, and what that says: columns, running lines, footnotes.

``columns`` puts the lines of a page into the order in which they are read, ``running_lines``
parts what belongs to the page from what belongs to the text, ``margins`` lets the text go on
over its notes, and ``print_lines`` makes of them what ``line_blocks`` takes.
"""
