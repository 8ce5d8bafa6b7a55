"""The lineage of the project's own models."""

import pytest

from pipelines.lineage import whole
from pipelines.lineage.model import Lineage


@pytest.fixture(scope="session")
def lineage() -> Lineage:
    return whole.lineage()
