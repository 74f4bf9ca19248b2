from __future__ import annotations

from datetime import date

from corpus.readers.formats.markdown import read_markdown
from corpus.types import BlockKind, Metadata

TEXT = """---
title: "The accord"
date: 2020-05-03
author: The ministry
url: https://example.org/accord
---
# The accord

A **bold** [link](https://example.org) wrapped
over two lines, with `code`\\
and ![a picture](x.png).

3. three
4. four
   - nested

   A second paragraph of four.

| country | officers |
|---------|----------|
| Belgium | 12       |

```
x = 1

y = 2
```

<div class="note">In <b>HTML</b><!-- not this --></div>

> A quotation<br>in two lines.
"""


def test_markdown_becomes_headings_paragraphs_and_list_items() -> None:
    assert [(block.kind.value, " ".join(block.text.split())) for block in
            read_markdown(TEXT.encode()).blocks] == [
        ("heading", "The accord"),
        ("paragraph", "A bold link wrapped over two lines, with code and a picture."),
        ("list item", "3. three"),
        ("list item", "4. four"),
        ("list item", "- nested"),
        ("paragraph", "A second paragraph of four."),
        ("row", "country | officers"),
        ("row", "Belgium | 12"),
        ("paragraph", "x = 1"),
        ("paragraph", "y = 2"),
        ("paragraph", "In HTML"),
        ("paragraph", "A quotation in two lines."),
    ]  # fmt: skip


def test_front_matter_is_metadata() -> None:
    assert read_markdown(TEXT.encode()).metadata == Metadata(
        title="The accord",
        publisher="The ministry",
        published=date(2020, 5, 3),
        url="https://example.org/accord",
    )


def test_deep_quotations_are_read() -> None:
    assert read_markdown(b"> " * 40 + b"quoted").blocks[0].text == "quoted"


def test_a_rule_at_the_beginning_is_not_front_matter() -> None:
    document = read_markdown(b"---\n\nText below a rule.\n")
    assert document.metadata == Metadata()
    assert document.blocks[0].kind is BlockKind.PARAGRAPH
