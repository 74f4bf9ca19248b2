"""Words out of pictures of pages, by Tesseract where it is installed.

``tesseract`` calls its library, ``models`` knows which of its models reads what, ``allowance``
bounds what a page and a document may cost, ``pictures`` makes shades of grey of any picture, and
``recogniser`` reads page after page.
"""
