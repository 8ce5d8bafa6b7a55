"""Every page by axe-core's rules, in both themes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.serving.reports.test_browser import PAGES

GRAVE = ("serious", "critical")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("file", ["index.html", *(f"2024-03-01/{name}.html" for name in PAGES)])
def test_a_page_has_no_serious_violation(browser: Browser, archive, file, scheme):
    page = browser.new_context(color_scheme=scheme).new_page()
    page.goto((archive / file).as_uri())
    if page.locator(".card[data-visual]").count():
        page.wait_for_selector("html[data-drawn]", state="attached")
    for closed in page.locator("main details").all()[:2]:
        closed.evaluate("element => { element.open = true; }")
    found = Axe().run(page).response["violations"]
    page.context.close()
    grave = [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found if one["impact"] in GRAVE]
    assert grave == []
