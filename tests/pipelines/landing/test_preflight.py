import pytest

from pipelines.landing.preflight import Limits, Unreadable, inspect


def records(data: bytes) -> list[bytes]:
    found = inspect(data)
    return [bytes(found.data[start:end]) for start, end in zip(found.starts, found.ends, strict=True)]


def reason(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        inspect(data)
    return str(caught.value)


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    assert inspect(b"\xef\xbb\xbfa,b\n1,2\n").header == ("a", "b")


def test_header_names_are_stripped_and_may_be_quoted() -> None:
    assert inspect(b' a ,"b, c\t","d\ne"\n').header == ("a", "b, c", "d\ne")


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_lines_may_end_in_any_of_the_three_ways(line_end: bytes) -> None:
    data = line_end.join([b"a,b", b"1,2", b"", b"3,4"])
    assert [line.replace(b'"', b"") for line in records(data)] == [b"1,2", b"3,4"]


def test_the_last_line_needs_no_line_break() -> None:
    assert records(b"a,b\n1,2") == records(b"a,b\n1,2\n") == [b"1,2"]


def test_a_line_without_any_character_is_no_record_but_one_of_commas_or_blanks_is() -> None:
    assert records(b"a,b\n\n1,2\n\r\n\n,\n \n") == [b"1,2", b",", b" "]


def test_a_quoted_line_break_or_comma_ends_nothing() -> None:
    assert records(b'a,b\n"1,\r\n\n",2\n3,"4"\n') == [b'"1,\r\n\n",2', b'3,"4"']


def test_a_doubled_quote_stands_for_one() -> None:
    assert records(b'a,b\n"say ""hi""",""\n') == [b'"say ""hi""",""']


def test_a_quote_inside_an_unquoted_field_is_part_of_it() -> None:
    assert records(b'a,b\n5" disk,1\n') == [b'"5"" disk","1"']


def test_a_record_with_more_or_fewer_fields_than_the_header_is_ragged() -> None:
    found = inspect(b'a,b\n1\n1,2\n1,"2,3"\n1,2,\n')
    assert found.field_counts.tolist() == [1, 2, 2, 3]
    assert found.ragged.tolist() == [True, False, False, True]
    assert found.count == 4


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf"])
def test_an_empty_file_has_no_header(data: bytes) -> None:
    assert reason(data) == "no header: the file is empty"


@pytest.mark.parametrize("data", [b"\na,b\n", b"\r\na,b\n", b" , ,\na,b\n", b'"",""\n', b'\n5",1\n'])
def test_a_blank_first_line_is_no_header(data: bytes) -> None:
    assert reason(data) == "no header: the first line is empty"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_utf_16_and_utf_32_are_named(encoding: str) -> None:
    assert reason("a,b\n1,2\n".encode(encoding)) == f"the encoding is {encoding.upper()}; save the file as UTF-8"
    for order in ("le", "be"):
        assert reason("a,b\n1,2é\n".encode(f"{encoding}-{order}")).startswith(
            f"the encoding seems to be {encoding.upper()} (without a byte order mark)"
        )
        assert reason("\ufeffa,b\n1,2\n".encode(f"{encoding}-{order}")).startswith("the encoding is")


def test_latin_1_is_refused_with_the_line() -> None:
    assert reason("a\n1\ncafé\n".encode("latin-1")) == (
        "not UTF-8 text: byte 0xe9 in line 3, perhaps Latin-1; save the file as UTF-8"
    )


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_a_nul_byte_is_no_text(line_end: bytes) -> None:
    data = line_end.join([b"a,b", b"1,", b"\x00", b"2,\x00"])
    assert reason(data) == "not text: it holds NUL bytes, the first in line 3"
    assert reason(b"\x00" * 9) == "not text: it holds NUL bytes, the first in line 1"


def test_a_record_over_a_limit_is_named_with_its_figure_its_line_and_what_to_do() -> None:
    limits = Limits(fields=3, line_kib=1)
    assert inspect(b"a,b,c\n1,2,3\n" + b"x" * 1024, limits).count == 2
    with pytest.raises(Unreadable, match=r"4 fields in line 3, where max_fields allows 3; .* raise the setting"):
        inspect(b"a,b,c\n1,2,3\n1,2,3,4\n", limits)
    with pytest.raises(Unreadable, match=r"5 fields in line 1"):
        inspect(b"a,b,c,d,e\n1\n", limits)
    with pytest.raises(Unreadable, match=r"1,025 bytes in line 2, where max_line_kib allows 1 KiB; .*split the file"):
        inspect(b"a\n" + b"x" * 1025, limits)
    with pytest.raises(Unreadable, match=r"1,029 bytes in line 2"):
        inspect(b'a\n"' + b"x\r\n" * 342 + b'x"\n1\n', limits)
    with pytest.raises(Unreadable, match=r"1,100 bytes in line 1"):
        inspect(b"a" * 1100, limits)


@pytest.mark.parametrize(("separator", "said"), [(b";", "';'"), (b"\t", "a tab"), (b"|", "'|'")])
def test_broken_quoting_under_another_separator_says_so(separator: bytes, said: str) -> None:
    data = separator.join([b'"a"', b'"b"']) + b"\n" + separator.join([b'"1,5"', b'"2"']) + b"\n"
    assert reason(data) == (
        f"broken quoting: text after a closing quote, line 1; it is perhaps separated by {said}: save it with commas"
    )


@pytest.mark.parametrize(
    "data",
    [
        b'a,b\n1,2\n3,"4\n5,6\n',
        b'a,b\n1,2\n"3,4',
        b'a,b\n5" disk,2\n3,"4\n5,6\n',  # an even number of quotes
    ],
)
def test_an_unclosed_quote_is_named_with_the_line_its_record_begins_in(data: bytes) -> None:
    assert reason(data) == "broken quoting: an unclosed quote in the record that begins in line 3"


@pytest.mark.parametrize("data", [b'a,b\n1,2\n"3"x,4\n', b'a,b\n"1\n",2\n3,"4" \n', b'a,b\n1,2\n"3""4"5,"6\n'])
def test_text_after_a_closing_quote_is_named_with_its_line(data: bytes) -> None:
    line = 4 if data.startswith(b'a,b\n"1') else 3
    assert reason(data) == f"broken quoting: text after a closing quote, line {line}"


def test_a_field_may_be_longer_than_the_csv_modules_own_limit() -> None:
    long = b"x" * 200_000
    assert records(b'a,b\n5",' + long + b"\n") == [b'"5""","' + long + b'"']
    assert inspect(b"a," + long + b"\n1,2\n").header[1] == long.decode()
