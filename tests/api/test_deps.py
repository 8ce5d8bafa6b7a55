from contracts.settings import Settings


def test_two_applications_in_one_process_keep_their_homes_apart(serve, home, tmp_path):
    (tmp_path / "reports/2024-01-01").mkdir(parents=True)
    (tmp_path / "reports/2024-01-01/index.html").write_text("a report")
    with serve(home) as with_figures, serve(Settings(home=tmp_path)) as without:
        assert with_figures.get("/readyz").status_code == 200
        assert without.get("/readyz").status_code == 503
        assert "/reports/2024-01-01/" in without.get("/").text
        assert "/reports/2024-01-01/" not in with_figures.get("/").text
