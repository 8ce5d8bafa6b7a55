"""What a page says, against figures computed by hand."""

import json
import subprocess
import sys
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest

from serving.reports import charts, pages
from serving.reports.release import read_release
from serving.reports.render import render

DAY = date(2024, 3, 1)


class Text(HTMLParser):
    """The text of a page as a reader sees it, and its embedded data."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.data = ""
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self._inside = "data" if dict(attrs).get("type") == "application/json" else tag

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside == "data":
            self.data += data
        elif self._inside != "script" and data.strip():
            self.parts.append(" ".join(data.replace("\N{NO-BREAK SPACE}", " ").split()))

    def __str__(self):
        return "\n".join(self.parts)


def overview(shop, **release) -> Text:
    return pages_of(shop, **release)["index.html"]


def pages_of(shop, **release) -> dict[str, Text]:
    shop.release(1, DAY, **release)
    files = render(shop.connection, read_release(shop.connection, 1)).files
    return {name: Text(content.decode()) for name, content in files.items() if name.endswith(".html")}


def tile(page: Text, label: str) -> str:
    return page.parts[page.parts.index(label) + 1]


def chart(page: Text, stem: str) -> dict:
    return json.loads(page.data)["charts"][stem]


def test_the_headline_compares_the_last_30_days_with_the_30_before_and_the_year_before(shop):
    shop.days(DAY, 30, 2, "50")
    shop.days(DAY - timedelta(days=30), 30, 2, "40")
    shop.days(DAY - timedelta(days=60), 400, 2, "25")
    page = overview(shop)
    assert tile(page, "Net revenue, last 30 days") == "USD 1,500"
    assert "+25.0%\non the 30 days before" in str(page)
    assert "+100%\non the same weekdays a year ago" in str(page)
    assert tile(page, "Orders") == "60"
    assert tile(page, "Average order") == "USD 25.00"


def test_the_customers_of_a_month_are_those_active_of_every_cohort_and_the_new_ones_its_own(shop):
    shop.days(DAY, 61, 1, "10")  # since 2024-01-01
    for cohort, since, active in ((1, 0, 3), (1, 1, 2), (1, 2, 0), (2, 0, 4), (2, 1, 1)):
        shop.add(
            "fct_cohort_monthly",
            cohort_month=date(2024, cohort, 1),
            months_since=since,
            cohort_size={1: 3, 2: 4}[cohort],
            active_customers=active,
        )
    page = pages_of(shop)["customers.html"]
    known, new = chart(page, "customers_monthly")["traces"]
    # January 3; February 2 of January's and 4 new ones; March, which is not over, 1 of February's
    assert (known["y"], new["y"]) == ([0, 2, 1], [3, 4, 0])
    assert "6 different customers ordered in February 2024, up 100% on the month before" in str(page)


def test_a_period_that_the_data_do_not_cover_whole_is_not_compared_with(shop):
    shop.days(DAY, 59, 1, "10")
    page = overview(shop)
    assert "Too few days to compare with those before" in page.parts
    assert not any(part.startswith("on the 30 days before") for part in page.parts)


def test_a_shop_of_five_days_shows_five_days(shop):
    shop.days(DAY, 5, 1, "10")
    page = overview(shop)
    assert tile(page, "Net revenue, last 5 days") == "USD 50.00"


def test_a_shop_without_an_order_says_so_in_every_place(shop):
    page = overview(shop)
    assert tile(page, "Net revenue") == "USD 0.00"
    assert "No orders yet. This shows from the first day with one." in page.parts
    assert "No open alerts: every product is at or above its reorder point." in page.parts
    assert "No row is held back: quarantine is empty." in page.parts
    assert json.loads(page.data)["charts"] == {}


def test_cents_are_exact_where_floats_would_drift(shop):
    for back in range(10):
        shop.day(DAY - timedelta(days=back), 1, "0.1")
    shop.day(DAY - timedelta(days=10), 1, "800.005")
    assert tile(overview(shop), "Net revenue, last 11 days") == "USD 801.01"


def test_amounts_have_the_digits_of_the_currency(shop):
    shop.days(DAY, 2, 1, "450")
    page = overview(shop, currency="JPY", timezone="Asia/Tokyo")
    assert tile(page, "Net revenue, last 2 days") == "JPY 900"
    assert any("published 2 March 2024, 08:30 Asia/Tokyo" in part for part in page.parts)


def test_refunds_stand_beside_what_was_sold(shop):
    shop.day(DAY, 2, "200", refunds="50")
    page = overview(shop)
    assert tile(page, "Refunds") == "USD 50.00"
    assert "25.0% of what was sold" in page.parts
    assert tile(page, "Net revenue, one day") == "USD 150.00"


def test_days_after_the_as_of_date_are_in_no_figure(shop):
    shop.days(DAY + timedelta(days=2), 4, 1, "10")
    page = overview(shop)
    assert tile(page, "Net revenue, last 2 days") == "USD 20.00"
    assert [(cube["name"], cube["rows"]) for cube in json.loads(page.data)["cubes"] if cube["rows"]] == [("daily", 2)]


def cohort(shop, day: date, window: int, size: int, retained: int, net: str, mature: bool) -> None:
    shop.add(
        "fct_cohort_ltv",
        cohort_date=day,
        window_days=window,
        cohort_size=size,
        retained_customers=retained,
        net_revenue=net,
        is_mature=mature,
    )


def test_cohorts_of_a_month_are_weighed_by_their_customers(shop):
    cohort(shop, date(2024, 1, 5), 30, 1, 1, "90", True)
    cohort(shop, date(2024, 1, 9), 30, 3, 0, "30", True)
    page = pages_of(shop)["customers.html"]
    title = chart(page, "retention")["answer"]
    assert title == "25% of customers new in January 2024 came back within 30 days"
    worth = chart(page, "lifetime_value")["answer"].replace("\xa0", " ")
    assert json.loads(page.data)["datasets"]["cohort_windows"]["customers"] == [4]
    assert worth == "A customer new in January 2024 was worth USD 30.00 after 30 days"


def test_a_month_with_one_immature_cohort_is_drawn_as_not_final_and_never_headlined(shop):
    cohort(shop, date(2024, 1, 5), 30, 10, 4, "100", True)
    cohort(shop, date(2024, 2, 1), 30, 5, 5, "100", True)
    cohort(shop, date(2024, 2, 9), 30, 5, 5, "100", False)
    retention = chart(pages_of(shop)["customers.html"], "retention")
    assert retention["traces"][1]["marker"]["pattern"]["shape"] == ["", "/"]
    assert "40% of customers new in January 2024" in retention["answer"]


def test_a_month_that_is_not_over_is_not_final_however_mature_its_cohorts(shop):
    cohort(shop, date(2024, 3, 1), 7, 10, 4, "100", True)
    assert chart(pages_of(shop)["customers.html"], "retention")["answer"].startswith("Too early to say")


def test_open_alerts_are_listed_by_shortfall_and_resolved_ones_are_not(shop):
    shop.product("A", "Kettle")
    shop.product("B", "Teapot")
    shop.alert("A", "at_risk", 3)
    shop.alert("B", "stockout", 9)
    shop.alert("C", "stockout", 50, resolved_on=DAY)
    page = overview(shop)
    alerts = json.loads(page.data)["datasets"]["open_alerts"]
    assert alerts["product_name"] == ["Teapot", "Kettle"]
    assert tile(page, "Open stock alerts") == "2"
    assert "2 products to reorder, 1 of which ran out" in page.parts


def test_money_at_risk_is_the_gross_of_open_lines_without_a_correction(shop):
    line = {"quantity": " 3 ", "unit_price": "12.50"}
    shop.held_back(1, "order_items", line, "product_id:orphan")
    shop.held_back(2, "order_items", line, "product_id:orphan", corrected_by="2024-03-02/order_items.csv#1")
    shop.held_back(3, "order_items", line, "product_id:orphan", status="released")
    shop.held_back(4, "order_items", {"quantity": "1e3", "unit_price": "5"}, "quantity:type")
    shop.held_back(5, "order_items", {"quantity": "1", "unit_price": "5", "note": "\0"}, "product_id:orphan")
    shop.held_back(7, "order_items", {"quantity": "999999999", "unit_price": "999999.99"}, "quantity:too_large")
    shop.held_back(6, "orders", {"order_id": "9"}, "status:enum", "currency:mismatch")
    page = overview(shop)
    assert tile(page, "Money at risk in quarantine") == "USD 37.50"
    assert "5 rows held back, 3 lines without a readable amount" in page.parts
    assert "5 rows held back, most often for product_id:orphan in order_items" in page.parts


def test_a_source_whose_rows_do_not_add_up_is_named(shop):
    shop.add("conservation", source="orders", bronze_rows=5, current_rows=3, superseded_rows=1, quarantined_rows=0)
    page = overview(shop)
    assert "Some landed rows are not accounted for" in page.parts
    assert "orders (does not add up)" in page.parts


def test_a_report_holds_no_personal_data(shop):
    shop.days(DAY, 1, 1, "10")
    shop.add("dim_customer", customer_id="C-77", full_name="Ada Quill", email="ada@example.org")
    shop.held_back(1, "customers", {"customer_id": "C-78", "email": "bo@example.org"}, "updated_at:null")
    shop.release(1, DAY)
    rendered = render(shop.connection, read_release(shop.connection, 1))
    everything = b"".join(rendered.files.values()) + json.dumps(rendered.facts).encode()
    for personal in (b"Ada", b"example.org", b"C-77", b"C-78"):
        assert personal not in everything


@pytest.mark.parametrize("name", ["</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "A & B"])
def test_a_product_name_never_becomes_markup(shop, name):
    shop.product("A", name)
    shop.alert("A", "at_risk", 3)
    shop.release(1, DAY)
    page = render(shop.connection, read_release(shop.connection, 1)).files["index.html"].decode()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert json.loads(Text(page).data)["datasets"]["open_alerts"]["product_name"] == [name]


def test_a_page_names_nothing_outside_its_folder(shop):
    shop.days(DAY, 3, 1, "10")
    shop.release(1, DAY)
    for name, page in render(shop.connection, read_release(shop.connection, 1)).files.items():
        assert b"http" not in page or not name.endswith(".html")
        assert b'src="//' not in page


def test_a_page_and_a_chart_are_added_by_adding_their_files(shop, tmp_path, monkeypatch):
    (tmp_path / "pages").mkdir()
    (tmp_path / "charts").mkdir()
    (tmp_path / "pages" / "added.py").write_text(
        "from serving.reports.model import PageSpec\nPAGE = PageSpec(order=99, title='An added page')\n"
    )
    (tmp_path / "charts" / "added_chart.py").write_text(
        "from serving.reports.model import ChartSpec, Empty\n"
        "CHART = ChartSpec('added', 1, 'Why?', 'open_alerts', lambda source: Empty('Nothing to say.'))\n"
    )
    monkeypatch.setattr(pages, "__path__", [*pages.__path__, str(tmp_path / "pages")])
    monkeypatch.setattr(charts, "__path__", [*charts.__path__, str(tmp_path / "charts")])
    shop.release(1, DAY)
    files = render(shop.connection, read_release(shop.connection, 1)).files
    assert {"An added page", "Why?", "Nothing to say."} <= set(Text(files["added.html"].decode()).parts)
    assert 'href="added.html"' in files["index.html"].decode()


def test_reports_are_written_without_the_lake_and_its_engines():
    program = (
        "import sys\n"
        "for name in ('lake', 'duckdb', 'polars', 'pandas', 'pandera', 'deltalake'):\n"
        "    sys.modules[name] = None\n"
        "from serving.reports import publish\n"
        "from serving.reports.assets import asset_names\n"
        "print(len(asset_names()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (int(done.stdout) > 5, done.stderr) == (True, "")
