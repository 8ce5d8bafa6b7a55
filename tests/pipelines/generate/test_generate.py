import hashlib
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from contracts.errors import UsageError
from pipelines.generate.generate import generate

STATUS = Path("/proc/self/status")
STAMPS = ("paid_at", "fulfilled_at", "delivered_at", "returned_at", "cancelled_at")


def hashes(folder: Path) -> dict[str, str]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def test_the_same_arguments_write_the_same_bytes_also_over_older_files(tmp_path):
    def run(folder):
        return generate(folder, start=date(2024, 2, 25), days=6, orders_per_day=25, seed=3, noise=0.1)

    assert run(tmp_path / "a") == run(tmp_path / "b")
    first = hashes(tmp_path / "a")
    assert first == hashes(tmp_path / "b")
    run(tmp_path / "a")
    assert hashes(tmp_path / "a") == first
    assert {name.split("/")[0] for name in first} == {"2024-02-25", "2024-02-26", "2024-02-27", "2024-02-28",
                                                      "2024-02-29", "2024-03-01"}  # fmt: skip


def test_a_file_that_is_there_with_other_bytes_is_refused_before_anything_is_written(tmp_path):
    def run(**asked):
        return generate(tmp_path, start=date(2024, 5, 1), days=2, orders_per_day=10, seed=1, **asked)

    own = tmp_path / "2024-05-02" / "orders.csv"
    own.parent.mkdir()
    own.write_text("order_id\nMINE\n")
    before = hashes(tmp_path)
    with pytest.raises(UsageError, match=r"2024-05-02/orders\.csv is there already.*--force") as refused:
        run()
    assert refused.value.field == "force"
    assert hashes(tmp_path) == before
    run(force=True)
    assert "MINE" not in own.read_text()


def test_a_shops_own_files_beside_the_generated_ones_stay(tmp_path):
    own = tmp_path / "2024-05-01" / "orders_web.csv"
    own.parent.mkdir()
    own.write_text("order_id\nMINE\n")
    generate(tmp_path, start=date(2024, 5, 1), days=1, orders_per_day=10, seed=1)
    assert own.read_text() == "order_id\nMINE\n"


def test_another_seed_is_another_shop(tmp_path):
    for seed in (1, 2):
        generate(tmp_path / str(seed), start=date(2024, 5, 1), days=1, orders_per_day=20, seed=seed)
    one, two = hashes(tmp_path / "1"), hashes(tmp_path / "2")
    assert all(one[name] != two[name] for name in ("2024-05-01/orders.csv", "2024-05-01/customers.csv"))


def test_a_longer_shop_begins_like_the_shorter_one_up_to_its_last_two_days(tmp_path):
    for days in (8, 12):
        generate(tmp_path / str(days), start=date(2024, 5, 1), days=days, orders_per_day=20, seed=5)
    short, long = hashes(tmp_path / "8"), hashes(tmp_path / "12")
    early = {name for name in short if name < "2024-05-07"}
    assert {name: short[name] for name in early} == {name: long[name] for name in early}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"days": 0}, "days"),
        ({"orders_per_day": 0}, "orders_per_day"),
        ({"noise": -0.01}, "noise"),
        ({"noise": 0.51}, "noise"),
        ({"noise": float("nan")}, "noise"),
        ({"seed": -1}, "seed"),
        ({"currency": "usd"}, "currency"),
        ({"start": date(1970, 1, 1)}, "start"),
        ({"start": date(2198, 12, 31)}, "start"),
    ],
)
def test_arguments_that_cannot_be_are_refused_by_name_before_anything_is_written(tmp_path, wrong, field):
    asked = {"start": date(2024, 1, 1), "days": 2, "orders_per_day": 5, "seed": 1} | wrong
    with pytest.raises(UsageError) as refused:
        generate(tmp_path / "landing", **asked)
    assert refused.value.field == field
    assert not (tmp_path / "landing").exists()


def test_each_day_is_reported_with_its_rows_and_the_summary_is_their_sum(tmp_path):
    seen = []
    summary = generate(
        tmp_path, start=date(2023, 12, 30), days=3, orders_per_day=10, seed=4, on_day=lambda *day: seen.append(day)
    )
    assert [day for day, _ in seen] == [date(2023, 12, 30), date(2023, 12, 31), date(2024, 1, 1)]
    assert sum(rows for _, rows in seen) == summary.total_rows
    lines = {path: len(path.read_text().splitlines()) - 1 for path in tmp_path.rglob("*.csv")}
    assert sum(lines.values()) == summary.total_rows
    assert min(lines.values()) >= 1  # a source without rows has no file
    assert summary.total_spoiled == 0


def test_the_currency_is_the_one_asked_for(tmp_path):
    generate(tmp_path, start=date(2024, 1, 1), days=1, orders_per_day=10, seed=1, currency="EUR")
    rows = (tmp_path / "2024-01-01" / "orders.csv").read_text().splitlines()[1:]
    assert rows
    assert all(",EUR," in row for row in rows)


def test_nothing_lands_before_it_happened(autumn):
    moments = {
        "customers": ("signup_at", "updated_at"),
        "products": ("updated_at",),
        "stores": ("updated_at",),
        "orders": ("created_at", "updated_at", *STAMPS),
        "returns": ("returned_at",),
        "inventory_movements": ("occurred_at",),
    }
    for source, columns in moments.items():
        for column in columns:
            assert autumn.query(f"select * from {source} where {column}::timestamp::date > landing_date") == []


def test_movements_land_on_the_day_they_happen(autumn):
    assert autumn.query("select * from inventory_movements where occurred_at::date <> landing_date") == []


def test_every_parent_lands_at_most_two_days_after_its_child(autumn):
    references = [
        ("order_items", "order_id", "orders"),
        ("order_items", "product_id", "products"),
        ("orders", "customer_id", "customers"),
        ("orders", "store_id", "stores"),
        ("inventory_movements", "product_id", "products"),
        ("returns", "order_id", "orders"),
    ]
    for child, column, parent in references:
        late = autumn.query(
            f"""select max(p.landed - c.landing_date), count(*) filter (p.landed is null)
            from {child} c
            left join (select {column}, min(landing_date) as landed from {parent} group by all) p using ({column})
            where c.{column} is not null"""
        )
        assert late[0][0] <= (2 if parent in ("customers", "orders") else 0), (child, parent)
        assert late[0][1] == 0, (child, parent)


def test_some_parents_are_late(autumn):
    late_orders = "select count(*) from orders where status = 'paid' and updated_at::date < landing_date"
    assert autumn.query(late_orders)[0][0] > 0
    late_customers = "select count(*) from customers where updated_at::date < landing_date - 1"
    assert autumn.query(late_customers)[0][0] > 0


@pytest.mark.skipif(not STATUS.exists(), reason="the kernel does not tell a process its own peak")
def test_a_busy_shop_stays_small_in_memory(tmp_path):
    # In a process of its own, so that nothing else counts; getrusage would count what its parent held at the fork.
    script = (
        "import re; from datetime import date; from pathlib import Path\n"
        "from pipelines.generate.generate import generate\n"
        f"peak = lambda: int(re.search(r'VmHWM:\\s+(\\d+)', Path({str(STATUS)!r}).read_text())[1]) / 1024\n"
        "peaks = []\n"
        f"generate(Path({str(tmp_path)!r}), start=date(2024, 6, 3), days=12, orders_per_day=8000, seed=1,\n"
        "         on_day=lambda *_: peaks.append(peak()))\n"
        "print(peaks[-1], peaks[-1] - peaks[5])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    last, grown = (float(text) for text in done.stdout.split())
    assert last < 500  # MiB; about 220, and more with more cores
    assert grown < 60  # the second half needs hardly more than the first
