"""Tables written in the background: their versions are never lost, however the run ends."""

from threading import Event

import pytest

from contracts.registry import tables
from lake.writer import Writer

ORDERS, ITEMS, RETURNS = (tables("silver")[name] for name in ("orders", "order_items", "returns"))


def _versions() -> dict[str, int]:
    return {table.full_name: 7 for table in (ORDERS, ITEMS, RETURNS)}


def test_leaving_the_block_waits_for_every_table_and_notes_its_version() -> None:
    versions = _versions()
    with Writer(versions) as writer:
        writer.write(ORDERS, lambda version: version + 1)
        writer.write(ITEMS, lambda version: version + 2)
    assert versions == {"silver.orders": 8, "silver.order_items": 9, "silver.returns": 7}


def _fail(_: int) -> int:
    raise OSError("no space left")


def test_a_table_that_fails_is_raised_and_what_others_wrote_is_noted() -> None:
    versions = _versions()

    def work() -> None:
        with Writer(versions) as writer:
            writer.write(ORDERS, _fail)
            writer.write(ITEMS, lambda version: version + 1)

    with pytest.raises(OSError, match="no space left"):
        work()
    assert versions == {"silver.orders": 7, "silver.order_items": 8, "silver.returns": 7}


def test_where_the_block_itself_fails_its_error_is_raised_and_what_was_begun_is_noted() -> None:
    versions, gone_on = _versions(), Event()

    def slowly(version: int) -> int:
        assert gone_on.wait(10)
        return version + 1

    def work() -> None:
        with Writer(versions) as writer:
            writer.write(ORDERS, slowly)
            gone_on.set()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert versions["silver.orders"] == 8


def test_no_more_tables_than_asked_for_wait_to_be_written() -> None:
    versions = _versions()
    with Writer(versions, most=2) as writer:
        assert writer.write(ORDERS, lambda version: version + 1) == []
        assert writer.write(ITEMS, lambda version: version + 1) == []
        assert writer.write(RETURNS, lambda version: version + 1) == ["silver.orders"]
        assert versions["silver.orders"] == 8
        assert writer.wait(["silver.returns"]) == ["silver.returns"]
        assert writer.wait() == ["silver.order_items"]
