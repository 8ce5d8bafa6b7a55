"""Pages printed by a Chromium of this computer."""

import shutil

import pytest

from contracts.errors import InfrastructureError
from serving.reports import chromium, pdf


def test_a_page_is_printed_beside_itself(archive, tmp_path):
    if chromium.find() is None:
        pytest.skip("no chromium is installed (apt-get install chromium)")
    shutil.copytree(archive / "assets", tmp_path / "assets")
    (tmp_path / "2024-03-01").mkdir()
    shutil.copy(archive / "2024-03-01" / "quality.html", tmp_path / "2024-03-01")
    (printed,) = pdf.write_pdfs(tmp_path / "2024-03-01")
    assert printed.name == "quality.pdf"
    assert printed.read_bytes().startswith(b"%PDF")


def test_without_a_browser_it_says_what_to_install(archive, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InfrastructureError, match="No Chromium is installed"):
        pdf.write_pdfs(archive / "2024-03-01")
