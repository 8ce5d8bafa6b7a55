"""The pages in a real browser, opened as files without a network."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

PAGES = ("index", "memo", "sales", "products", "customers", "inventory", "finance", "quality", "queries")


class Opened:
    """A page with what it asked for and complained of."""

    def __init__(self, browser: Browser, file: Path, width: int = 1280, scheme: str = "light", hash_: str = "") -> None:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True
        )
        self.page: Page = context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(file.as_uri() + hash_)
        if file.parent.name.startswith("2024") and file.stem not in ("memo", "queries"):
            self.drawn()

    def choose(self, key: str) -> None:
        self.page.locator(f"[data-preset='{key}']").click()
        self.drawn()

    def drawn(self) -> None:
        self.page.wait_for_selector("html[data-drawn]", state="attached")

    def bars(self, chart: str) -> int:
        return self.page.locator(f"#{chart} .bars .point").count()

    def title(self, chart: str) -> str:
        return self.page.locator(f"#{chart} [data-title]").inner_text().replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def overview(browser: Browser, archive: Path) -> Opened:
    """One page for the tests that set the range they need themselves."""
    return Opened(browser, archive / "2024-03-01" / "index.html")


@pytest.fixture(scope="module")
def customers(browser: Browser, archive: Path) -> Opened:
    return Opened(browser, archive / "2024-03-01" / "customers.html")


@pytest.mark.parametrize(
    ("file", "width", "scheme"),
    [
        *((f"2024-03-01/{name}.html", 360, "dark") for name in PAGES),
        ("2024-03-01.2/index.html", 1280, "light"),
        ("index.html", 360, "light"),
        ("index.html", 1280, "dark"),
    ],
)
def test_a_page_opens_clean_fits_its_width_and_asks_for_nothing_outside(browser, archive, file, width, scheme):
    opened = Opened(browser, archive / file, width, scheme)
    assert opened.complaints == []
    folder = archive.as_uri() + "/"
    assert [url for url in opened.requests if not url.startswith((folder, "data:", "blob:"))] == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_range_redraws_the_charts_says_its_own_figures_and_goes_into_the_address(overview):
    overview.choose("90")
    assert overview.bars("net_over_time") == 90
    overview.choose("30")
    # Orders go 3, 4, 5, 6 backwards from the last day: 30 days hold 7 such rounds and 3 + 4, at 30 an order.
    assert overview.title("net_over_time").startswith("USD 3,990 in the last 30 days")
    assert overview.bars("net_over_time") == 30
    assert overview.page.url.endswith("#range=30")


def test_an_address_with_dates_and_a_grain_opens_on_them(browser, archive):
    opened = Opened(browser, archive / "2024-03-01" / "index.html", hash_="#from=2024-01-01&to=2024-02-29&grain=month")
    assert opened.bars("net_over_time") == 2
    expect(opened.page.locator("#filter-said")).to_have_text("Showing 1 Jan 2024 to 29 Feb 2024, by month.")


def test_the_filter_is_worked_by_keyboard(overview):
    overview.choose("90")
    overview.page.locator("[data-preset='30']").focus()
    overview.page.keyboard.press("Enter")
    overview.drawn()
    assert overview.bars("net_over_time") == 30
    expect(overview.page.locator("#filter-said")).to_have_text("Showing the last 30 days, by day.")
    assert overview.page.locator("[data-preset='30']").get_attribute("aria-pressed") == "true"


def test_the_table_behind_a_chart_holds_its_rows_newest_first_and_follows_the_range(overview):
    overview.choose("90")
    overview.page.locator("#net_over_time summary").click()
    rows = overview.page.locator("#net_over_time tbody tr")
    expect(rows).to_have_count(90)
    # A year ago is 364 days back, where the 400 days still have three orders, being four times 91.
    assert rows.first.locator("th, td").all_inner_texts()[:2] == ["2024-03-01", "90.00"]
    overview.choose("30")
    expect(rows).to_have_count(30)
    overview.page.locator("#net_over_time summary").click()


def test_the_page_proves_that_its_data_are_as_written(browser, archive):
    opened = Opened(browser, archive / "2024-03-01" / "index.html")
    opened.page.locator("#verify").click()
    expect(opened.page.locator("#verified")).to_have_text("The data are as they were written.")
    opened.page.evaluate("document.getElementById('report-data').textContent += ' '")
    opened.page.locator("#verify").click()
    expect(opened.page.locator("#verified")).to_contain_text("were changed")


def test_charts_take_the_colours_of_the_theme_when_it_changes(overview):
    paper = "document.querySelector('#net_over_time .plot').layout.paper_bgcolor"
    assert overview.page.evaluate(paper) == "#ffffff"
    overview.page.emulate_media(color_scheme="dark")
    overview.page.wait_for_function(f"{paper} !== '#ffffff'")
    assert overview.page.evaluate(paper) == "#182029"
    overview.page.emulate_media(color_scheme="light")
    overview.page.wait_for_function(f"{paper} === '#ffffff'")


def test_a_cohort_that_can_still_move_is_hatched(customers):
    assert customers.bars("retention") == 9
    # Over 30 and 90 days the newest of three months is not final; its 7 days are, and the month is over.
    hatched = (
        "[...document.querySelectorAll('#retention .bars .point path')].filter((bar) => bar.style.fill.includes('url'))"
    )
    assert customers.page.evaluate(f"{hatched}.length") == 2
    assert customers.title("retention").endswith("came back within 90 days, 60% in the month before")


def test_a_name_from_the_data_is_text_and_the_table_holds_what_the_chart_leaves_out(overview):
    assert overview.bars("stock_alerts") == 12
    overview.page.locator("#stock_alerts summary").click()
    expect(overview.page.locator("#stock_alerts tbody tr")).to_have_count(15)
    first = overview.page.locator("#stock_alerts tbody th").first.inner_text()
    assert first == "A product with a rather long name, number 0 <b>&amp;"
    overview.page.locator("#stock_alerts summary").click()


def test_a_chart_is_saved_as_an_image(overview, tmp_path):
    with overview.page.expect_download() as download:
        overview.page.locator("#net_over_time [data-image=png]").click()
    assert download.value.suggested_filename == "net_over_time-2024-03-01.png"
    download.value.save_as(tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


def test_every_chart_says_in_words_what_it_shows(overview):
    said = [plot.get_attribute("aria-label") for plot in overview.page.locator("[data-chart][role=img]").all()]
    assert len(said) == 6
    assert all(text and len(text) > 40 for text in said)


def test_paper_is_light_whatever_the_screen(overview):
    overview.page.emulate_media(color_scheme="dark")
    overview.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert overview.page.evaluate("document.querySelector('#net_over_time .plot').layout.paper_bgcolor") == "#ffffff"
    overview.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    overview.page.emulate_media(color_scheme="light")


def test_nothing_complained_in_the_whole_session(overview):
    assert overview.complaints == []


def test_the_archive_finds_a_report_by_its_words(browser, archive):
    opened = Opened(browser, archive / "index.html")
    assert opened.page.locator(".entry:visible").count() == 2
    opened.page.get_by_label("Find a report").fill("february thursday")
    assert opened.page.locator(".entry:visible").count() == 1
    expect(opened.page.locator("#found")).to_have_text("1 report")
    opened.page.get_by_label("Find a report").fill("1999")
    expect(opened.page.locator("#none")).to_be_visible()
    opened.page.get_by_label("Find a report").fill("")
    opened.page.locator(".entry").first.click()
    expect(opened.page.get_by_role("heading", level=1)).to_contain_text("Friday 1 March 2024")
