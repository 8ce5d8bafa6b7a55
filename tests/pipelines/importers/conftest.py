"""Makes exports in both published shapes, by rule and without any code of the importers."""

import csv
import io
import random
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from contracts.settings import Settings

Row = Sequence[str]

BY_DAY = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
TWO_YEARS = ("Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def write_export(tmp_path: Path) -> Callable[..., Path]:
    """write_export(rows, header=BY_DAY, name="export.csv", line_end="\\n", encoding="utf-8") -> the file."""

    def write(
        rows: Iterable[Row],
        header: Row = BY_DAY,
        name: str = "export.csv",
        line_end: str = "\n",
        encoding: str = "utf-8",
    ) -> Path:
        path = tmp_path / "exports" / name
        path.parent.mkdir(exist_ok=True)
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator=line_end)
        writer.writerow(header)
        writer.writerows(rows)
        path.write_bytes(out.getvalue().encode(encoding))
        return path

    return write


@pytest.fixture
def two_years() -> Callable[..., tuple[list[Row], list[Row]]]:
    """two_years(rows, days) -> two sheets of about that many rows in all, the second repeating the end of the first."""
    return make_two_years


@pytest.fixture
def write_workbook(tmp_path: Path) -> Callable[[dict[str, list[Row]]], Path]:
    """write_workbook({sheet: rows with the header first}) -> an .xlsx, numbers and times as Excel keeps them."""

    def write(sheets: dict[str, list[Row]]) -> Path:
        path = tmp_path / "export.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in _workbook_parts(sheets).items():
                archive.writestr(name, text)
        return path

    return write


def make_two_years(rows: int, days: int = 60, overlap: float = 0.05) -> tuple[list[Row], list[Row]]:
    chance = random.Random(489434)
    products = [(f"{20000 + n}{chance.choice(['', '', 'A', 'b'])}", f"THING, NO. {n} ", 50 + 7 * n) for n in range(400)]
    countries = ["United Kingdom"] * 8 + ["EIRE", "France", "Channel Islands", "Unspecified"]
    at = datetime(2009, 12, 1, 7, 45, tzinfo=UTC)
    made: list[Row] = []
    starts: list[int] = []
    invoice = 489434
    pause = timedelta(days=days) * 20 / rows  # invoices have some 20 rows
    while len(made) < rows * (1 - overlap / 2):
        starts.append(len(made))
        kind = chance.choices(["", "C", "A", "stock"], [90, 7, 1, 2])[0]
        customer = "" if chance.random() < 0.25 else str(12346 + int(chance.paretovariate(1) * 7) % 900)
        country = countries[int(customer or 0) % len(countries)]
        at += pause * chance.random() * 2
        moment = f"{at:%Y-%m-%d %H:%M}:00"
        for _ in range(1 if kind in ("A", "stock") else chance.randint(1, 40)):
            code, name, pence = products[min(int(chance.paretovariate(0.6)), 399)]
            price = pence * 2 if not customer else pence + at.month % 3
            quantity = chance.choice([1, 1, 2, 6, 12, 48])
            if kind == "A":
                code, name, quantity, price = "B", "Adjust bad debt", 1, -1106206
            if kind == "stock":
                name, quantity, price, customer = chance.choice(["", "damaged"]), -quantity, 0, ""
            if kind == "C":
                quantity = -quantity
            number = ("" if kind == "stock" else kind) + str(invoice)
            line = (number, code, name, str(quantity), moment, _pounds(price), customer, country)
            made += [line] * (2 if chance.random() < 0.02 else 1)
        invoice += 1
    middle = next(start for start in starts if start >= len(made) // 2)
    end = next(start for start in starts if start >= middle + len(made) * overlap)
    return made[:end], made[middle:]


def _pounds(pence: int) -> str:
    return f"{pence / 100:.2f}".rstrip("0").rstrip(".") if pence % 100 else f"{pence // 100}.0"


def _workbook_parts(sheets: dict[str, list[Row]]) -> dict[str, str]:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kinds = f"{office}/worksheet", f"{office}/styles"
    numbered = list(enumerate(sheets, start=1))
    listed = "".join(f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>' for n, name in numbered)
    related = "".join(f'<Relationship Id="r{n}" Type="{kinds[0]}" Target="s{n}.xml"/>' for n, _ in numbered)
    content = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="{content}.worksheet+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{content}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{content}.styles+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">{related}'
        f'<Relationship Id="styles" Type="{kinds[1]}" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2">'
        '<xf numFmtId="0"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    for n, name in numbered:
        rows = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in sheets[name])
        parts[f"xl/s{n}.xml"] = f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
    return parts


def _cell(value: str) -> str:
    if not value:
        return "<c/>"
    try:
        moment = datetime.fromisoformat(value) if "-" in value[1:] else None
    except ValueError:
        moment = None
    if moment:
        return f'<c s="1"><v>{(moment - datetime.fromisoformat("1899-12-30")) / timedelta(days=1)!r}</v></c>'
    try:
        return f"<c><v>{float(value)!r}</v></c>"
    except ValueError:
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
