import base64

import pytest

from api.cursors import Cursor, decode
from contracts.errors import UsageError

CURSOR = Cursor(7, "alerts", {"status": "all"}, ["2024-02-05", "é/1"])


def test_a_cursor_comes_back_as_it_went():
    assert decode(CURSOR.encode()) == CURSOR


def test_a_cursor_can_stand_in_a_url_as_it_is():
    assert CURSOR.encode().replace("-", "").replace("_", "").isalnum()


def test_a_changed_cursor_is_refused_wherever_it_was_changed():
    text = CURSOR.encode()
    for place, letter in enumerate(text[:-1]):
        with pytest.raises(UsageError, match="none of this API"):
            decode(text[:place] + ("A" if letter != "A" else "B") + text[place + 1 :])


@pytest.mark.parametrize("text", ["", "x", "é", "a b", base64.urlsafe_b64encode(b"[1,2]").decode(), "A" * 1000])
def test_what_was_never_a_cursor_is_refused(text):
    with pytest.raises(UsageError):
        decode(text)


def test_a_sealed_cursor_with_a_key_of_another_kind_is_422(client):
    for after in (["never"], [], [1, 2], [{"a": 1}]):
        forged = Cursor(2, "daily_metrics []", {}, after).encode()
        assert client.get(f"/v1/metrics/daily?next={forged}").status_code == 422
    assert client.get("/v1/releases?next=").status_code == 422
    huge = Cursor(2, "releases []", {}, [10**30]).encode()
    assert client.get(f"/v1/releases?next={huge}").status_code == 422
