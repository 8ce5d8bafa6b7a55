"""A shop of four releases, one of them with a file sent again, looked at by every test of this room."""

import contextlib
import os

import pytest
import sqlalchemy as sa

from contracts.registry import lake_tables
from lake.connection import connect
from pipelines.fsck.check import check
from pipelines.fsck.repair import repair
from pipelines.generate.generate import generate
from serving import ddl, postgres
from tests.conftest import enter


class Looked:
    """A home and the two things done with it here."""

    def __init__(self, home):
        self.home = home
        self.engine = postgres.engine(home.settings)

    def check(self):
        return check(self.engine, self.home.settings)

    def damage(self):
        return self.check().damage

    def repair(self):
        return repair(self.engine, self.home.settings)

    def everything(self):
        """All rows of the lake and of Postgres, without the clock of runs."""
        found = {}
        with connect(self.home.settings) as con:
            for name, table in lake_tables().items():
                left = [column for column in table.names if column not in {"run_id", "quarantined_at"}]
                found[name] = con.sql(f"select {', '.join(left)} from {name} order by all").fetchall()
        with self.engine.connect() as database:
            for table in ddl.served_tables():
                found[f"serving.{table.name}"] = sorted(
                    str(tuple(row)) for row in database.execute(sa.text(f"select * from serving.{table.name}"))
                )
        return found


@pytest.fixture(scope="module")
def looked(databases, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        from datetime import date

        home = enter(patch, tmp_path_factory.mktemp("damage") / "a home", databases.make())
        generate(home.settings.landing, start=date(2024, 3, 1), days=4, orders_per_day=8, seed=5, noise=0.02)
        for day in (1, 2, 3):
            home.succeed("pipeline", f"2024-03-0{day}", "--max-reject-ratio", "1")
        again = home.settings.landing / "2024-03-02" / "orders.csv"
        again.write_text("\n".join(again.read_text().splitlines()[:-1]) + "\n")
        home.succeed("pipeline", "2024-03-02", "--max-reject-ratio", "1")
        home.succeed("pipeline", "2024-03-04", "--max-reject-ratio", "1")
        found = Looked(home)
        yield found
        found.engine.dispose()
        with contextlib.suppress(KeyError):
            databases.drop(home.url)


def planted():
    """How often each kind of damage is planted."""
    return int(os.environ.get("DAMAGE", "2"))
