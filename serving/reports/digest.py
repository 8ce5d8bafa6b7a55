"""A report in a few lines, for mail or chat, sent by apprise to where the settings say."""

import logging
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from contracts.errors import InfrastructureError, SettingsError


def message(facts: dict[str, Any], report: str) -> tuple[str, str]:
    """Title and text from a report's `report.json`; `report` is where it is read, an address or a path."""
    days = facts["days"]
    against = f", {facts['change']} on the {days} days before" if facts["change"] else ""
    lines = [
        f"Net revenue {facts['net_revenue']} in the last {days} days{against}." if days else "No orders yet.",
        f"Stock alerts open: {facts['open_alerts']}.",
    ]
    if restated := facts["restated"]:
        lines.append(f"Earlier days that this release changed: {', '.join(each['date'] for each in restated)}.")
    lines.append(report)
    return f"Sales up to {facts['as_of']}", "\n".join(lines)


def send(urls: Sequence[str], title: str, text: str) -> int:
    """Sends to every address; returns how many took it.

    Raises SettingsError where there is no address, one is not understood, or apprise is not installed;
    InfrastructureError where one did not take it, the others did. Addresses can hold passwords: an error tells
    their place in the list.
    """
    if not urls:
        raise SettingsError("`digest_urls` is empty: say in tillhouse.toml where a digest goes (see docs/settings.md).")
    if find_spec("apprise") is None:
        raise SettingsError("Nothing that sends a digest is installed. Install `tillhouse[digest]`.")
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would tell addresses
    services = {number: apprise.Apprise.instantiate(url) for number, url in enumerate(urls, start=1)}
    if wrong := [number for number, service in services.items() if service is None]:
        raise SettingsError(f"Address {_listed(wrong)} of `digest_urls` is not one that apprise knows.")
    refused = [number for number, one in services.items() if one and not one.notify(body=text, title=title)]
    if refused:
        raise InfrastructureError(
            f"Address {_listed(refused)} of `digest_urls` did not take the digest; {len(urls) - len(refused)} of "
            f"{len(urls)} did. Look whether it can be reached and its password still holds."
        )
    return len(urls)


def place(folder: Path, reports_url: str | None) -> str:
    """Where a report is read: under the address of the archive where one is set, else its file."""
    if reports_url:
        return f"{reports_url.rstrip('/')}/{folder.name}/index.html"
    return (folder / "index.html").absolute().as_uri()


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
