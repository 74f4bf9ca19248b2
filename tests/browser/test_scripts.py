"""No script that a document, a file's name, a title or a question holds is ever run."""

from __future__ import annotations

import html
import time
from collections.abc import Iterator
from itertools import product
from urllib.parse import quote

import httpx2
import pytest

from tests.browser.conftest import Reader, Site

RUN = "window.ran=1"
_CALLS = (RUN, f"alert({RUN})")
_FORMS = (
    "<script>{0}</script>",
    "</script><script>{0}</script>",
    "<ScRiPt>{0}</sCrIpT>",
    "<svg onload={0}>",
    "<img src=x onerror={0}>",
    '"><img src=x onerror={0}>',
    "'><svg/onload={0}>",
    "<body onload={0}>",
    "<iframe srcdoc='<script>parent.{0}</script>'>",
    "<iframe src=javascript:parent.{0}>",
    "<a href=javascript:{0}>a</a>",
    "<a href='java\tscript:{0}'>a</a>",
    "<details open ontoggle={0}>",
    "<input autofocus onfocus={0}>",
    "<video><source onerror={0}>",
    "<audio src=x onerror={0}>",
    "<object data=javascript:{0}>",
    "<embed src=javascript:{0}>",
    "<math><mi xlink:href=javascript:{0}>",
    "<form action=javascript:{0}><button>",
    "<button formaction=javascript:{0}>a</button>",
    "<style>@import 'javascript:{0}';</style>",
    "<link rel=stylesheet href=javascript:{0}>",
    "<meta http-equiv=refresh content='0;url=javascript:{0}'>",
    "<base href=javascript:{0}//>",
    "<svg><script>{0}</script></svg>",
    "<svg><animate onbegin={0} attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:{0}><text>a",
    "<template><script>{0}</script></template>",
    "<noscript><p title='</noscript><img src=x onerror={0}>'>",
    "<!--><img src=x onerror={0}>-->",
    "<textarea><img src=x onerror={0}></textarea><script>{0}</script>",
    "<title><script>{0}</script>",
    "&lt;script&gt;{0}&lt;/script&gt;",
    "&#60;script&#62;{0}&#60;/script&#62;",
    "\\u003cscript>{0}\\u003c/script>",
    "' onmouseover={0} autofocus onfocus={0} x='",
    '" onmouseover={0} autofocus onfocus={0} x="',
    "javascript:{0}",
    "data:text/html,<script>{0}</script>",
    "vbscript:{0}",
    "${{{0}}}",
    "{{{{constructor.constructor('{0}')()}}}}",
    "[a](javascript:{0})",
    "![a](x' onerror='{0})",
    "`;{0}//",
    "';{0}//",
    '";{0}//',
    "</style><script>{0}</script>",
    "<x onclick={0} tabindex=1 autofocus onfocus={0}>",
)
PAYLOADS = [form.format(call) for call, form in product(_CALLS, _FORMS)]
GROUP = 4


def groups() -> list[list[str]]:
    return [PAYLOADS[start : start + GROUP] for start in range(0, len(PAYLOADS), GROUP)]


def files() -> Iterator[tuple[str, bytes]]:
    """Yield files whose names, titles and texts are payloads; pages hold them as they are too."""
    for number, payloads in enumerate(groups()):
        name = "".join(payloads).replace("/", "∕").replace("\\", "＼").replace("\t", " ")
        title = html.escape(" ".join(payloads))
        said = "".join(
            f"<p>The baker of Vianden writes {html.escape(p)} here.</p>" for p in payloads
        )
        address = html.escape(payloads[0])
        page = f"<html><head><title>{title}</title><link rel=canonical href='{address}'>"
        raw = "".join(payloads)
        yield (
            f"{number} {name}.html",
            f"{page}</head><body><main><h1>{title}</h1>{said}</main>{raw}</body></html>".encode(),
        )
    yield "picture.svg", f"<svg xmlns='http://www.w3.org/2000/svg' onload='{RUN}'/>".encode()


@pytest.fixture(scope="module")
def uploaded(site: Site) -> Iterator[list[str]]:
    """The documents that these files become, by their ids; they are gone after these tests."""
    sent = [("files", file) for file in files()]
    answer = httpx2.post(
        f"{site.base}/v1/documents", files=sent, data={"collection": "scripts"}, timeout=60
    )
    assert answer.status_code == 202, answer.text
    job = answer.json()
    while job["state"] != "done":
        time.sleep(0.2)
        job = httpx2.get(f"{site.base}{job['link']}", timeout=60).json()
    outcomes = {file["file"]: file["outcome"] for file in job["files"]}
    assert outcomes.pop("picture.svg") == "refused"
    assert set(outcomes.values()) == {"added"}
    found = [file["document"] for file in job["files"] if file["document"]]
    yield found
    for document in found:
        httpx2.delete(f"{site.base}/v1/documents/{document}", timeout=60)


def test_no_script_of_a_hundred_is_run_on_any_page(
    reader: Reader, site: Site, uploaded: list[str]
) -> None:
    assert len(set(PAYLOADS)) == 100
    page = reader.opens()
    asked = [f"/?q={quote(f'baker {payload}')}" for payload in PAYLOADS[::5]]
    found = [f"/documents?q={quote(payload[:40])}" for payload in PAYLOADS[::10]]
    shown = [f"/documents/{document}?mark=0-{40 * GROUP}" for document in uploaded]
    for address in (*shown, *asked, *found, "/documents?collection=scripts", "/"):
        page.goto(address)
        assert page.evaluate("window.ran") is None, address
        assert page.locator("main").count() == 1, address


def test_a_page_that_was_sent_is_handed_out_to_be_saved_only(
    site: Site, uploaded: list[str]
) -> None:
    original = httpx2.get(f"{site.base}/v1/documents/{uploaded[0]}/original", timeout=60)
    assert original.headers["content-disposition"].startswith("attachment")
    assert original.headers["x-content-type-options"] == "nosniff"
    assert "script-src" in original.headers["content-security-policy"] or (
        "default-src 'none'" in original.headers["content-security-policy"]
    )
