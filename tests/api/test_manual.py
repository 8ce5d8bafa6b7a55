from api.app import create_app
from api.manual import operations
from contracts.settings import Settings


def _operations(tmp_path):
    document = create_app(Settings(home=tmp_path)).openapi()
    return {found.name: found for group in operations(document).values() for found in group}


def test_the_manual_has_every_operation_of_the_document(tmp_path):
    document = create_app(Settings(home=tmp_path)).openapi()
    shown = {found.path for group in operations(document).values() for found in group}
    assert shown == set(document["paths"])
    assert {"/v1/metrics/daily", "/v1/ltv/{days}", "/v1/inventory/alerts", "/v1/releases", "/healthz"} <= shown


def test_the_manual_begins_with_figures_and_ends_with_health(tmp_path):
    document = create_app(Settings(home=tmp_path)).openapi()
    assert list(operations(document))[-1] == "Health"


def test_a_choice_is_shown_with_a_link_for_each_value(tmp_path):
    (basis,) = [found for found in _operations(tmp_path)["daily_metrics"].parameters if found.name == "basis"]
    assert (basis.kind, basis.default, basis.required) == ("booked | recognized", "booked", False)
    assert basis.tries == (
        ("booked", "/v1/metrics/daily?basis=booked"),
        ("recognized", "/v1/metrics/daily?basis=recognized"),
    )


def test_a_place_in_the_path_is_filled_in(tmp_path):
    ltv = _operations(tmp_path)["lifetime_value"]
    assert (ltv.path, ltv.url) == ("/v1/ltv/{days}", "/v1/ltv/7")
    assert [url for _, url in ltv.parameters[0].tries] == ["/v1/ltv/7", "/v1/ltv/30", "/v1/ltv/90"]
    assert "/v1/ltv/7?grain=month" in {url for found in ltv.parameters for _, url in found.tries}


def test_the_columns_of_an_answer_are_shown_with_type_meaning_and_example(tmp_path):
    booked, recognized = _operations(tmp_path)["daily_metrics"].rows
    aov = next(column for column in booked.columns if column.name == "aov")
    assert (aov.kind, aov.example) == ("money, can be null", "106.0417")
    assert recognized.columns[0].kind == "date"
