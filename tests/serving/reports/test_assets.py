"""The library that draws: a plain script with its licence, whatever it was wrapped in."""

import pytest
from plotly.offline import get_plotlyjs

from serving.reports import assets


def test_the_library_comes_out_of_its_wrapper_with_its_licence() -> None:
    written = assets._unwrapped(get_plotlyjs())
    assert written.startswith("/**\n* plotly.js")
    assert "MIT license" in written[:300]
    assert written.split("*/", 1)[1].startswith('\n"use strict";var Plotly=')
    assert "window.Plotly = Plotly;" in written[-200:]


@pytest.mark.parametrize("other", ["window.Plotly={}", "/** other */ (function(){})()", '"use strict";var Plotly=1;'])
def test_a_library_that_is_built_otherwise_stays_as_it_is(other: str) -> None:
    assert assets._unwrapped(other) == other
