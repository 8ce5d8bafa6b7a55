"""Logs on standard error."""

import json

import pytest
import structlog

from pipelines import logs


@pytest.fixture(autouse=True)
def _as_before():
    yield
    structlog.reset_defaults()


def test_logs_are_text_of_warnings_and_worse(capsys):
    logs.configure()
    log = structlog.get_logger("test")
    log.info("a step")
    log.warning("no database answers", release=3)
    said = capsys.readouterr()
    assert said.out == ""
    assert "a step" not in said.err
    assert "no database answers" in said.err
    assert "release=3" in said.err


def test_logs_are_one_json_object_a_line_on_request(capsys):
    logs.configure("json")
    structlog.get_logger("test").info("step", step="bronze", rows_in=5)
    [line] = capsys.readouterr().err.splitlines()
    entry = json.loads(line)
    assert (entry["event"], entry["step"], entry["rows_in"], entry["level"]) == ("step", "bronze", 5, "info")
    assert entry["timestamp"].endswith("Z")
