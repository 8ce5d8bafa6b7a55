import pytest


@pytest.mark.parametrize("path", ["/v1/metrics/daily", "/healthz", "/docs", "/v1/nothing"])
def test_head_has_the_status_and_headers_of_get_without_a_body(client, path):
    head, get = client.head(path), client.get(path)
    del head.headers["x-request-id"], get.headers["x-request-id"]
    assert (head.status_code, head.headers, head.content) == (get.status_code, get.headers, b"")
