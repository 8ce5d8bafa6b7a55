"""A shop with more rows than a page holds: one dimension over all days, all together over the newest, no guess."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from serving.reports import cubes
from tests.serving.reports.filtered import CATEGORIES, FIRST, LAST, NOTHING, asked, by_sql, opened, published, states

HELD = 60  # rows of a cube; the shop has up to ten a day over 200 days
WHOLE = {"from": FIRST, "to": LAST}
MONTHS = {"from": date(2023, 9, 1), "to": date(2023, 12, 31)}
LATEST = {"from": LAST - timedelta(days=6), "to": LAST}


@pytest.fixture(scope="module")
def large(database: sa.Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[sa.Connection, Path]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cubes, "SAMPLE", 7)
        patch.setattr(cubes, "CUBES", tuple(replace(one, most=one.most and HELD) for one in cubes.CUBES))
        with published(database, tmp_path_factory.mktemp("large")) as shop:
            yield shop


@pytest.fixture(scope="module")
def page(browser: Browser, large: tuple[sa.Connection, Path]) -> Page:
    return opened(browser, large[1])


@pytest.mark.parametrize("state", states(50), ids=str)
def test_a_view_equals_sql_or_is_not_available(large: tuple[sa.Connection, Path], page: Page, state: Any) -> None:
    answered = asked(page, state)
    for name, exact in by_sql(large[0], state).items():
        assert answered[name] in (exact, None), name


@pytest.mark.parametrize(
    ("state", "available"),
    [
        pytest.param(NOTHING | WHOLE, True, id="nothing chosen"),
        pytest.param(NOTHING | WHOLE | {"categories": [CATEGORIES[0]]}, True, id="a category"),
        pytest.param(NOTHING | WHOLE | {"segments": ["Loyal"]}, True, id="a segment"),
        pytest.param(NOTHING | WHOLE | {"segments": ["Guest"], "channels": ["web"]}, True, id="a segment of a channel"),
        pytest.param(NOTHING | WHOLE | {"channels": ["retail"]}, True, id="a channel"),
        pytest.param(NOTHING | WHOLE | {"region": "GB / North"}, True, id="a region"),
        pytest.param(NOTHING | MONTHS | {"region": "GB / North", "city": "York"}, True, id="a city over whole months"),
        pytest.param(NOTHING | MONTHS | {"region": "GB / North", "city": "York", "store": "S1"}, True, id="a store"),
        pytest.param(
            NOTHING | MONTHS | {"to": date(2023, 12, 30), "region": "GB / North", "city": "York"},
            False,
            id="a city over part of a month",
        ),
        pytest.param(NOTHING | MONTHS | {"segments": ["Loyal"]}, True, id="a segment over whole months"),
        pytest.param(
            NOTHING | MONTHS | {"to": date(2023, 12, 30), "categories": [CATEGORIES[0]]},
            False,
            id="a category over part of a month",
        ),
        pytest.param(NOTHING | LATEST | {"categories": [CATEGORIES[0]]}, True, id="a category in the newest days"),
        pytest.param(
            NOTHING | WHOLE | {"categories": [CATEGORIES[0]], "segments": ["New"]}, False, id="a category of a segment"
        ),
        pytest.param(
            NOTHING | WHOLE | {"region": "GB / North", "segments": ["New"]}, False, id="a region of a segment"
        ),
        pytest.param(
            NOTHING | LATEST | {"categories": [CATEGORIES[0]], "segments": ["New"], "region": "US / North"},
            True,
            id="all of it in the newest days",
        ),
    ],
)
def test_one_dimension_reaches_over_all_days_all_together_over_the_newest(
    large: tuple[sa.Connection, Path], page: Page, state: dict[str, Any], available: bool
) -> None:
    exact = by_sql(large[0], state)["net"]
    assert asked(page, state)["net"] == (exact if available else None)


def test_what_is_not_available_says_from_which_day_on_it_is(
    large: tuple[sa.Connection, Path], browser: Browser
) -> None:
    opened = browser.new_context().new_page()
    address = (large[1] / LAST.isoformat() / "sales.html").as_uri()
    opened.goto(f"{address}#range=all&category=Toys&segment=New")
    opened.wait_for_selector("html[data-drawn]", state="attached")
    assert "not available" in opened.locator("[data-measure=net]").inner_text()
    assert "the page holds days from" in opened.locator("[data-measure=net]").inner_text()
