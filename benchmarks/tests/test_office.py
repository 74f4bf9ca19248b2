from __future__ import annotations

from pathlib import Path

from benchmarks.office import SHORT, Read, Refusal, compare, outcome_of, outcomes, sample, summary
from benchmarks.office_judges import Judged, flat_texts, mail_text

_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "style")
)


def ours(text: str, apart: str = "") -> Read:
    return Read(text, "", {}, apart, 0.1, 1.0)


def cell(kind: str, value: str, shown: str) -> str:
    attributes = f'table:formula="=A1" office:value-type="{kind}" office:{value}'
    return f"<table:table-cell {attributes}><text:p>{shown}</text:p></table:table-cell>"


def test_what_is_missing_twice_or_not_there_is_counted_and_what_was_left_out_is_found() -> None:
    theirs = Judged(" ".join(map(str, range(30))), "head")
    text = " ".join(map(str, [*range(1, 30), 29, "head", "mine"]))
    found = compare("a.docx", "docx", ours(text), theirs)
    assert found
    assert (found.found, found.twice, found.invented) == (29 / 30, 1, 1)
    assert found.missing == ["0"]
    kept = compare("a.docx", "docx", ours(text, "0"), theirs)
    assert kept
    assert kept.found == 1
    short = compare("a.docx", "docx", ours(text), Judged("few words"))
    assert short
    assert compare("a.docx", "docx", ours(text), Judged("")) is None
    figures = summary([found, kept, short])
    assert figures["all"]["files under .995"] == 1
    assert figures[SHORT]["files"] == 1


def test_a_sheet_is_compared_by_what_does_not_depend_on_the_country() -> None:
    cells = (
        cell("float", 'value="7500"', "7,500.25")
        + cell("date", 'date-value="2024-05-01"', "05/01/24")
        + cell("float", 'value="0"', "Err:502")
        + cell("string", 'string-value=""', "1,000 words")
    )
    table = f"<table:table-row>{cells}</table:table-row>"
    flat = (
        f"<office:document {_NAMES}><office:automatic-styles><style:style style:name='no'>"
        "<style:table-properties table:display='false'/></style:style></office:automatic-styles>"
        f"<office:body><table:table>{table}</table:table><table:table table:style-name='no'>"
        f"{table}</table:table></office:body></office:document>"
    ).encode()
    found = flat_texts(flat, by_value=True)
    assert found.text.split() == ["7500.25", "2024-05-01", "1,000", "words"]
    assert found.by_value == 3
    assert "05/01/24" in flat_texts(flat).text


def test_a_message_is_its_subject_and_plain_text() -> None:
    assert mail_text(b"Subject: Note\n\nBring a chair.\n").split("\n")[:2] == [
        "Note",
        "Bring a chair.",
    ]


def test_a_sample_has_no_file_twice_and_each_is_read_or_says_why_not(tmp_path: Path) -> None:
    for name, content in (("a.eml", b"x"), ("b.EML", b"x"), ("c.rtf", rb"{\rtf1 A chair.}")):
        (tmp_path / name).write_bytes(content)
    chosen = sample(tmp_path, 5)
    assert sorted(path.suffix.lower() for path in chosen) == [".eml", ".rtf"]
    made = tmp_path / "none"
    found = list(outcomes([tmp_path / "a.eml"], tmp_path, made, 1))
    assert found == [
        Refusal(
            "NoText", "The message contains no text. Check that it was saved completely.",
            "a.eml", "eml", "does not",
        )
    ]  # fmt: skip
    assert (
        outcome_of(tmp_path / "c.rtf", "c.rtf", made) == "rtf: the other program does not read it"
    )
