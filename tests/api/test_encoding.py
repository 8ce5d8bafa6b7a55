import httpx
import pyarrow as pa
import pytest

from api.encoding import negotiated

DAILY = "/v1/metrics/daily?start=2023-12-25&end=2024-02-07"


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br", "gzip"),
        ("gzip, zstd", "zstd"),
        ("gzip;q=0, zstd;q=0", None),
        ("zstd; q=0, gzip; q=0.5", "gzip"),
        ("br", None),
    ],
)
def test_the_client_gets_a_coding_it_takes(accept, coding):
    assert negotiated(accept) == coding


def test_a_long_answer_is_compressed_and_holds_the_same(client):
    plain = client.get(DAILY, Accept_Encoding="identity")
    zipped = client.get(DAILY, Accept_Encoding="gzip")
    assert zipped.headers["content-encoding"] == "gzip"
    assert int(zipped.headers["content-length"]) < len(plain.content) / 3
    assert zipped.json() == plain.json()
    assert "accept-encoding" in zipped.headers["vary"].lower()
    assert len({answer.headers["etag"] for answer in (plain, zipped)}) == 2


def test_zstd_holds_the_same_too(client):
    # The raw bytes: the test's client need not know zstd.
    async def raw(app):
        transport = httpx.ASGITransport(app)
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://shop") as asking,
            asking.stream("GET", DAILY, headers={"Accept-Encoding": "zstd"}) as answer,
        ):
            return answer.headers, b"".join([part async for part in answer.aiter_raw()])

    headers, body = client.run(raw)
    plain = client.get(DAILY, Accept_Encoding="identity").content
    assert headers["content-encoding"] == "zstd"
    assert pa.Codec("zstd").decompress(body, decompressed_size=len(plain), asbytes=True) == plain


def test_a_short_answer_is_given_as_it_is(client):
    answer = client.get("/v1/metrics/daily?start=2024-02-01&end=2024-02-01&fields=date", Accept_Encoding="gzip")
    assert "content-encoding" not in answer.headers


def test_pages_are_compressed_too(client):
    answer = client.get("/docs", Accept_Encoding="gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert "<h1>tillhouse API</h1>" in answer.text
