import json
import subprocess
import sys

import pytest

from api.app import create_app
from contracts.errors import SettingsError
from contracts.settings import Settings

BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"lake", "pipelines", "duckdb", "polars", "pandera", "deltalake"}:
            raise ImportError(f"{name} must not be needed to serve")

sys.meta_path.insert(0, Blocked())
from api.app import create_app
app = create_app()
print(len(app.openapi()["paths"]))
"""


def test_serving_needs_nothing_of_what_makes_the_lake(tmp_path):
    environment = {"TILLHOUSE_HOME": str(tmp_path), "PYTHONPATH": ":".join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", BLOCKED], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) >= 6


def test_the_settings_in_force_are_checked_when_none_are_given(monkeypatch, tmp_path):
    monkeypatch.setenv("TILLHOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("TILLHOUSE_CURRENCY", "pounds")
    with pytest.raises(SettingsError, match="currency"):
        create_app()


def test_the_document_is_openapi_3_1_and_describes_every_operation_and_parameter(tmp_path):
    document = create_app(Settings(home=tmp_path)).openapi()
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        operation = methods["get"]
        assert operation["summary"], path
        assert operation["description"], path
        for parameter in operation.get("parameters", []):
            assert parameter["description"], f"{path} {parameter['name']}"


def test_every_list_offers_json_csv_and_arrow(tmp_path):
    document = create_app(Settings(home=tmp_path)).openapi()
    for path, methods in document["paths"].items():
        if path.startswith("/v1/") and "/export/" not in path:
            assert list(methods["get"]["responses"]["200"]["content"]) == [
                "application/json",
                "text/csv",
                "application/vnd.apache.arrow.stream",
            ]


def test_no_parameter_is_said_to_be_null(tmp_path):
    document = create_app(Settings(home=tmp_path)).openapi()
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                assert '"null"' not in json.dumps(parameter["schema"]), parameter["name"]
