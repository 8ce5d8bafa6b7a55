import pytest

from contracts.settings import Settings


@pytest.fixture(scope="module")
def archive(serve, tmp_path_factory):
    home = tmp_path_factory.mktemp("archive")
    for name, text in {
        "reports/index.html": "the archive",
        "reports/2024-02-07/index.html": "the report",
        "reports/.pending/3/index.html": "not released",
        "tillhouse.toml": "currency = 'GBP'",
        "reports-private/index.html": "a neighbour",
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    (home / "reports/link.html").symlink_to(home / "tillhouse.toml")
    with serve(Settings(home=home)) as client:
        yield client


def test_reports_are_served_as_they_are_without_a_database(archive):
    assert archive.get("/reports/").text == "the archive"
    answer = archive.get("/reports/2024-02-07/index.html")
    assert (answer.text, answer.headers["cache-control"]) == ("the report", "no-cache")
    assert archive.get("/reports/2024-02-07/").text == "the report"


@pytest.mark.parametrize(
    "path",
    [
        "/reports/../tillhouse.toml",
        "/reports/%2e%2e/tillhouse.toml",
        "/reports/..%2ftillhouse.toml",
        "/reports/2024-02-07/%2e%2e/%2e%2e/tillhouse.toml",
        "/reports/..%5ctillhouse.toml",
        "/reports/%2e%2e/reports-private/index.html",
        "/reports//etc/passwd",
        "/reports/%2fetc/passwd",
        "/reports/link.html",
        "/reports/.pending/3/index.html",
        "/reports/%00",
        "/reports/nothing.html",
    ],
)
def test_nothing_outside_the_archive_or_not_released_is_shown(archive, path):
    answer = archive.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_home_without_a_report_answers_404(serve, tmp_path):
    with serve(Settings(home=tmp_path)) as client:
        assert client.get("/reports/index.html").status_code == 404
