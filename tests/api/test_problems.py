import pytest

from api import formats
from api.app import create_app
from api.problems import PROBLEMS
from contracts import errors
from contracts.settings import Settings


def test_a_problem_says_type_title_status_detail_and_every_field_at_fault(client):
    answer = client.get("/v1/metrics/daily?start=tomorrow&colour=red")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/invalid-request",
        "title": "A parameter is wrong",
        "status": 422,
        "detail": "start: a date is written YYYY-MM-DD; colour: No such parameter",
        "errors": [
            {"parameter": "start", "in": "query", "detail": "a date is written YYYY-MM-DD"},
            {"parameter": "colour", "in": "query", "detail": "No such parameter"},
        ],
    }


def test_an_unknown_path_is_404_and_another_method_405(client):
    missing, other = client.get("/v1/nothing"), client.post("/v1/releases")
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/not-found")
    assert (other.status_code, other.json()["type"]) == (405, "/problems/method-not-allowed")
    assert other.headers["allow"] == "GET"
    assert missing.headers["content-type"] == other.headers["content-type"] == "application/problem+json"


def test_an_error_nobody_foresaw_shows_nothing_of_the_inside_and_its_place_is_logged(serve, home, monkeypatch, capsys):
    def broken(page):
        raise KeyError("ada@example.org")

    monkeypatch.setitem(formats.WRITERS, formats.JSON, broken)
    with serve(home) as client:
        answer = client.get("/v1/inventory/alerts?status=all")
    assert answer.status_code == 500
    assert answer.json() == {
        "type": "/problems/internal-error",
        "title": "Something went wrong on our side",
        "status": 500,
        "detail": "The error is in the log of the server.",
    }
    logged = capsys.readouterr().err
    assert "error=KeyError" in logged
    assert "test_problems.py" in logged
    assert answer.headers["x-request-id"] in logged
    assert "ada@example.org" not in logged + answer.text


def test_without_a_database_a_list_is_503_and_says_when_to_try_again(serve, tmp_path):
    with serve(Settings(home=tmp_path)) as client:
        answer = client.get("/v1/metrics/daily")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["type"] == "/problems/database-unavailable"
    assert str(tmp_path) not in answer.text


def test_every_error_a_reader_can_meet_has_a_problem_of_its_own_status():
    statuses = {
        name: PROBLEMS[getattr(errors, name).slug][0] for name in ("NotFound", "NotAcceptable", "PastRetention")
    }
    assert statuses == {"NotFound": 404, "NotAcceptable": 406, "PastRetention": 410}
    assert PROBLEMS[errors.UsageError.slug][0] == 422
    assert PROBLEMS[errors.DatabaseUnavailable.slug][0] == PROBLEMS[errors.InfrastructureError.slug][0] == 503


@pytest.mark.parametrize("slug", sorted(PROBLEMS))
def test_the_type_of_a_problem_leads_to_its_explanation(client, slug):
    answer = client.get(f"/problems/{slug}")
    assert (answer.status_code, answer.headers["location"]) == (307, f"/docs#{slug}")
    assert f'id="{slug}"' in client.get("/docs").text


def test_every_documented_operation_shows_the_shape_of_its_errors(tmp_path):
    document = create_app(Settings(home=tmp_path)).openapi()
    for path, methods in document["paths"].items():
        answers = methods["get"]["responses"]
        failures = {status: answer for status, answer in answers.items() if status >= "400"}
        assert "500" in failures, path
        for answer in failures.values():
            assert answer["content"] == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }
