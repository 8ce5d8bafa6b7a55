"""What the page adds up under a filter, against SQL over the same filter."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from serving.reports.publish import show, write_pending
from tests.serving.reports.filtered import LAST, asked, by_sql, opened, published, states


@pytest.fixture(scope="module")
def written(database: sa.Engine, tmp_path_factory: pytest.TempPathFactory):
    with published(database, tmp_path_factory.mktemp("filtered")) as shop:
        yield shop


@pytest.fixture(scope="module")
def page(browser: Browser, written: tuple[sa.Connection, Path]) -> Page:
    return opened(browser, written[1])


@pytest.mark.parametrize("state", states(50), ids=str)
def test_a_view_equals_sql_over_the_same_filter(written, page, state):
    answered = asked(page, state)
    exact = by_sql(written[0], state)
    assert {name: answered[name] for name in exact} == exact
    if state["categories"]:
        assert answered["aov"] is None
        assert (answered["orders"] is None) == (len(state["categories"]) > 1)


def test_a_region_opens_its_cities_and_a_city_its_stores_with_a_way_back(page):
    page.locator("[data-preset=all]").click()
    page.locator("[data-drill=region]").select_option("GB / North")
    assert page.locator("#drill .trail li").all_inner_texts() == ["All regions", "GB / North"]
    page.locator("[data-drill=city]").select_option("York")
    page.locator("[data-drill=store]").select_option("S1")
    assert "store=S1" in page.url
    page.wait_for_selector("html[data-drawn]", state="attached")
    page.get_by_role("button", name="All regions").click()
    assert "region" not in page.url
    page.locator("#filter-reset").click()


def test_a_sent_address_shows_the_same_figures(browser, written, page):
    page.locator("[data-slicer=categories] summary").click()
    page.get_by_label("Home & <b>Garden</b>").check()
    page.keyboard.press("Escape")
    page.locator("[data-slicer=segments] summary").click()
    page.get_by_label("Loyal").check()
    page.wait_for_selector("html[data-drawn]", state="attached")
    net = page.locator("[data-measure=net] .value").inner_text()
    assert "not available" in page.locator("[data-measure=aov]").inner_text()
    other = browser.new_context().new_page()
    other.goto(page.url)
    other.wait_for_selector("html[data-drawn]", state="attached")
    assert other.locator("[data-measure=net] .value").inner_text() == net
    assert "only Home & <b>Garden</b>, Loyal" in other.locator("#filter-said").inner_text()
    link = other.locator("nav a", has_text="Products").get_attribute("href")
    assert link is not None
    assert link.startswith("products.html#")
    assert "segment=Loyal" in link


def test_every_page_of_this_shop_draws_without_a_complaint(browser, written):
    folder = written[1] / LAST.isoformat()
    for file in sorted(folder.glob("*.html")):
        complaints: list[str] = []
        opened = browser.new_context().new_page()
        opened.on("console", lambda message, said=complaints: said.append(message.text))
        opened.on("pageerror", lambda error, said=complaints: said.append(str(error)))
        opened.goto(file.as_uri() + "#range=all&category=Toys&segment=New")
        if file.stem not in ("memo", "queries"):
            opened.wait_for_selector("html[data-drawn]", state="attached")
        assert complaints == [], file.name
        facts = json.loads((folder / "report.json").read_text())
        assert opened.locator("#data-hash").inner_text() == facts["data_hashes"][file.name]
        opened.context.close()


def test_numbers_on_a_page_are_written_as_the_setting_says(browser, written, tmp_path):
    write_pending(written[0], tmp_path, 1, "1.234,5")
    show(tmp_path, 1, LAST)
    opened = browser.new_context().new_page()
    opened.goto((tmp_path / LAST.isoformat() / "sales.html").as_uri() + "#range=all")
    opened.wait_for_selector("html[data-drawn]", state="attached")
    net = written[0].scalar(sa.text("select sum(net_revenue) from serving.fct_revenue_daily"))
    exact = f"{net:,.2f}" if net < 1000 else f"{net:,.0f}"
    shown = opened.locator("[data-measure=net] .value").inner_text()
    assert shown.replace("\N{NO-BREAK SPACE}", " ") == f"USD {exact.translate({44: '.', 46: ','})}"
    opened.locator("#sales_over_time summary").click()
    opened.wait_for_selector("#sales_over_time tbody td.number")
    cells = opened.locator("#sales_over_time tbody td.number").all_inner_texts()
    assert any("," in cell for cell in cells)
    assert not any("." in cell and len(cell.split(".")[-1]) == 2 for cell in cells)
