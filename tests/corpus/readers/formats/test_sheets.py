"""Spreadsheets: each row says by itself what it means, and nothing is left out unsaid."""

from __future__ import annotations

import io
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.xml.constants import PACKAGE_WORKSHEETS

from corpus.errors import DamagedFile, FileTooLarge, TooCostly
from corpus.readers import media_type_of, read
from corpus.readers.formats.office.sheet_rows import MAX_ROWS, blocks_of_sheets
from corpus.types import BlockKind, LeftOutReason, RawDocument
from tests.robustness.bombs import repacked

from .test_other_formats import packed

ODS = "application/vnd.oasis.opendocument.spreadsheet"


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook(**sheets: list[list[object]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    del book[book.sheetnames[0]]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return book


def ods(tables: str, styles: str = "") -> bytes:
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "style")
    )
    return packed(
        ODS,
        {
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f"<office:document-content {names}><office:automatic-styles>{styles}"
            f"</office:automatic-styles><office:body><office:spreadsheet>{tables}"
            "</office:spreadsheet></office:body></office:document-content>",
            "meta.xml": "<meta/>",
        },
    )


def ods_row(*cells: str, times: int = 1) -> str:
    inside = "".join(
        f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells
    )
    return f'<table:table-row table:number-rows-repeated="{times}">{inside}</table:table-row>'


def numbers(document: RawDocument) -> dict[LeftOutReason, int]:
    return {each.reason: each.number for each in document.left_out}


def of(name: str, content: bytes) -> RawDocument:
    return read(content, media_type_of(name, content))


def texts(document: RawDocument) -> list[str]:
    return [block.text for block in document.blocks]


def test_each_row_of_a_workbook_repeats_the_names_of_its_columns() -> None:
    book = workbook(
        Personal=[
            ["Übersicht"], [], ["Land", "Beamte", "Anteil", "Stand"],
            ["Belgien", 12, 0.255, date(2024, 5, 1)],
            ["Luxemburg", None, 1.5, datetime(2024, 5, 2, 9, 30)],
        ],
        Sheet2=[[4, True], ["x", 3]],
    )  # fmt: skip
    book["Personal"]["C4"].number_format = "0.0%"
    document = of("a.xlsx", saved(book))
    assert texts(document) == [
        "Personal",
        "Übersicht",
        "Land | Beamte | Anteil | Stand",
        "Land: Belgien | Beamte: 12 | Anteil: 25.5 % | Stand: 2024-05-01",
        "Land: Luxemburg | Anteil: 1.5 | Stand: 2024-05-02 09:30",
        "4 | TRUE",
        "x | 3",
    ]
    assert document.blocks[0].kind is BlockKind.HEADING
    assert document.left_out == ()


def test_a_formula_gives_the_value_stored_with_it_and_is_counted_where_there_is_none() -> None:
    content = saved(workbook(Summe=[["Wert", "Summe"], [2, "=A2*2"], [3, "=A3*2"]]))
    cell = b'<c r="B2"><f>A2*2</f><v></v></c>'
    name = f"{PACKAGE_WORKSHEETS}/sheet1.xml"
    sheet = _part(content, name)
    assert cell in sheet
    stored = sheet.replace(cell, b'<c r="B2"><f>A2*2</f><v>4</v></c>')
    document = of("a.xlsx", repacked(content, {name: stored}))
    assert texts(document)[2:] == ["Wert: 2 | Summe: 4", "Wert: 3"]
    assert numbers(document) == {LeftOutReason.FORMULA: 1}


def test_hidden_sheets_comments_and_pictures_are_counted() -> None:
    book = workbook(Offen=[["Land", "Zahl"], ["Belgien", 1]], Geheim=[["nichts", "davon"]])
    book["Geheim"].sheet_state = "hidden"
    book["Offen"]["A2"].comment = Comment("Eine Anmerkung", "J. Roe")
    document = of("a.xlsx", repacked(saved(book), {"xl/media/image1.png": b"x"}))
    assert "nichts" not in " ".join(texts(document))
    assert numbers(document) == {
        LeftOutReason.HIDDEN: 1,
        LeftOutReason.COMMENT: 1,
        LeftOutReason.PICTURE: 1,
    }


def test_an_opendocument_sheet_is_read_alike() -> None:
    hidden = (
        '<style:style style:name="weg"><style:table-properties table:display="false"/>'
        "</style:style>"
    )
    tables = (
        f'<table:table table:name="Personal">{ods_row("Land", "Beamte")}{ods_row("Belgien", "12")}'
        f"{ods_row('', times=1_048_000)}{ods_row('Luxemburg', '3', times=2)}</table:table>"
        f'<table:table table:name="Geheim" table:style-name="weg">{ods_row("nichts", "davon")}'
        "</table:table>"
    )
    document = of("a.ods", ods(tables, hidden))
    assert texts(document) == [
        "Personal",
        "Land | Beamte",
        "Land: Belgien | Beamte: 12",
        "Land: Luxemburg | Beamte: 3",
        "Land: Luxemburg | Beamte: 3",
    ]
    assert numbers(document) == {LeftOutReason.HIDDEN: 1}


def test_a_sheet_of_a_million_rows_is_refused_with_its_name() -> None:
    table = f'<table:table table:name="Alles">{ods_row("a", "b", times=1_000_000)}</table:table>'
    with pytest.raises(TooCostly, match=r"50,000 rows.*Alles"):
        of("a.ods", ods(table))


@pytest.mark.slow
def test_a_workbook_of_too_many_rows_is_refused_with_the_sheets_name() -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Messwerte")
    for number in range(MAX_ROWS + 1):
        sheet.append([number, number * 7919 % 10_007])
    with pytest.raises(TooCostly, match=r"50,000 rows.*Messwerte"):
        of("a.xlsx", saved(book))


def test_values_are_not_taken_for_names_of_columns() -> None:
    rows = [["Anna", "anna@example.org"], ["Bert", "bert@example.org"]]
    assert [block.text for block in blocks_of_sheets([("Tabelle1", rows)])] == [
        "Anna | anna@example.org",
        "Bert | bert@example.org",
    ]


def test_two_tables_on_one_sheet_keep_to_their_own_names() -> None:
    rows = [["Land", "Beamte"], ["Belgien", "12"], [], ["Ware", "Preis"], ["Brot", "3"], [],
            ["Quelle: Statec"], ["Stadt", "Zahl"], ["Remich", "4"]]  # fmt: skip
    assert [block.text for block in blocks_of_sheets([("Tabelle1", rows)])] == [
        "Land | Beamte",
        "Land: Belgien | Beamte: 12",
        "Ware | Preis",
        "Ware: Brot | Preis: 3",
        "Quelle: Statec",
        "Stadt | Zahl",
        "Stadt: Remich | Zahl: 4",
    ]


@settings(max_examples=50)
@given(st.lists(st.lists(st.text("ab1 @", max_size=4).map(str.strip), max_size=4), max_size=6))
def test_no_cell_is_lost_whatever_the_names(rows: list[list[str]]) -> None:
    said = " ".join(block.text for block in blocks_of_sheets([("Blatt", rows)]))
    for row in rows:
        for cell in row:
            assert cell in said


def _part(content: bytes, name: str) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def test_a_value_that_no_program_has_put_into_words_is_read() -> None:
    cells = (
        '<table:table-cell office:value-type="float" office:value="3.5"/>'
        '<table:table-cell office:value-type="date" office:date-value="2024-05-01"/>'
        '<table:table-cell office:value-type="float" office:value="0"><text:p/></table:table-cell>'
    )
    table = f"<table:table><table:table-row>{cells}</table:table-row></table:table>"
    assert texts(of("a.ods", ods(table))) == ["3.5 | 2024-05-01"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_without_texts_is_read_like_the_same_sheet(delimiter: str) -> None:
    rows = [["Country", "Officers"], ["Belgium", "12"], [], ["Luxembourg", "7"]]
    table = "\r\n".join(delimiter.join(row) for row in rows).encode("utf-16")
    book = saved(workbook(Sheet1=[list(row) for row in rows]))
    found = texts(of("a.csv", table))
    assert found == texts(of("a.xlsx", book))
    assert found[1] == "Country: Belgium | Officers: 12"


def test_a_table_without_texts_that_is_too_long_or_broken_says_so() -> None:
    with pytest.raises(FileTooLarge, match=f"more than {MAX_ROWS:,} rows"):
        of("a.csv", b"name,age\n" + b"a,1\n" * MAX_ROWS)
    with pytest.raises(DamagedFile, match="damaged after row 1"):
        of("a.tsv", b'name\tage\na\t1\n"cut\t')
