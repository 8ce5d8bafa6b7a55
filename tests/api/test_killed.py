"""Postgres is killed under load: problems at once, no hang, and figures again as soon as it is back."""

import os
import signal
import threading
import time

import httpx
import pytest

from contracts.settings import Settings
from serving import embedded
from tests.api.conftest import SHOP, eventually, execute, let_read, listening

PATHS = ("/v1/metrics/daily", "/v1/ltv/30", "/v1/inventory/alerts", "/v1/releases", "/readyz")


@pytest.fixture(scope="module")
def doomed(tmp_path_factory):
    """A home whose server may be killed."""
    settings = Settings(home=tmp_path_factory.mktemp("doomed"), api_address_rate=0)
    execute(embedded.start(settings), SHOP)
    let_read(settings)
    yield settings
    embedded.stop(settings)


def kill(settings):
    """The server and all its processes, as the kernel does when memory runs out."""
    os.kill(embedded.status(settings).pid, signal.SIGKILL)


def test_a_killed_database_is_a_problem_at_once_and_no_longer_than_it_lasts(doomed):
    answers = []
    ended = threading.Event()

    def ask(url, number):
        with httpx.Client(base_url=url, timeout=20) as client:
            while not ended.is_set():
                path = PATHS[number % len(PATHS)]
                begun = time.monotonic()
                # A query of its own each time, so that none is answered from what is kept.
                query = f"?limit={1 + len(answers) % 1000}" if path != "/readyz" else ""
                answer = client.get(path + query)
                answers.append((begun, time.monotonic() - begun, answer))
                number += 1

    with listening(doomed) as url:
        threads = [threading.Thread(target=ask, args=(url, number)) for number in range(8)]
        for thread in threads:
            thread.start()
        try:
            eventually(lambda: len(answers) > 50)
            killed = time.monotonic()
            kill(doomed)
            eventually(lambda: sum(answer.status_code == 503 for _, _, answer in list(answers)) > 100)
            embedded.start(doomed)
            back = time.monotonic()
            eventually(lambda: httpx.get(f"{url}/readyz").status_code == 200)
            recovered = time.monotonic() - back
            time.sleep(1)
        finally:
            ended.set()
            for thread in threads:
                thread.join()
    assert {answer.status_code for _, _, answer in answers} == {200, 503}
    for _, _, answer in answers:
        if answer.status_code == 503:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["type"] in {"/problems/database-unavailable", "/problems/nothing-published"}
            assert answer.headers["retry-after"] == "5"
    assert max(taken for _, taken, _ in answers) < 5
    refused = sorted(taken for begun, taken, answer in answers if answer.status_code == 503 and begun > killed)
    assert refused[len(refused) // 2] < 0.5
    assert recovered < 5
    assert {answer.status_code for begun, _, answer in answers if begun > back + 5} <= {200}
