import pytest

from contracts.base import POLARS, columns_of
from contracts.columns import COLUMNS, PERSONAL

TYPE_OF_SUFFIX = {
    "_id": ("text", "int"),
    "_key": ("text", "date"),
    "_at": ("ts",),
    "_on": ("date",),
    "_date": ("date",),
}


@pytest.mark.parametrize("suffix", TYPE_OF_SUFFIX)
def test_a_suffix_says_the_type(suffix: str) -> None:
    wrong = {name: kind for name, (kind, _) in COLUMNS.items() if name.endswith(suffix)}
    assert {name: kind for name, kind in wrong.items() if kind not in TYPE_OF_SUFFIX[suffix]} == {}


def test_a_rate_or_a_share_is_a_ratio_and_every_type_is_known() -> None:
    for name, (kind, _) in COLUMNS.items():
        assert kind in POLARS, name
        assert kind == "ratio" or not name.endswith(("_rate", "_share")), name


def test_a_column_that_holds_personal_data_says_so_and_is_marked_in_every_table() -> None:
    assert {name for name, (_, meaning) in COLUMNS.items() if "Personal data." in meaning} == PERSONAL
    assert [column.personal for column in columns_of("email?", "city?", email="Where the receipt goes.")] == [
        True,
        False,
    ]
