from __future__ import annotations

from datetime import date

import pytest

from corpus.errors import DamagedFile
from corpus.readers.formats.html import read_html
from corpus.types import Metadata

ARTICLE = "".join(
    f"<h2>Part {number}</h2><p>" + f"Sentence {number} of the article on the border police. " * 6
    + "</p>"
    for number in range(4)
)  # fmt: skip
MENU = "<ul><li><a href='/'>Home</a></li><li><a href='/n'>News</a></li><li><a>Contact</a></li></ul>"


def texts(page: str) -> list[str]:
    return [" ".join(block.text.split()) for block in read_html(page.encode()).blocks]


def test_a_small_page_keeps_all_of_its_content_and_structure() -> None:
    page = f"""<html><body><nav>{MENU}</nav><main><h1>The accord</h1><p>Two lines<br>of text.</p>
        <p>The measures:</p><ul><li>a <b>joint</b> patrol</li><li><p>an exchange</p><p>of data</p>
        </li></ul><ol><li>one</li><li>two</li></ol><table><tr><th>Country</th><th>Officers</th></tr>
        <tr><td><p>Belgium</p></td><td>12</td></tr></table></main><footer>Disclaimer</footer></body>
        </html>"""
    found = [
        (block.kind.value, " ".join(block.text.split()))
        for block in read_html(page.encode()).blocks
    ]
    assert found == [
        ("heading", "The accord"),
        ("paragraph", "Two lines of text."),
        ("paragraph", "The measures:"),
        ("list item", "- a joint patrol"),
        ("list item", "- an exchange"),
        ("paragraph", "of data"),
        ("list item", "1. one"),
        ("list item", "2. two"),
        ("row", "Country | Officers"),
        ("row", "Belgium | 12"),
    ]


def test_control_characters_are_left_out() -> None:
    page = "<main><p>Bonjour <button>ok</button>le\x1d monde.</p></main>"
    assert texts(page) == ["Bonjour le monde."]


def test_a_date_marked_up_as_one_stays_in_its_sentence() -> None:
    page = f"""<html><body><article><h1>The accord</h1>{ARTICLE}<p>It was signed on
        <time datetime="2018-07-23">23 July 2018</time> in Brussels by all three countries.</p>
        </article></body></html>"""
    assert "It was signed on 23 July 2018 in Brussels by all three countries." in texts(page)


def test_menus_without_markup_of_their_own_are_left_out() -> None:
    page = f"""<html><body><div>{MENU}</div><div><h1>A note</h1><p>The first of three.</p>
        <p>The second of <a href="/x">three</a>.</p><p>The third.</p></div></body></html>"""
    assert texts(page) == ["A note", "The first of three.", "The second of three.", "The third."]


def test_an_article_comes_without_what_stands_around_it() -> None:
    page = f"""<html><head><title>The border police | Portal</title></head><body>
        <div class="menu">{MENU}</div><div class="article-body"><h1>The border police</h1>{ARTICLE}
        </div><div class="sidebar"><h3>Most read</h3>{MENU}</div><footer>Privacy</footer></body>
        </html>"""
    found = texts(page)
    assert found[0] == "The border police"
    assert [text for text in found if text.startswith("Part")] == [f"Part {n}" for n in range(4)]
    assert not {"Home", "- Home", "Most read", "Privacy"} & set(found)


def test_a_page_inside_a_form_is_read() -> None:
    page = "<html><body><form><p>A page made by a server.</p><input value='x'></form></body></html>"
    assert texts(page) == ["A page made by a server."]


def test_long_lists_are_numbered_and_nested_ones_apart() -> None:
    items = "".join(f"<li>item {number}</li>" for number in range(1, 300))
    found = texts(f"<main><ol>{items}<li>last<ul><li>inner</li></ul></li></ol></main>")
    assert found[298:] == ["299. item 299", "300. last", "- inner"]


def test_metadata_come_from_the_head() -> None:
    page = f"""<html><head><title>x</title><meta property="og:title" content="The accord">
        <meta property="og:site_name" content="Portal"><link rel="canonical"
        href="https://example.org/accord"><meta property="article:published_time"
        content="2022-02-04T10:00:00+01:00"></head><body><main>{ARTICLE}</main></body></html>"""
    assert read_html(page.encode()).metadata == Metadata(
        "The accord", "Portal", date(2022, 2, 4), "https://example.org/accord"
    )


def test_a_page_that_says_nothing_of_itself_has_no_metadata() -> None:
    assert read_html(b"<p>Only this, in 2019.</p>").metadata == Metadata()


def test_the_encoding_a_page_declares_is_honoured() -> None:
    page = '<html><head><meta charset="iso-8859-2"></head><body><p>Rząd przyjął.</p></body></html>'
    assert read_html(page.encode("iso-8859-2")).blocks[0].text == "Rząd przyjął."


def test_an_xml_declaration_and_nul_bytes_do_no_harm() -> None:
    page = b'<?xml version="1.0" encoding="utf-8"?><html><body><p>One\0 two.</p></body></html>'
    assert read_html(page).blocks[0].text == "One two."


@pytest.mark.parametrize("depth", [300, 1_000])
def test_deeply_nested_text_is_read(depth: int) -> None:
    page = "<div>" * depth + "<p>Down below.</p>" + "</div>" * depth + "<p>After.</p>"
    assert texts(page) == ["Down below.", "After."]


def test_text_nested_too_deep_is_refused_and_not_lost() -> None:
    with pytest.raises(DamagedFile, match="too deep"):
        read_html(b"<p>Text.</p>" + b"<div>" * 5_000 + b"more" + b"</div>" * 5_000)


def page_of(head: str = "", body: str = "") -> bytes:
    return f"<html><head>{head}</head><body><main>{ARTICLE}{body}</main></body></html>".encode()


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<meta name="DC.date.issued" content="2021-05-03">', ""),
        ('<meta property="article:published_time" content="2021-05-03T23:59:00+02:00">', ""),
        ('<meta name="dcterms.date" content="3 May 2021">', ""),
        (
            '<script type="application/ld+json">{"@graph": [{"@type": "WebSite"}, {"@type":'
            ' "NewsArticle", "datePublished": "2021-05-03", "dateModified": "2022-01-01"}]}'
            "</script>",
            "",
        ),
        ("", '<p>By Jo, <time itemprop="datePublished" datetime="2021-05-03">today</time></p>'),
        ("", '<p><time class="entry-date published">3 May 2021</time></p>'),
    ],
)
def test_a_page_that_marks_its_date_of_publication_is_dated(head: str, body: str) -> None:
    assert read_html(page_of(head, body)).metadata.published == date(2021, 5, 3)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<meta name="date" content="2021-05-03">', ""),
        ('<meta property="article:modified_time" content="2021-05-03">', ""),
        ('<link rel="canonical" href="https://example.org/2021/05/03/accord">', ""),
        ("", '<p>From <time datetime="2021-05-03">3 May 2021</time> the library closes.</p>'),
        ("", "<p class='date'>Next meeting: 3 May 2021</p><p>Last change: 2021-05-03</p>"),
        ("", '<img src="https://example.org/2021/05/03/accord.png" alt=""><p>© 2021</p>'),
        ('<script type="application/ld+json">{"datePublished": 20210503</script>', ""),
        (
            "",
            '<ul><li><time class="entry-date" datetime="2021-05-03">one</time></li>'
            '<li><time class="entry-date" datetime="2021-05-04">two</time></li></ul>',
        ),
    ],
)
def test_any_other_date_in_a_page_is_not_its_own(head: str, body: str) -> None:
    assert read_html(page_of(head, body)).metadata.published is None


def test_the_link_behind_a_heading_is_no_part_of_it_nor_of_the_title() -> None:
    content = f"<main><h1>7. Scope<a href='#s'>¶</a></h1>{ARTICLE}</main>"
    page = f"<html><head><title>7. Scope</title></head><body>{content}</body></html>"
    document = read_html(page.encode())
    assert "7. Scope" in [block.text for block in document.blocks]
    assert document.metadata.title == "7. Scope"
    assert document.metadata.publisher is None


def test_a_page_of_several_headings_has_the_title_of_its_head() -> None:
    content = f"<main><h1>Abstract¶</h1>{ARTICLE}<h1>Contents¶</h1></main>"
    page = f"<html><head><title>Policy 0.12.0 </title></head><body>{content}</body></html>"
    assert read_html(page.encode()).metadata.title == "Policy 0.12.0 "


def test_the_title_is_the_contents_heading_and_not_that_of_what_stands_around_it() -> None:
    page = f"""<html><head><title>Police | Manual of the ministry</title></head><body><header>
        <h1>Manual of the ministry</h1></header><main><h2>Police#</h2>{ARTICLE}</main></body></html>
        """
    assert read_html(page.encode()).metadata.title == "Police"
