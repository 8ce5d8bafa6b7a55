"""The digest: what it says, and that a real service takes it."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from contracts.errors import InfrastructureError, SettingsError
from serving.reports import digest

# apprise looks at each of its services, one of which asks for a module that Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")

FACTS = {
    "as_of": "2024-03-01",
    "days": 30,
    "net_revenue": "USD 3,990",
    "change": "+12.5%",
    "open_alerts": 2,
    "restated": [{"date": "2024-02-03"}, {"date": "2024-02-09"}],
}


@pytest.fixture
def chat() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A service over HTTP, and what it was sent; it refuses what goes to /closed."""
    taken: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            refused = self.path.startswith("/closed")
            if not refused:
                taken.append(json.loads(sent))
            self.send_response(403 if refused else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"json://user:secret@127.0.0.1:{server.server_port}", taken
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_digest_tells_net_revenue_its_change_alerts_and_what_was_restated() -> None:
    title, text = digest.message(FACTS, "https://reports.example/2024-03-01/index.html")
    assert title == "Sales up to 2024-03-01"
    assert text.splitlines() == [
        "Net revenue USD 3,990 in the last 30 days, +12.5% on the 30 days before.",
        "Stock alerts open: 2.",
        "Earlier days that this release changed: 2024-02-03, 2024-02-09.",
        "https://reports.example/2024-03-01/index.html",
    ]


def test_a_digest_without_a_change_or_an_order_says_no_more_than_there_is() -> None:
    _, text = digest.message(FACTS | {"change": None, "restated": [], "open_alerts": 0}, "here")
    assert text.splitlines() == ["Net revenue USD 3,990 in the last 30 days.", "Stock alerts open: 0.", "here"]
    assert digest.message(FACTS | {"days": 0}, "here")[1].startswith("No orders yet.")


def test_a_report_is_linked_under_the_address_of_the_archive_or_as_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "2024-03-01"
    assert digest.place(folder, "https://reports.example/") == "https://reports.example/2024-03-01/index.html"
    assert digest.place(folder, None) == (folder / "index.html").as_uri()


def test_every_address_gets_the_digest(chat: tuple[str, list[dict[str, Any]]]) -> None:
    url, taken = chat
    assert digest.send([url, f"{url}/other"], "Title", "Text") == 2
    assert [(each["title"], each["message"]) for each in taken] == [("Title", "Text")] * 2


def test_an_address_that_refuses_is_told_by_its_place_and_without_its_password(
    chat: tuple[str, list[dict[str, Any]]], capfd: pytest.CaptureFixture[str]
) -> None:
    url, taken = chat
    with pytest.raises(
        InfrastructureError, match="Address 1 of `digest_urls` did not take the digest; 1 of 2 did"
    ) as told:
        digest.send([f"{url}/closed", url], "Title", "Text")
    assert len(taken) == 1
    assert "secret" not in f"{told.value}{capfd.readouterr()}"


def test_no_address_and_one_that_is_no_address_are_wrong_settings() -> None:
    with pytest.raises(SettingsError, match="`digest_urls` is empty"):
        digest.send([], "Title", "Text")
    with pytest.raises(SettingsError, match="Address 1 of `digest_urls` is not one that apprise knows") as told:
        digest.send(["secret-of-no-scheme"], "Title", "Text")
    assert "secret-of" not in str(told.value)
