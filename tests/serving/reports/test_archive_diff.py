"""The difference of two reports, in a browser."""

from datetime import date

from playwright.sync_api import expect

from serving.reports.publish import show, write_pending


def test_two_reports_differ_by_the_restatements_between_them(shop, tmp_path, browser):
    changes = {
        1: [],
        2: [(20, "100.0000", "90.0000", "return")],
        3: [(20, "90.0000", "80.2500", "return"), (21, "5.0000", "5.5000", "late_order")],
    }
    for release_id, as_of in ((1, date(2024, 2, 28)), (2, date(2024, 2, 29)), (3, date(2024, 3, 1))):
        for day, old, new, cause in changes[release_id]:
            shop.add(
                "fct_restatements",
                release_id=release_id,
                date=date(2024, 2, day),
                measure="net_revenue",
                old_value=old,
                new_value=new,
                causes=[cause],
            )
        shop.release(release_id, as_of)
        write_pending(shop.connection, tmp_path, release_id)
        show(tmp_path, release_id, as_of)
    page = browser.new_context().new_page()
    page.goto((tmp_path / "index.html").as_uri())
    said, rows = page.locator("#diff-said"), page.locator("#diff-table tbody tr")
    expect(said).to_contain_text("2 published dates were restated, by \N{MINUS SIGN}9.25 of net revenue in all.")
    page.locator("#diff-from").select_option("1")
    expect(rows.last).to_have_text("2024-02-20100.0080.25\N{MINUS SIGN}19.75return")
    expect(said).to_contain_text("by \N{MINUS SIGN}19.25 of net revenue")
    page.locator("#diff-to").select_option("1")
    expect(said).to_contain_text("No published date was restated")
