"""`tillhouse digest`, as it is typed."""

import socket

import pytest

from tests.conftest import Home

# apprise looks at each of its services, one of which asks for a module that Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")


def test_a_digest_without_an_address_or_of_a_date_without_a_report_is_wrong_usage(shop: Home) -> None:
    ran = shop.run("digest")
    assert ran.exit_code == 2
    assert "`digest_urls` is empty" in ran.err
    ran = shop.run("digest", "2024-01-01")
    assert (ran.exit_code, "There is no report of 2024-01-01" in ran.err) == (2, True)


def test_a_digest_that_nobody_takes_is_exit_3_and_tells_no_password(
    shop: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("TILLHOUSE_DIGEST_URLS", f'["json://me:hunter2@127.0.0.1:{port}"]')
    ran = shop.run("digest")
    assert ran.exit_code == 3
    assert "Address 1 of `digest_urls` did not take the digest; 0 of 1 did" in ran.err
    assert "hunter2" not in ran.err + ran.out
