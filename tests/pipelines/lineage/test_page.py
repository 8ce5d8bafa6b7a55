"""The page in a real browser, opened as a file without a network."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pipelines.lineage import page as pages
from pipelines.lineage.model import Lineage, Made, Place
from pipelines.lineage.trace import Inputs, Node


@pytest.fixture(scope="module")
def file(lineage: Lineage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("a folder") / "lineage.html"
    path.write_text(pages.render(lineage, Node("gold.fct_orders", "status")), encoding="utf-8")
    return path


def opened(
    browser: Browser, file: Path, width: int = 1280, scheme: str = "light", hash_: str = ""
) -> tuple[Page, list[str]]:
    """The page and what it asked for outside of itself or complained of."""
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    noise: list[str] = []
    page.on("request", lambda request: noise.append(request.url) if not request.url.startswith(file.as_uri()) else None)
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.goto(file.as_uri() + hash_)
    return page, noise


def column(page: Page, name: str):
    return page.locator(f'[id="{name}"]')


class Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.add(str(given["href"]).removeprefix("#"))
        self.outside += [
            str(value)
            for name, value in attrs
            if name in {"src", "href"} and not str(value).startswith(("#", "data:,"))
        ]


def test_every_link_leads_to_something_on_the_page_and_none_off_it(file: Path) -> None:
    anchors = Anchors()
    anchors.feed(file.read_text(encoding="utf-8"))
    assert len(anchors.ids) == len(set(anchors.ids))
    assert anchors.links - set(anchors.ids) == set()
    assert anchors.outside == []


def test_names_are_text() -> None:
    odd = '<b>"&'
    made = {"id": Made(Inputs(frozenset({Node("odd.csv", odd)})), odd, odd)}
    places = [Place("odd.csv", "landing", odd, {odd: Made()}), Place("gold.odd", "gold", odd, made)]
    assert odd not in pages.render(Lineage(places), Node("odd.csv", odd))


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_it_opens_clean_at_what_was_asked_for_fits_its_width_and_asks_for_nothing(
    browser: Browser, file: Path, width: int, scheme: str
) -> None:
    page, noise = opened(browser, file, width, scheme)
    asked = column(page, "gold.fct_orders.status")
    expect(asked).to_have_attribute("open", "")
    expect(asked.get_by_role("link", name="orders.csv: status")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    light = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(245, 246, 248)"
    assert light == (scheme == "light")
    assert noise == []


def test_links_lead_from_the_figure_to_the_file_and_back(browser: Browser, file: Path) -> None:
    page, noise = opened(browser, file, hash_="#gold.fct_orders.units")
    for step in ("gold.fct_order_items.quantity", "silver.order_items.quantity", "bronze.order_items.quantity"):
        column(page, page.url.partition("#")[2]).get_by_role("link", name=step, exact=True).click()
        expect(column(page, step)).to_be_in_viewport()
    column(page, "bronze.order_items.quantity").get_by_role("link", name="order_items.csv: quantity").click()
    page.go_back()
    expect(column(page, "bronze.order_items.quantity").locator("summary")).to_be_in_viewport()
    assert noise == []


def test_a_search_by_keyboard_finds_columns_across_tables_and_opens_the_first(browser: Browser, file: Path) -> None:
    page, noise = opened(browser, file)
    page.keyboard.press("/")
    page.keyboard.type("refund_amount")
    expect(page.locator("#found")).to_have_text("4 columns in 4 tables")
    assert page.locator("details.column:visible").count() == 4
    page.keyboard.press("Enter")
    assert page.url.endswith("#gold.fct_order_items.refund_amount")
    expect(column(page, "gold.fct_order_items.refund_amount")).to_have_attribute("open", "")
    page.get_by_label("Find a table or column").fill("dim_date year")
    expect(page.locator("#found")).to_have_text("1 column in 1 table")
    page.get_by_label("Find a table or column").fill("nothing of this name")
    expect(page.locator("#found")).to_have_text("Nothing is called that.")
    page.keyboard.press("Escape")
    expect(page.locator("details.table:visible").first).to_be_visible()
    assert noise == []


def test_the_map_marks_the_ways_of_the_table_in_focus_and_leads_to_it(browser: Browser, file: Path) -> None:
    page, noise = opened(browser, file)
    box = page.locator(".map a[data-table='silver.stores']")
    box.focus()
    assert (
        page.locator(".map path.near").count()
        == page.locator(".map path[data-start='silver.stores'], .map path[data-end='silver.stores']").count()
        > 1
    )
    page.keyboard.press("Enter")
    expect(column(page, "silver.stores")).to_have_attribute("open", "")
    assert page.locator(".map path.near").count() == 0
    assert noise == []
