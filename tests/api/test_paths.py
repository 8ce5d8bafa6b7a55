import pytest


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/orders/O1", 200),
        ("/v1/orders/%4F1", 200),  # another spelling of the same letter
        ("/v1/orders/O1%2CO2", 404),  # one id that holds a comma
        ("/v1/orders/O1,", 422),
        ("/v1/orders/%FF", 422),
        ("/v1/orders/O1%00", 422),
        ("/v1/orders/O1/", 404),
        ("/v1/orders/O1%2F", 404),
        ("/v1/orders/..%2F..", 404),
        ("/v1//orders/O1", 404),
        ("/v1/orders/" + ",".join(f"O{n}" for n in range(101)), 422),
        ("/v1/orders/" + "x" * 501, 422),
    ],
)
def test_an_id_is_what_stands_between_two_slashes(api, path, status):
    answer = api.get(path)
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["errors"][0] == {
            "parameter": "order_id",
            "in": "path",
            "detail": answer.json()["errors"][0]["detail"],
        }
