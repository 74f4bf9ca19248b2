"""No script that a document, a file's name, a title or a question holds is ever run."""

from __future__ import annotations

import html
import time
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple
from urllib.parse import quote

import httpx2
import pytest
from playwright.sync_api import Browser

from tests.api.auth.test_middleware import EXPECTED
from tests.browser.conftest import PATIENCE_MS, Reader, Site

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
_DANGEROUS = (*_FORMS[:10], *_FORMS[12:16], *_FORMS[48:50])
"""Those of which each runs by itself where it stands alone in a page."""
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
    yield from refused_files()


def refused_files() -> list[tuple[str, bytes]]:
    """Return files that are no documents, which job pages show with the reason."""
    picture = f"<svg xmlns='http://www.w3.org/2000/svg' onload='{RUN}'/>".encode()
    return [("picture.svg", picture), (f"<img src=x onerror={RUN}>.pdf", b"no PDF")]


class Uploaded(NamedTuple):
    """What these files became."""

    job: str
    documents: list[str]


@pytest.fixture(scope="module")
def uploaded(site: Site) -> Iterator[Uploaded]:
    """The files, uploaded; they are gone after these tests."""
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
    assert {outcomes.pop(name) for name, _ in refused_files()} == {"refused"}
    assert set(outcomes.values()) == {"added"}
    found = [file["document"] for file in job["files"] if file["document"]]
    yield Uploaded(job["id"], found)
    for document in found:
        httpx2.delete(f"{site.base}/v1/documents/{document}", timeout=60)


def addresses(uploaded: Uploaded) -> dict[str, list[str]]:
    """Return, for each address that answers GET, where payloads may come out of it."""
    said = [quote(" ".join(payloads), safe="") for payloads in groups()]
    document, job = uploaded.documents[0], uploaded.job
    return {
        "/": [f"/?q=baker+{each}" for each in said]
        + [f"/?q=baker&earlier={e}&collections={e}&languages={e}&prefer={e}" for e in said[::6]]
        + [f"/?q={quote('?' * 2_000)}{each}" for each in said[:1]]
        + ["/"],  # with what was asked before
        "/documents": [f"/documents?q={e}&file={e}&language={e}" for e in said[::3]]
        + [f"/documents?collection={each}&published_from={each}" for each in said[::6]]
        + ["/documents?collection=scripts"],
        "/documents/{id}": [f"/documents/{e}?mark=0-{40 * GROUP}" for e in uploaded.documents]
        + [f"/documents/{each}?mark={each}&lang={each}" for each in said[::6]],
        "/documents/{id}/pages": [f"/documents/{document}/pages?mark={said[0]}"],
        "/documents/{id}/pages/{n}": [f"/documents/{document}/pages/1?mark={said[0]}"],
        "/jobs": [f"/jobs?{said[0]}"],
        "/selected": ["/selected?collection=scripts", f"/selected?document={said[0]}&q={said[1]}"],
        "/collections": [f"/collections?{said[0]}"],
        "/collections/rename": [
            f"/collections/rename?collection={each}&to={said[1]}" for each in ("scripts", said[0])
        ],
        "/keys": [f"/keys?{said[0]}"],
        "/questions": [f"/questions?days={said[0]}&collection={said[1]}", "/questions"],
        "/sources": [f"/sources?{said[0]}"],
        "/model": [f"/model?{said[0]}"],
        "/write": [f"/write?q=baker+{said[0]}"],
        "/translate": [f"/translate?q=baker&passage={said[0]}"],
        "/embed": [f"/embed?lang={said[0]}", *(f"/embed?collections={e}" for e in said[::6])],
        "/embed.css": ["/embed.css?accent=0b5f66", f"/embed.css?radius=3&a={said[0]}"],
        "/v1/models": ["/v1/models"],
        "/jobs/{id}": [f"/jobs/{job}", *(f"/jobs/{each}" for each in said[::6])],
        "/docs": [f"/docs?{said[0]}#{said[1]}"],
        "/sign-in": [f"/sign-in?back={said[0]}&key={said[1]}"],
        "/sign-in/provider": [f"/sign-in/provider?back={said[0]}"],
        "/sign-in/return": [f"/sign-in/return?code={said[0]}&state={said[1]}"],
        "/sign-in/finish": [f"/sign-in/finish?code={said[0]}&state={said[1]}"],
        "/llms.txt": [f"/llms.txt?lang={said[0]}"],
        "/static": [f"/static/{said[0]}", "/static/passerelle.js"],
        "/health": [f"/health?{said[0]}"],
        "/ready": [f"/ready?{said[0]}"],
        "/metrics": [f"/metrics?{said[0]}"],
        "/openapi.json": [f"/openapi.json?{said[0]}"],
        "/v1/collections": [f"/v1/collections?{said[0]}"],
        "/v1/questions": [f"/v1/questions?collection={said[0][:90]}", "/v1/questions"],
        "/v1/languages": [f"/v1/languages?{said[0]}"],
        "/v1/documents": [f"/v1/documents?q={said[0]}", "/v1/documents?collection=scripts"],
        "/v1/documents/{id}": [f"/v1/documents/{document}", f"/v1/documents/{said[0]}"],
        "/v1/documents/{id}/text": [f"/v1/documents/{document}/text"],
        "/v1/documents/{id}/pages/{n}": [f"/v1/documents/{document}/pages/{said[0]}"],
        "/v1/documents/{id}/pages/{n}/boxes": [f"/v1/documents/{document}/pages/1/boxes"],
        "/v1/jobs": ["/v1/jobs", f"/v1/jobs?limit={said[0]}"],
        "/v1/jobs/{id}": [f"/v1/jobs/{job}", f"/v1/jobs/{said[0]}"],
        "/v1/jobs/{id}/events": [f"/v1/jobs/{job}/events"],
    }


ORIGINAL = "/v1/documents/{id}/original"
"""What a browser does not show but hands out to be saved."""

TEXTS = (
    "/v1/",
    "/embed.css",
    "/llms.txt",
    "/static/passerelle.js",
    "/health",
    "/ready",
    "/metrics",
    "/openapi",
)
"""How the addresses begin of what is shown as text, and not as a page."""


def test_the_payloads_run_where_nothing_is_done_against_them(browser: Browser) -> None:
    page = browser.new_page()
    for payload in (form.format(RUN) for form in _DANGEROUS):
        page.goto("about:blank")
        page.set_content(payload, wait_until="commit")
        page.wait_for_function("window.ran === 1", timeout=PATIENCE_MS)
    page.close()


def test_no_script_of_a_hundred_is_run_on_any_page(reader: Reader, uploaded: Uploaded) -> None:
    assert len(set(PAYLOADS)) == 100
    opened = addresses(uploaded)
    assert opened.keys() | {ORIGINAL} == {path for method, path in EXPECTED if method == "GET"}
    page = reader.opens()
    for address in (each for of_route in opened.values() for each in of_route):
        answer = page.goto(address)
        assert answer
        is_page = answer.headers["content-type"].startswith("text/html")
        assert page.evaluate("window.ran") is None, address
        assert page.locator("main").count() == is_page, address
        assert is_page != address.startswith(TEXTS), address
    with page.expect_download():
        page.evaluate(
            "address => { location = address }", ORIGINAL.replace("{id}", uploaded.documents[0])
        )
    assert page.evaluate("window.ran") is None


SEND = """([address, fields]) => {
  const form = document.body.appendChild(document.createElement("form"));
  form.method = "post";
  form.action = address;
  if ("files" in fields) form.enctype = "multipart/form-data";
  for (const [name, value] of Object.entries(fields)) {
    const field = form.appendChild(document.createElement("input"));
    field.name = name;
    if (name === "files") {
      const chosen = new DataTransfer();
      chosen.items.add(new File(["a"], value));
      field.type = "file";
      field.files = chosen.files;
    } else {
      field.type = "hidden";
      field.value = value;
    }
  }
  form.submit();
}"""


HREFS = "links => links.map(link => link.getAttribute('href'))"


def forms(uploaded: Uploaded, said: str) -> dict[str, dict[str, str]]:
    """Return, for each address that a page's forms are sent to, fields that hold payloads."""
    return {
        "/documents": {"collection": said[:90], "files": f"{said}.exe"},
        "/documents/{id}/facts": {"title": said[:200], "publisher": said[:200], "url": said[:900]},
        "/documents/{id}/remove": {"a": said},
        "/selected": {"selection": said, "count": "1"},
        "/selected/move": {"selection": said, "count": "1", "collection": said[:90]},
        "/collections/rename": {"collection": said[:90], "to": said[90:180]},
        "/keys": {"name": said[:90], "scopes": said, "collections": said},
        "/keys/revoke": {"key": said},
        "/questions/evaluate": {"a": said},
        "/sources/visit": {"kind": "feed", "address": said[:5000], "collection": said[:500]},
        "/model": {"step": "take", "model": said[:60]},
        "/write": {said: said},
        "/translate": {said: said},
        "/feedback": {
            "question": said, "document": uploaded.documents[0], "start": "0", "end": "9",
            "verdict": "helpful", "back": f"/?q={said}",
        },
        "/sign-in": {"key": said[:200], "back": f"/{said}"},
        "/sign-out": {said: said},
    }  # fmt: skip


def test_no_script_of_a_hundred_is_run_where_a_form_leads(
    reader: Reader, uploaded: Uploaded
) -> None:
    page = reader.opens()
    for payloads in groups()[::4]:
        sent = forms(uploaded, "".join(payloads))
        assert sent.keys() == {
            path
            for method, path in EXPECTED
            if method == "POST" and not path.startswith(("/v1/", "/mcp"))
        }
        for path, fields in sent.items():
            page.goto("/sign-in")  # the smallest of the pages
            with page.expect_navigation():
                page.evaluate(SEND, [path.replace("{id}", quote(payloads[0], safe="")), fields])
            assert page.evaluate("window.ran") is None, (path, fields)
            assert page.locator("main").count() == 1, path
            for link in page.locator("main a[href]").evaluate_all(HREFS):
                assert link.startswith(("/", "#")), path


def test_a_page_that_was_sent_is_handed_out_to_be_saved_only(
    site: Site, uploaded: Uploaded
) -> None:
    original = httpx2.get(f"{site.base}/v1/documents/{uploaded.documents[0]}/original", timeout=60)
    assert original.headers["content-disposition"].startswith("attachment")
    assert original.headers["x-content-type-options"] == "nosniff"
    assert "script-src 'self'" in original.headers["content-security-policy"].split("; ")
