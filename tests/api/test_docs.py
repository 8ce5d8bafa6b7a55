"""What the docs show works: every curl line and the Python client, against the shop worked out by hand."""

import re
import shutil
import subprocess
from datetime import date
from decimal import Decimal

import pytest

from tests.api.conftest import listening
from tests.conftest import ROOT

TEXT = (ROOT / "docs/api.md").read_text(encoding="utf-8")
CURLS = re.findall(r"^curl .*$", TEXT, re.MULTILINE)


@pytest.fixture(scope="module")
def url(small_shop):
    with listening(small_shop) as found:
        yield found


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl is installed")
@pytest.mark.parametrize("line", CURLS)
def test_a_curl_line_of_the_docs_gives_figures(url, tmp_path, line):
    ran = subprocess.run(
        ["sh", "-c", line.replace("curl ", "curl --fail ", 1)],
        cwd=tmp_path,
        env={"API": url, "PATH": "/usr/bin:/bin:/usr/local/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    if "-o orders.parquet" in line:
        import pyarrow.parquet as pq

        assert pq.read_table(tmp_path / "orders.parquet")["order_id"].to_pylist() == ["O2", "O3", "O4", "O6"]
    else:
        assert '"data":[{' in ran.stdout or ran.stdout.startswith("month,country,")


def test_the_python_client_of_the_docs_gives_days_with_exact_money(url):
    code = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)[1]
    scope = {"__name__": "shop"}
    exec(compile(code, "docs/api.md", "exec"), scope)
    with scope["Shop"](url) as shop:
        days = list(shop.days(date(2024, 1, 1), date(2024, 1, 5)))
        assert [day.net_revenue for day in days] == [Decimal(text) for text in ("16", "163", "0", "0", "2.5")]
        with pytest.raises(RuntimeError, match="start 2024-01-02 is after end"):
            list(shop.days(date(2024, 1, 2), date(2024, 1, 1)))


def test_every_threat_names_a_test_that_is_there():
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    rows = [row.split("|") for row in re.findall(r"^\| .*$", text.partition("## Threats")[2], re.MULTILINE)]
    threats = [row for row in rows if "---" not in row[1]][1:]
    assert len(threats) >= 20
    for row in threats:
        files = re.findall(r"`([\w/]+\.py)`", row[3])
        assert files, row[1]
        for name in files:
            found = [place for place in (ROOT / name, *(ROOT / "tests").rglob(name)) if place.is_file()]
            assert found, f"{row[1]}: {name} is not there"
