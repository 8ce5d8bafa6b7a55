"""Random requests made from the OpenAPI document, right and wrong: no 5xx, and every answer as the document says.

`SCHEMA_CASES` says how many, over all operations; `just api-cases 20000` runs many.
"""

import os

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

from api.app import create_app
from api.formats import OFFERED
from contracts.settings import Settings
from tests.api.shop import ODD

CASES = int(os.environ.get("SCHEMA_CASES", "2000"))
# What valid data can be told all the same: an id that is not there, dates the wrong way round, a release long gone.
ALLOWED = [200, 304, 403, 404, 406, 410, 422]
REFUSED = [401, 403, 404, 405, 406, 410, 413, 414, 422]
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ALLOWED},
            "negative_data_rejection": {"expected-statuses": REFUSED},
        }
    }
)
DOCUMENT = schemathesis.openapi.from_dict(create_app(Settings()).openapi(), config=CONFIG)
OPERATIONS = {operation.ok().label: operation.ok() for operation in DOCUMENT.get_all_operations()}
KNOWN = {
    "product_id": ["P1", "P1,P2", ODD],
    "customer_id": ["C1", "C2"],
    "order_id": ["O1", "O1,O2"],
    "table": ["fct_orders", "dim_customer", "quarantine"],
}
ACCEPTED = st.sampled_from([None, *OFFERED, "application/vnd.apache.parquet", "text/html, */*;q=0.1"])


@pytest.fixture(scope="module")
def quick(serve, small_shop):
    """The API without rates."""
    with serve(small_shop.model_copy(update={"api_address_rate": 0})) as client:
        yield client


def _said(found):
    return "; ".join(str(each) for each in getattr(found, "exceptions", [found]))


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_every_answer_is_what_the_document_says(quick, label):
    operation = OPERATIONS[label]
    made = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    wrong = []

    @settings(
        max_examples=max(1, CASES // len(OPERATIONS)),
        deadline=None,
        database=None,
        derandomize=CASES <= 2000,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=made, accept=ACCEPTED, known=st.data())
    def holds(case, accept, known):
        ids = sorted(set(case.path_parameters or {}) & KNOWN.keys())
        if ids and known.draw(st.booleans()):  # else it would be 404 each time
            case.path_parameters[ids[0]] = known.draw(st.sampled_from(KNOWN[ids[0]]))
        if accept is not None:
            case.headers = {**(case.headers or {}), "Accept": accept}
        try:
            response = quick.send(case)
        except httpx.InvalidURL:
            reject()  # too long for the client to send; test_attacks sends one that is too long for the service
        try:
            assert response.status_code < 500
            case.validate_response(response)
        except (AssertionError, FailureGroup) as found:
            wrong.append(f"{response.request.url} {response.status_code} {accept}: {_said(found)[:1500]}")

    holds()
    assert wrong == []
