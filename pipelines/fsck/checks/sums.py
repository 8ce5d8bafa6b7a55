"""Bronze, silver, gold and quality add up: the checks a run makes before it publishes, on what is released."""

from collections.abc import Iterator

from pipelines import checks, graph
from pipelines.fsck.finding import Finding
from pipelines.fsck.home import Home

NEEDS_ROWS = True
OF_A_RUN = {checks.REJECT_SHARE}  # they judge what a run loads, not what is there


def find(home: Home) -> Iterator[Finding]:
    """Blocking checks that fail on the released tables; a check that reads a broken table says nothing."""
    release = home.release
    if release is None:
        return
    parameters = {"as_of": release.as_of, "run_id": release.run_id, **release.settings}
    readable = {table.full_name for table in home.tables} - home.broken
    with home.rows() as con:
        for check in checks.every():
            if check.severity != "blocking" or check.name in OF_A_RUN or not graph.inputs(check.query) <= readable:
                continue
            result = checks.run_one(con, check, parameters)
            if result.status == "failed":
                sample = " | ".join((result.sample or "").splitlines()[:4])
                yield Finding(
                    "sums", check.table, f"{check.name} finds {result.observed}: {sample}.",
                    "--repair builds silver and gold again from bronze.", mend="derived", table=check.table,
                )  # fmt: skip
