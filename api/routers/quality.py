"""Can the figures be trusted: checks, conservation, runs, and what was kept out."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from api.deps import Listing
from api.listing import described
from api.row_types import Page, Row
from api.selection import ListQuery, PagedQuery, Part, RangeQuery, Selection, Word, Words, span
from serving.read import Publication
from serving.statements import By

router = APIRouter(tags=["Quality"])


class Check(Row):
    """What a check of a run found."""

    run_id: str = Field(description="The run that was checked.", examples=["20240208T023000-1f9c"])
    check_name: str = Field(description="Name of the check.", examples=["unique_key"])
    table_name: str = Field(description="The table it looked at.", examples=["gold.fct_orders"])
    severity: Literal["blocking", "warning"] = Field(
        description="blocking: a failure stops the publication.", examples=["blocking"]
    )
    status: Literal["passed", "failed"] = Field(description="What came of it.", examples=["passed"])
    observed: str = Field(description="What was found.", examples=["0 rows"])
    threshold: str = Field(description="What is allowed.", examples=["0 rows"])
    sample: str | None = Field(description="Keys of some offending rows.", examples=[None])


class Conserved(Row):
    """Where every landed row of a source went: bronze = current + superseded + quarantined."""

    source: str = Field(description="The landed source.", examples=["orders"])
    bronze_rows: int = Field(description="Rows that landed.", examples=[1840])
    current_rows: int = Field(description="Rows that are the current truth.", examples=[1702])
    superseded_rows: int = Field(description="Good rows that a later one replaced.", examples=[130])
    quarantined_rows: int = Field(description="Rows in open quarantine.", examples=[8])


class Step(Row):
    """A finished step of a run."""

    position: int = Field(description="Number of the step, from 1.", examples=[1])
    step: str = Field(description="Name of the step.", examples=["silver"])
    rows_in: int = Field(
        description="Rows it went by: the run's own in bronze, all there are in silver and gold.", examples=[1840]
    )
    rows_out: int = Field(description="Rows it came to: in silver and gold all there are.", examples=[1702])
    quarantined: int = Field(
        description="Rows the run newly kept out: those that `/v1/quarantine?run_id=` lists.", examples=[8]
    )
    seconds: float = Field(description="Time it took.", examples=[0.42])


class Run(Row):
    """A run, also one that released nothing."""

    run_id: str = Field(description="The run.", examples=["20240208T023000-1f9c"])
    command: str = Field(description="The command it was started by.", examples=["pipeline 2024-02-07"])
    started_at: datetime = Field(description="When it began.", examples=["2024-02-08T02:30:00+00:00"])
    finished_at: datetime | None = Field(
        description="When it ended; null while it runs.", examples=["2024-02-08T02:31:04+00:00"]
    )
    status: str = Field(
        description="running, released, nothing_new, repaired, stopped or failed.", examples=["released"]
    )
    release_id: int | None = Field(description="The release it made.", examples=[7])
    as_of: date | None = Field(description="The last landing date it knew of.", examples=["2024-02-07"])
    message: str | None = Field(description="Why it ended so, where there is more to say.", examples=[None])
    steps: list[Step] = Field(description="Its finished steps, in order.", examples=[[]])


class KeptOut(Row):
    """A landed row that was kept out, with every reason against it."""

    source: str = Field(description="The landed source.", examples=["orders"])
    landing_date: date = Field(description="The folder it came in.", examples=["2024-02-07"])
    source_file: str = Field(description="The file it came in.", examples=["orders.csv"])
    row_number: int = Field(description="Number of the record, from 1 after the header.", examples=[17])
    row_hash: str = Field(description="A hash of its values.", examples=["5f1c0a8e93b24d67"])
    raw: str = Field(
        description="The row as it arrived, as a JSON object. Only with scope customers.",
        examples=['{"order_id": "O1"}'],
    )
    reasons: list[str] = Field(description="Why: <column>:<rule>.", examples=[["status:enum"]])
    run_id: str = Field(description="The run that kept it out.", examples=["20240208T023000-1f9c"])
    quarantined_at: datetime = Field(description="When that was.", examples=["2024-02-08T02:30:10+00:00"])
    status: Literal["open", "released"] = Field(
        description="open while it is kept out, released once it was let in.", examples=["open"]
    )
    corrected_by: str | None = Field(description="The row that corrects it: date/file#row.", examples=[None])


class Rejected(Row):
    """A file that could not be read as its source at all."""

    landing_date: date = Field(description="The folder it came in.", examples=["2024-02-07"])
    source_file: str = Field(description="Its name.", examples=["orders.csv"])
    file_hash: str = Field(description="SHA-256 of its bytes.", examples=["9f86d081884c7d65"])
    source: str | None = Field(description="The source its name says.", examples=["orders"])
    reason: str = Field(description="Why.", examples=["line 7: a quote is never closed"])
    run_id: str = Field(description="The run that rejected it.", examples=["20240208T023000-1f9c"])
    rejected_at: datetime = Field(description="When that was.", examples=["2024-02-08T02:30:02+00:00"])


class CheckQuery(ListQuery):
    """Which checks."""

    run_id: Word | None = Field(None, description="The checks of a run; by default of the one that was released.")
    status: Literal["passed", "failed"] | None = Field(None, description="By default both.")


class RunQuery(PagedQuery):
    """Which runs."""

    status: Words | None = Field(None, description="States; repeat it for several.", examples=[["stopped"]])


class QuarantineQuery(ListQuery):
    """Which rows."""

    status: Literal["open", "released", "all"] = Field("open", description="Whether they are still kept out.")
    source: Words | None = Field(None, description="Sources; repeat it for several.", examples=[["orders"]])
    reason: Words | None = Field(
        None, description="Rows with any of these reasons; repeat it for several.", examples=[["status:enum"]]
    )
    run_id: Word | None = Field(None, description="Rows that this run kept out, also where it stopped.")


class RejectedQuery(RangeQuery):
    """Which landing dates: by default all."""


@router.get("/v1/quality", summary="Check results", response_model=Page[Check], responses=described())
async def quality(query: Annotated[CheckQuery, Query()], lists: Listing) -> Response:
    """What each check found, of the run that was released or of another."""
    return await lists.answer(query, _checks)


@router.get("/v1/quality/conservation", summary="Conservation", response_model=Page[Conserved], responses=described())
async def conservation(query: Annotated[ListQuery, Query()], lists: Listing) -> Response:
    """Where every landed row went: `bronze_rows = current_rows + superseded_rows + quarantined_rows`."""
    return await lists.answer(query, _conservation)


@router.get("/v1/runs", summary="Runs", response_model=Page[Run], responses=described())
async def runs(query: Annotated[RunQuery, Query()], lists: Listing) -> Response:
    """Every run within retention with its steps, the newest first; also those that released nothing."""
    return await lists.answer(query, _runs)


@router.get("/v1/quarantine", summary="Rows kept out", response_model=Page[KeptOut], responses=described())
async def quarantine(query: Annotated[QuarantineQuery, Query()], lists: Listing) -> Response:
    """Each row that was kept out, with all its reasons; `raw` is left out unless the key has scope `customers`."""
    return await lists.answer(query, _quarantine)


@router.get("/v1/rejected-files", summary="Rejected files", response_model=Page[Rejected], responses=described())
async def rejected_files(query: Annotated[RejectedQuery, Query()], lists: Listing) -> Response:
    """Each file that could not be read as its source, the newest landing date first."""
    return await lists.answer(query, _rejected)


def _checks(query: CheckQuery, published: Publication) -> Selection:
    values = {"run_id": query.run_id or published.run_id, "status": query.status}
    return Selection("check_results", Check, (By("check_name"), By("table_name")), values, of_release=False)


def _conservation(_: ListQuery, __: Publication) -> Selection:
    return Selection("conservation", Conserved, (By("source"),))


def _runs(query: RunQuery, _: Publication) -> Selection:
    order = (By("started_at", descending=True), By("run_id"))
    return Selection(
        "runs",
        Run,
        order,
        {"status": query.status},
        parts=(Part("steps", "run_steps", Step, on="run_id"),),
        of_release=False,
    )


def _quarantine(query: QuarantineQuery, _: Publication) -> Selection:
    values: dict[str, object] = {"status": query.status, "source": query.source, "reason": query.reason}
    order = (By("landing_date", descending=True), By("source"), By("source_file"), By("row_number"), By("run_id"))
    if query.run_id is None:
        return Selection("quarantine", KeptOut, order, values)
    values["run_id"] = query.run_id
    return Selection("quarantine_of_run", KeptOut, order, values, of_release=False)


def _rejected(query: RejectedQuery, published: Publication) -> Selection:
    order = (By("landing_date", descending=True), By("source_file"), By("file_hash"))
    return Selection("rejected_files", Rejected, order, span(query, published.as_of), of_release=False)
