"""The commands of docs/postgres.md that carry a database over to another cluster, run as they stand there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from serving import embedded, roles
from tests.conftest import ROOT, Home


def test_the_documented_upgrade_keeps_releases_rows_rights_and_the_way_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TILLHOUSE_DATABASE_URL")
    usual: dict[str, list[dict[str, str]]] = {
        name: [{}] for name in ("customers", "products", "orders", "order_items", "inventory_movements")
    }
    home.land("2024-01-02", **usual)
    try:
        home.succeed("pipeline", "2024-01-02")
        before = told(home)
        chapter = (ROOT / "docs/postgres.md").read_text(encoding="utf-8").partition("## A newer Postgres")[2]
        blocks = re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL)
        assert len(blocks) == 2
        for block in blocks:
            path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
            commands = block.replace("uv run ", "")
            subprocess.run(["bash", "-euc", commands], check=True, cwd=ROOT, env=os.environ | {"PATH": path})
        assert (home.path / "postgres-before").is_dir()
        assert told(home) == before
        assert home.ask("/v1/metrics/daily")["data"][0]["net_revenue"] == "16.0000"
        home.url = roles.url(home.settings, roles.BI)
        assert home.database("select customer_id from dim_customer") == [("C1",)]
        home.land("2024-01-03", customers=[{"customer_id": "C2"}])
        home.succeed("pipeline", "2024-01-03")
        assert home.database("select release_id from publication") == [(2,)]
    finally:
        embedded.stop(home.settings)


def told(home: Home) -> list[tuple[object, ...]]:
    """Releases, orders and runs."""
    home.url = embedded.start(home.settings)
    return [
        *home.database("select release_id, run_id, versions from lakehouse.releases"),
        *home.database("select * from serving.fct_orders"),
        *home.database("select run_id, status, finished_at from lakehouse.runs"),
        *home.database("select * from lakehouse.lake"),
    ]
