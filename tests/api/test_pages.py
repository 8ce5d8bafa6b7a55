import re

from contracts.settings import Settings


def _report(home, date):
    (home / "reports" / date).mkdir(parents=True)
    (home / "reports" / date / "index.html").write_text("a report")


def test_the_start_page_leads_to_the_newest_report_the_archive_and_the_manual(serve, home, tmp_path):
    for name in ("2024-02-06", "2024-02-07", "2024-02-07.1", "2024-13-x", "assets"):
        _report(tmp_path, name)
    (tmp_path / "reports" / "2024-02-09").mkdir()  # no page in it
    (tmp_path / "reports" / "index.html").write_text("the archive")
    with serve(Settings(home=tmp_path)) as client:
        text = client.get("/").text
        links = re.findall(r'href="(/[^"]*)"', text)
        assert links[:4] == ["/reports/2024-02-07/index.html", "/reports/index.html", "/docs", "/openapi.json"]
        assert [client.get(link).status_code for link in links[:4]] == [200] * 4


def test_the_start_page_says_which_release_is_in_force(client):
    assert "Figures up to 2024-02-07, release 2." in client.get("/").text
    assert "No report yet" in client.get("/").text


def test_the_start_page_works_without_a_database_and_says_so(serve, tmp_path):
    with serve(Settings(home=tmp_path)) as client:
        answer = client.get("/")
    assert (answer.status_code, "No database answers" in answer.text) == (200, True)


def test_every_link_to_try_on_the_manual_gives_an_answer(api):
    links = set(re.findall(r'href="(/[^"]*)"', api.get("/docs").text.replace("&amp;", "&")))
    assert "/v1/ltv/90" in links
    assert "/v1/metrics/daily?basis=recognized" in links
    answers = {link: api.get(link) for link in links}
    # An example's id is of another shop.
    wrong = {
        link: answer.text
        for link, answer in answers.items()
        if answer.status_code != 200 and "There is no" not in answer.text
    }
    assert wrong == {}


def test_the_pages_need_nothing_from_elsewhere(client):
    for path in ("/", "/docs"):
        answer = client.get(path)
        assert re.findall(r'(?:src|href)="(?!/|#|data:)[^"]*"', answer.text) == []
        assert not re.search(r"<script|@import|url\(", answer.text)
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_problem_that_does_not_exist_has_no_explanation(client):
    assert client.get("/problems/bad-weather").status_code == 404
