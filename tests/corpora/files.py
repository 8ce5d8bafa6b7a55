"""Whole files: encodings, headers, separators, line ends, quoting, packing, limits and drift; one fault a file."""

import gzip
import itertools
import random
import zlib
from collections.abc import Iterator

from tests.corpora.shape import COLUMNS, CURRENT, REQUIRED, Case, Loaded, Rejected, good, line, row, text

# The limits the corpus is loaded under.
MAX_FILE_MIB, MAX_FIELDS, MAX_LINE_KIB = 1, 40, 64
ONE = Loaded((CURRENT,))
LINE_END = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}


def cases() -> Iterator[Case]:
    """Every fault a file can have before its rows are looked at, and what looks like one and is none."""
    yield from _encodings()
    yield from _no_text()
    yield from _headers()
    yield from _separators()
    yield from _line_ends()
    yield from _quoting()
    yield from _packing()
    yield from _limits()
    yield from _drift()


def _encodings() -> Iterator[Case]:
    latin = "Andr\u00e9"
    for source, column in {"customers": "full_name", "products": "product_name", "returns": "reason"}.items():
        for encoding, said in {
            "utf-16": "the encoding is UTF-16",
            "utf-16-le": "seems to be UTF-16",
            "utf-16-be": "seems to be UTF-16",
            "utf-32": "the encoding is UTF-32",
            "utf-32-le": "seems to be UTF-32",
            "utf-32-be": "seems to be UTF-32",
            "latin-1": "byte 0xe9 in line 2, perhaps Latin-1",
            "cp437": "byte 0x82 in line 2",
            "utf-8-sig": "",
            "utf-8": "",
        }.items():
            name = f"in {encoding}"
            content = good(source, name, **{column: latin}).encode(encoding)
            yield Case(source, name, content, Rejected(said) if said else ONE)
    for name, broken in {
        "overlong": b"\xc0\x80",
        "a surrogate": b"\xed\xa0\x80",
        "beyond Unicode": b"\xf4\x90\x80\x80",
        "a lone continuation": b"\x80",
        "shift JIS": "\u65e5\u672c".encode("shift-jis"),
    }.items():
        content = good("customers", name, full_name="@").encode().replace(b"@", broken)
        yield Case("customers", name, content, Rejected("not UTF-8 text: byte 0x"))
    name = "cut inside a character"
    content = text("returns", [row("returns", name, reason=latin)]).encode().rstrip(b"\n")[:-1]
    yield Case("returns", name, content, Rejected("not UTF-8 text: byte 0xc3 in line 2"))
    name = "big-endian mark and little-endian text"
    content = b"\xfe\xff" + good("stores", name).encode("utf-16-le")
    yield Case("stores", name, content, Rejected("the encoding is UTF-16"))
    name = "two byte order marks"
    content = b"\xef\xbb\xbf" * 2 + good("stores", name).encode()
    yield Case("stores", name, content, Rejected("no column store_id"))


def _no_text() -> Iterator[Case]:
    for where, at in {"header": 3, "row": -9}.items():
        name = f"NUL in the {where}"
        content = bytearray(good("stores", name).encode())
        content[at] = 0
        said = "not text: it holds NUL bytes, the first in line " + ("1" if where == "header" else "2")
        yield Case("stores", name, bytes(content), Rejected(said))
    name = "NULs after the end"
    yield Case("stores", name, good("stores", name).encode() + b"\0" * 512, Rejected("the first in line 3"))
    for name, content, said in (
        ("nothing but NULs", b"\0" * 100, "not text: it holds NUL bytes"),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "not text"),
        ("noise", random.Random(4).randbytes(4000), "not text"),
        ("an Excel workbook", b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0", "an Excel workbook or a zip archive"),
        ("a page of the web", b"<!doctype html>\n<html><body>404</body></html>\n", "no column order_id"),
        ("a list in JSON", b'[{"order_id": "O1", "line_number": 1}]\n', "no column order_id"),
        ("words", b"The export failed. Try again later.\n", "no column order_id"),
    ):
        yield Case("order_items", name, content, Rejected(said))


def _headers() -> Iterator[Case]:
    for source in COLUMNS:
        columns = COLUMNS[source].split()
        name = "columns the other way round"
        rows = [row(source, name)]
        yield Case(source, name, text(source, rows, columns[::-1]).encode(), ONE)
        name = "no optional column"
        needed = REQUIRED[source].split()
        content = line(needed) + line([row(source, name)[column] for column in needed])
        yield Case(source, name, content.encode(), ONE)
        yield Case(source, "only a header", line(columns).encode(), Loaded(()))
        for column in needed:
            left = [each for each in columns if each != column]
            yield Case(source, f"without {column}", line(left).encode(), Rejected(f"no column {column}"))
        key = needed[0]
        for name, renamed in {
            "capitals": key.upper(),
            "blanks": key.replace("_", " "),
            "dashes": key.replace("_", "-"),
            "a plural": f"{key}s",
        }.items():
            header = line([renamed if column == key else column for column in columns])
            content = header + line([row(source, name).get(column, "") for column in columns])
            yield Case(source, f"key in {name}", content.encode(), Rejected(f"no column {key} (is it '{renamed}'?)"))
    stores = COLUMNS["stores"].split()
    for name, start, said in (
        ("empty", "", "no header: the file is empty"),
        ("only a mark", "\ufeff", "no header: the file is empty"),
        ("a line break", "\n", "no header: the first line is empty"),
        ("a blank line first", "\r\n" + line(stores), "no header: the first line is empty"),
        ("blanks first", "  \t\n" + line(stores), "no header: the first line is empty"),
        ("commas first", ",,,,,,\n" + line(stores), "no header: the first line is empty"),
        ("empty quotes first", '"",""\n' + line(stores), "no header: the first line is empty"),
        ("a title first", "Stores of 2024\n" + line(stores), "no column store_id"),
        ("a comment first", "# stores\n" + line(stores), "no column store_id"),
        ("no header at all", line(["S1", "Shop", "web", "", "", "", "2024-01-01"]), "no column store_id"),
        ("a hidden character", line(["store_\u200bid", *stores[1:]]), "no column store_id (is it 'store_\\u200bid'?)"),
        ("backquotes", line([f"`{column}`" for column in stores]), "no column store_id (is it '`store_id`'?)"),
    ):
        yield Case("stores", name, start.encode(), Rejected(said))
    for name, header in {
        "padded names": [f" {column}\t" for column in stores],
        "names padded with NBSP": [f"\u00a0{column}\u00a0" for column in stores],
        "quoted names": [f'"{column}"' for column in stores],
    }.items():
        body = line([row("stores", name).get(column, "") for column in stores])
        yield Case("stores", name, (",".join(header) + "\n" + body).encode(), ONE)
    yield from _duplicates()


def _duplicates() -> Iterator[Case]:
    columns = [*COLUMNS["products"].split(), "list_price"]
    for name, first, last, outcome in (
        ("the last of two is good", "x", "10", CURRENT),
        ("the last of two is bad", "10", "x", "list_price:type"),
        ("the last of two is empty", "10", "", "list_price:null"),
    ):
        values = [row("products", name, list_price=first).get(column, "") for column in columns]
        content = line(columns) + line([*values[:-1], last])
        yield Case("products", name, content.encode(), Loaded((outcome,)))
    name = "the header once more"
    header = line(COLUMNS["customers"].split())
    content = good("customers", name) + header
    yield Case("customers", name, content.encode(), Loaded((CURRENT, "signup_at:type updated_at:type")))


def _separators() -> Iterator[Case]:
    for source in ("orders", "products", "returns"):
        for name, separator, said in (
            ("semicolons", ";", "perhaps separated by ';'"),
            ("tabs", "\t", "perhaps separated by a tab"),
            ("bars", "|", "perhaps separated by '|'"),
            ("colons", ":", "no column"),
            ("blanks between", " ", "no column"),
        ):
            yield Case(source, name, good(source, name).replace(",", separator).encode(), Rejected(said))
        name = "quoted semicolons"
        content = '";"'.join(COLUMNS[source].split())
        yield Case(source, name, f'"{content}"\n'.encode(), Rejected("perhaps separated by ';'"))
    name = "a hint for Excel first"
    yield Case("orders", name, ("sep=,\n" + good("orders", name)).encode(), Rejected("no column order_id"))


def _line_ends() -> Iterator[Case]:
    for source in ("customers", "order_items"):
        for name, end in (LINE_END | {"CRCRLF": "\r\r\n", "LFCR": "\n\r"}).items():
            written = good(source, name) + line(
                [row(source, name, 2).get(each, "") for each in COLUMNS[source].split()]
            )
            content = written.replace("\n", end)
            yield Case(source, name, content.encode(), Loaded((CURRENT, CURRENT)))
            last = f"{name} but for the last"
            yield Case(source, last, good(source, last).replace("\n", end).rstrip("\r\n").encode(), ONE)
        for (one, first), (other, second) in itertools.permutations(LINE_END.items(), 2):
            name = f"{one} then {other}"
            header, body = good(source, name).splitlines()
            yield Case(source, name, f"{header}{first}{body}{second}".encode(), ONE)
        name = "empty lines everywhere"
        content = good(source, name).replace("\n", "\n\n\r\n\n")
        yield Case(source, name, content.encode(), ONE)
    name = "an end mark of old"
    yield Case("customers", name, good("customers", name).encode() + b"\x1a", Loaded((CURRENT, "row:ragged")))
    name = "a total below"
    yield Case("customers", name, good("customers", name).encode() + b"Total,1\n", Loaded((CURRENT, "row:ragged")))


def _quoting() -> Iterator[Case]:
    for name, value in {
        "a comma": '"a,b"',
        "a line break": '"a\nb"',
        "a CRLF": '"a\r\nb"',
        "a lone CR": '"a\rb"',
        "many line breaks": '"\n\n\n"',
        "doubled quotes": '"say ""hi"""',
        "only a quote": '""""',
        "empty quotes": '""',
        "a quote inside": '5" disk',
        "a quote at the end": 'disk 5"',
        "a blank before the quote": ' "a"',
        "single quotes": "'a'",
        "curly quotes": "\u201ca\u201d",
        "a backslash": '"a\\"',
    }.items():
        yield Case("returns", f"with {name}", _returns(f"with {name}", value), ONE)
    for name, value, said in (
        ("text after", '"a"b', "text after a closing quote, line 2"),
        ("a blank after", '"a" ', "text after a closing quote, line 2"),
        ("a quote escaped by a backslash", '"a\\"b"', "text after a closing quote, line 2"),
        ("text after a line break and a quote", '"a\nb"c', "text after a closing quote, line 3"),
        ("not closed", '"a', "an unclosed quote in the record that begins in line 2"),
        ("not closed after a doubled one", '"a""', "an unclosed quote in the record that begins in line 2"),
        ("three quotes", '"""', "an unclosed quote in the record that begins in line 2"),
        ("not closed after one inside", '5" disk,"a', "an unclosed quote in the record that begins in line 2"),
    ):
        yield Case("returns", f"quote {name}", _returns(f"quote {name}", value), Rejected(f"broken quoting: {said}"))
    header = line(COLUMNS["returns"].split())
    for name, content, said in (
        ("header not closed", '"' + header, "an unclosed quote in the record that begins in line 1"),
        ("header with text after", header.replace("return_id", '"return_id"x'), "text after a closing quote, line 1"),
    ):
        yield Case("returns", name, content.encode(), Rejected(f"broken quoting: {said}"))
    name = "a fault after many good rows"
    content = text("returns", [row("returns", name, number) for number in range(1, 21)]) + 'R,O,1,1,2024-01-01,"x'
    yield Case("returns", name, content.encode(), Rejected("in the record that begins in line 22"))
    for source in COLUMNS:
        name = "everything quoted"
        lines = good(source, name).splitlines()
        content = "".join('"' + each.replace(",", '","') + '"\n' for each in lines)
        yield Case(source, name, content.encode(), ONE)


def _returns(name: str, reason: str) -> bytes:
    """A return whose reason is written as it stands here."""
    return good("returns", name, reason="@").replace("@", reason).encode()


def _packing() -> Iterator[Case]:
    for source in COLUMNS:
        yield _packed(source, "packed", good(source, "packed").encode())
    packed = gzip.compress(good("stores", "packed in two").encode()[:60], mtime=0)
    packed += gzip.compress(good("stores", "packed in two").encode()[60:], mtime=0)
    yield Case("stores", "packed in two", packed, ONE, ".csv.gz")
    one = gzip.compress(good("stores", "packed with padding").encode(), mtime=0)
    yield Case("stores", "packed with padding", one + b"\0" * 512, ONE, ".csv.gz")
    for name, content, said in (
        ("packed and cut short", one[:-9], "cut-short gzip"),
        ("packed and cut in its header", one[:5], "cut-short gzip"),
        ("packed and without its sum", one[:-8], "cut-short gzip"),
        ("packed and with a wrong sum", one[:-8] + b"12345678", "broken gzip"),
        ("packed and damaged", one[:30] + bytes(byte ^ 0xFF for byte in one[30:50]) + one[50:], "broken gzip"),
        ("packed and something after", one + good("stores", "x").encode(), "bytes that are none"),
        ("not packed at all", good("stores", "x").encode(), "not gzip, though its name ends in .gz"),
        ("packed in another way", zlib.compress(good("stores", "x").encode()), "not gzip"),
        ("packed and empty as a file", b"", "no header: the file is empty"),
        ("packed and empty inside", gzip.compress(b"", mtime=0), "no header: the file is empty"),
        ("packed twice", gzip.compress(one, mtime=0), "packed with gzip"),
        ("packed Latin-1", gzip.compress(good("stores", "x", city="Malm\u00f6").encode("latin-1")), "perhaps Latin-1"),
        ("packed UTF-16", gzip.compress(good("stores", "x").encode("utf-16")), "the encoding is UTF-16"),
        ("a bomb", gzip.compress(b"\0" * 50 * 2**20, mtime=0), "too large: more than that unpacked"),
    ):
        yield Case("stores", name, content, Rejected(said), ".csv.gz")
    yield Case("stores", "packed but not named so", one, Rejected("packed with gzip; name it .csv.gz"))
    name = "packed with a mark"
    yield _packed("stores", name, b"\xef\xbb\xbf" + good("stores", name).encode())


def _packed(source: str, name: str, content: bytes) -> Case:
    return Case(source, name, gzip.compress(content, mtime=0), ONE, ".csv.gz")


def _limits() -> Iterator[Case]:
    name = "as large as a file may be"
    content = good("customers", name).encode()
    yield Case("customers", name, content + b"\n" * (MAX_FILE_MIB * 2**20 - len(content)), ONE)
    name = "too large a file"
    content = good("customers", name).encode()
    content += b"\n" * (MAX_FILE_MIB * 2**20 + 1 - len(content))
    yield Case("customers", name, content, Rejected("too large: 1,048,577 bytes, where max_file_mib allows 1 MiB"))
    extra = [f"x{number}" for number in range(MAX_FIELDS - 7)]
    name = "as many fields as there may be"
    yield Case("stores", name, good("stores", name, **dict.fromkeys(extra, "")).encode(), ONE)
    name = "too many fields in the header"
    content = good("stores", name, **dict.fromkeys([*extra, "one_more"], "")).encode()
    yield Case("stores", name, content, Rejected("41 fields in line 1, where max_fields allows 40"))
    name = "too many fields in a record"
    content = good("stores", name).encode() + b"," * 40 + b"\n"
    yield Case("stores", name, content, Rejected("41 fields in line 3, where max_fields allows 40"))
    longest = MAX_LINE_KIB * 2**10
    for name, more in {"as long as a line may be": 0, "too long a line": 1}.items():
        room = longest - len(good("customers", name, full_name="").splitlines()[1])
        content = good("customers", name, full_name="x" * (room + more))
        said = "65,537 bytes in line 2, where max_line_kib allows 64 KiB"
        yield Case("customers", name, content.encode(), Rejected(said) if more else ONE)
    name = "too long a header"
    content = good("customers", name, **{"x" * longest: "1"})
    yield Case("customers", name, content.encode(), Rejected("bytes in line 1, where max_line_kib allows 64 KiB"))


def _drift() -> Iterator[Case]:
    for source in COLUMNS:
        yield Case(source, "a new column", good(source, "a new column", note="new").encode(), ONE)
    for number, column in enumerate(
        ("row_number", "extra", "landing_date", "source_file", "file_hash", "run_id", "ingested", "c0", "__index",
         "__reasons", "__deleted", "store_id__text", "Deleted", "a.b", "$", "a b", "\u00e9", "'", "[0]", "x" * 300),
        1,
    ):  # fmt: skip
        name = f"a new column {number}"
        yield Case("stores", name, good("stores", name, **{column: "new"}).encode(), ONE)
    name = "a column without a name"
    yield Case("stores", name, good("stores", name, **{"": "new"}).encode(), ONE)
    name = "a comma after every line"
    yield Case("stores", name, good("stores", name).replace("\n", ",\n").encode(), ONE)
    name = "a comma after the header alone"
    content = good("stores", name).replace("\n", ",\n", 1)
    yield Case("stores", name, content.encode(), Loaded(("row:ragged",)))
