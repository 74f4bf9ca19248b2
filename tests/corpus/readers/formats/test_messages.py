"""Messages and what comes with them, however a program saved them."""

from __future__ import annotations

from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest

from corpus.errors import DamagedFile, NoText, Refused, TooCostly
from corpus.ingest import find_sources, ingest, prune
from corpus.readers import containers, media_type_of, read
from corpus.readers.formats.mail.parts import MAX_ATTACHMENTS
from corpus.store.catalogue import Catalogue
from corpus.types import LeftOutReason, RawDocument
from corpus.unpacking import MAX_NESTING, documents_in
from tests.compound_file import compound_file
from tests.compound_file import message as outlooks
from tests.documents import pdf

NOON_2020_12_14 = (132_523_776_000_000_000 + 12 * 3600 * 10**7) // 1


def mail(text: str = "Siehe Anlage.", subject: str = "Angebot") -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = subject
    made["From"] = "Jo Roe <jo@example.org>"
    made["Date"] = "Mon, 14 Dec 2020 10:00:00 +0100"
    made.set_content(text)
    return made


def of(name: str, content: bytes) -> RawDocument:
    return read(content, media_type_of(name, content))


def texts(document: RawDocument) -> list[str]:
    return [block.text for block in document.blocks]


def numbers(document: RawDocument) -> dict[LeftOutReason, int]:
    return {each.reason: each.number for each in document.left_out}


def inside(name: str, content: bytes) -> dict[str, bytes]:
    return {file: bytes(held) for file, held in containers.members(name, content)}


def test_attachments_are_files_below_the_name_of_their_message() -> None:
    made = mail()
    made.add_attachment(b"a", "application", "pdf", filename="Angebot.pdf")
    made.add_attachment(b"b", "application", "pdf", filename="Angebot.pdf")
    made.add_attachment(b"c", "application", "pdf", filename="../../etc/pass\twd.pdf")
    made.add_attachment(mail("Das erste.", "Anfrage"))
    made.add_attachment(b"d", "application", "octet-stream")
    held = inside("brief.eml", made.as_bytes())
    assert list(held) == [
        "brief.eml/Angebot.pdf",
        "brief.eml/Angebot (2).pdf",
        "brief.eml/etc pass wd.pdf",
        "brief.eml/Anfrage.eml",
        "brief.eml/attachment 5",
    ]
    assert texts(of("a.eml", held["brief.eml/Anfrage.eml"])) == ["Anfrage", "Das erste."]
    assert texts(of("a.eml", made.as_bytes())) == ["Angebot", "Siehe Anlage."]


def test_a_message_with_a_page_only_is_read_whatever_the_page_says_of_its_encoding() -> None:
    made = mail()
    made.set_content(
        "<html><head><meta charset=iso-8859-1></head><body><p>Größe</p><p>Zweitens.</p></body>",
        subtype="html",
    )
    assert texts(of("a.eml", made.as_bytes())) == ["Angebot", "Größe", "Zweitens."]


def test_a_plain_text_that_says_nothing_gives_way_to_the_page() -> None:
    made = mail(" \n")
    made.add_alternative("<p>Nur hier.</p>", subtype="html")
    assert texts(of("a.eml", made.as_bytes())) == ["Angebot", "Nur hier."]


def test_text_after_an_attachment_belongs_to_the_message() -> None:
    made = mail("Davor.")
    made.add_attachment(b"%PDF-", "application", "pdf", filename="a.pdf")
    made.add_attachment("Danach.", disposition="inline")
    assert texts(of("a.eml", made.as_bytes())) == ["Angebot", "Davor.", "Danach."]


def test_what_a_reply_repeats_at_its_end_is_left_out_and_counted() -> None:
    reply = mail(
        "Einverstanden.\n\nAm 13. Dezember 2020 schrieb Jo Roe <jo@example.org>:\n> Passt es?\n>\n"
        "> Gruß\n"
    )
    document = of("a.eml", reply.as_bytes())
    assert texts(document) == ["Angebot", "Einverstanden."]
    assert numbers(document) == {LeftOutReason.QUOTED: 1}
    page = mail()
    page.set_content(
        "<p>Einverstanden.</p><div class='gmail_quote'><div>Am 13. schrieb Jo:</div>"
        "<blockquote class='gmail_quote'>Passt es?</blockquote></div>",
        subtype="html",
    )
    assert texts(of("a.eml", page.as_bytes())) == ["Angebot", "Einverstanden."]
    assert numbers(of("a.eml", page.as_bytes())) == {LeftOutReason.QUOTED: 1}


@pytest.mark.parametrize(
    "text", ["> Passt es?\n\nJa.\n\n> Auch am Montag?\n\nNein.\n", "> Alles ist zitiert.\n"]
)
def test_answers_between_the_lines_keep_what_they_answer(text: str) -> None:
    document = of("a.eml", mail(text).as_bytes())
    assert "zitiert" in " ".join(texts(document)) or "Montag" in " ".join(texts(document))
    assert document.left_out == ()


def test_a_message_of_nothing_but_an_attachment_is_its_subject() -> None:
    made = mail("")
    made.add_attachment(b"a", "application", "pdf", filename="a.pdf")
    assert texts(of("a.eml", made.as_bytes())) == ["Angebot"]
    with pytest.raises(NoText):
        of("a.eml", mail("").as_bytes())


def test_pictures_in_the_text_of_a_message_are_counted() -> None:
    made = mail()
    made.add_attachment(b"x", "image", "png", disposition="inline", filename="logo.png")
    assert numbers(of("a.eml", made.as_bytes())) == {LeftOutReason.PICTURE: 1}
    assert inside("a.eml", made.as_bytes()) == {}


def test_outlooks_message_is_read_like_any_other() -> None:
    first = outlooks("Anfrage", "Passt es?", inside=True)
    content = compound_file(
        outlooks(
            "Angebot",
            "Siehe Anlage.",
            sender=("Jo Roe", "jo@example.org"),
            sent=NOON_2020_12_14,
            attachments={"Angebot.pdf": b"x" * 5000, "": first},
        )
    )
    document = of("a.msg", content)
    assert texts(document) == ["Angebot", "Siehe Anlage."]
    assert document.metadata.publisher == "Jo Roe"
    assert document.metadata.published == date(2020, 12, 14)
    held = inside("a.msg", content)
    assert list(held) == ["a.msg/Angebot.pdf", "a.msg/Anfrage.eml"]
    assert held["a.msg/Angebot.pdf"] == b"x" * 5000
    assert texts(of("b.eml", held["a.msg/Anfrage.eml"])) == ["Anfrage", "Passt es?"]


def test_outlooks_message_with_a_page_only_is_read() -> None:
    content = compound_file(outlooks("Angebot", html=b"<p>Nur <b>so</b>.</p>"))
    assert texts(of("a.msg", content)) == ["Angebot", "Nur so."]


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9])
def test_outlooks_message_cut_short_is_refused(kept: float) -> None:
    content = compound_file(outlooks("Angebot", "Text. " * 2000))
    with pytest.raises(DamagedFile):
        read(content[: int(len(content) * kept)], "application/vnd.ms-outlook")


def test_a_page_saved_by_a_browser_has_its_address() -> None:
    content = (
        b"From: <Saved by Blink>\nSnapshot-Content-Location: https://example.org/a\n"
        b'MIME-Version: 1.0\nContent-Type: multipart/related; type="text/html"; boundary=x\n\n'
        b"--x\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n"
        b"<html><head><title>Die Br=C3=BCcke</title></head><body><main><h1>Die Br=C3=BCcke</h1>"
        b"<p>Sie ist gesperrt.</p></main></body></html>\n--x\nContent-Type: image/png\n\n\n--x--\n"
    )
    document = of("a.mhtml", content)
    assert texts(document) == ["Die Brücke", "Sie ist gesperrt."]
    assert document.metadata.url == "https://example.org/a"
    assert numbers(document) == {LeftOutReason.PICTURE: 1}


def test_too_many_attachments_are_refused_with_their_number() -> None:
    part = b"--x\nContent-Type: application/pdf\n\na\n"
    head = b"Subject: a\nContent-Type: multipart/mixed; boundary=x\n\n"
    with pytest.raises(TooCostly, match="1,001 attachments"):
        inside("a.eml", head + part * (MAX_ATTACHMENTS + 1) + b"--x--\n")


def test_messages_in_messages_are_opened_so_deep_and_the_next_is_refused_by_its_name() -> None:
    made = mail("Der innerste.", "0")
    for number in range(1, MAX_NESTING + 3):
        outer = mail(f"Der {number}.", str(number))
        outer.add_attachment(made)
        made = outer
    found = list(documents_in("a.eml", made.as_bytes))
    assert len(found) == MAX_NESTING + 2
    with pytest.raises(Refused, match="attached to one another"):
        found[-1][1]()


def test_an_attachment_comes_goes_and_stays_with_its_message(tmp_path: Path) -> None:
    folder = tmp_path / "post"
    folder.mkdir()
    made = mail()
    made.add_attachment(pdf(["Der Preis ist zehn."]), "application", "pdf", filename="Angebot.pdf")
    made.add_attachment(b"\x89PNG\r\n\x1a\n", "image", "png", filename="Plan.png")
    (folder / "brief.eml").write_bytes(made.as_bytes())
    with Catalogue(tmp_path / "data") as catalogue:
        reports = {r.file: r.outcome for r in ingest(catalogue, find_sources([folder]), "post")}
        assert reports == {
            "brief.eml": "added",
            "brief.eml/Angebot.pdf": "added",
            "brief.eml/Plan.png": "refused",
        }
        assert list(prune(catalogue, [folder], "post")) == []
        (folder / "brief.eml").write_bytes(mail().as_bytes())
        gone = [report.file for report in prune(catalogue, [folder], "post")]
        assert gone == ["brief.eml/Angebot.pdf"]
