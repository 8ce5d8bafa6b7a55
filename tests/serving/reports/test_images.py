"""Charts as files, drawn by a Chromium of this computer."""

import shutil
from pathlib import Path

import pytest

from serving.reports import chromium, images


def test_each_chart_of_a_page_becomes_a_png_and_an_svg_that_says_what_it_is_of(archive: Path, tmp_path: Path) -> None:
    if chromium.find() is None:
        pytest.skip("no chromium is installed (apt-get install chromium)")
    shutil.copytree(archive / "assets", tmp_path / "assets")
    (tmp_path / "2024-03-01").mkdir()
    for page in ("index", "memo"):
        shutil.copy(archive / "2024-03-01" / f"{page}.html", tmp_path / "2024-03-01")
    written = images.write_images(tmp_path / "2024-03-01")
    assert {path.name for path in written} >= {"net_over_time.png", "net_over_time.svg", "order_value.svg"}
    folder = tmp_path / "2024-03-01" / "images"
    assert {path.name for path in folder.iterdir()} == {path.name for path in written}
    assert (folder / "net_over_time.png").read_bytes().startswith(b"\x89PNG")
    drawn = (folder / "net_over_time.svg").read_text(encoding="utf-8")
    assert drawn.startswith("<svg")
    assert "How much do we sell, day by day?" in drawn
    assert "data up to 2024-03-01, release" in drawn
