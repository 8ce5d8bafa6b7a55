import csv
import io
import json


def test_a_row_kept_out_is_shown_with_every_reason_but_not_as_it_arrived(api):
    (row,) = api.get("/v1/quarantine").json()["data"]
    assert (row["source"], row["landing_date"], row["source_file"], row["row_number"], row["reasons"]) == (
        "orders",
        "2024-01-10",
        "orders.csv",
        5,
        ["status:enum"],
    )
    assert "raw" not in row
    assert api.get("/v1/quarantine?fields=raw").status_code == 403
    (line,) = csv.DictReader(io.StringIO(api.get("/v1/quarantine", "text/csv").text))
    assert json.loads(line["reasons"]) == ["status:enum"]


def test_rows_kept_out_are_chosen_by_source_reason_and_state(api):
    assert len(api.get("/v1/quarantine?reason=status:enum&reason=x:y&source=orders").json()["data"]) == 1
    for query in ("status=released", "source=returns", "reason=order_id:orphan"):
        assert api.get(f"/v1/quarantine?{query}").json()["data"] == []


def test_conservation_holds_for_every_source(api):
    rows = {row["source"]: row for row in api.get("/v1/quality/conservation").json()["data"]}
    # O1 to O6, and O2 a second time
    assert {name: rows["orders"][name] for name in rows["orders"] if name != "source"} == {
        "bronze_rows": 7,
        "current_rows": 5,
        "superseded_rows": 1,
        "quarantined_rows": 1,
    }


def test_checks_are_those_of_the_released_run_unless_another_is_named(api):
    runs = api.get("/v1/runs").json()["data"]
    checks = api.get("/v1/quality").json()["data"]
    assert {check["run_id"] for check in checks} == {runs[0]["run_id"]}
    assert {check["status"] for check in checks if check["severity"] == "blocking"} == {"passed"}
    first = api.get(f"/v1/quality?run_id={runs[-1]['run_id']}&limit=1").json()["data"]
    assert first[0]["run_id"] == runs[-1]["run_id"]


def test_runs_come_newest_first_with_their_steps(api):
    runs = api.get("/v1/runs").json()["data"]
    assert [(run["release_id"], run["as_of"], run["status"]) for run in runs] == [
        (3, "2024-02-05", "released"),
        (2, "2024-01-20", "released"),
        (1, "2024-01-10", "released"),
    ]
    assert [step["position"] for step in runs[0]["steps"]] == sorted(step["position"] for step in runs[0]["steps"])
    assert runs[0]["steps"]
    assert api.get("/v1/runs?status=failed").json()["data"] == []


def test_records_beside_the_releases_have_a_tag_of_what_they_hold(api):
    first = api.get("/v1/runs")
    assert api.get("/v1/runs", If_None_Match=first.headers["etag"]).status_code == 304
    assert api.get("/v1/rejected-files").json()["data"] == []
