import os
import statistics
import time
from datetime import UTC, datetime, timedelta

import pytest

from contracts.errors import InfrastructureError, NotFound, UsageError
from serving import api_keys
from serving.api_keys import KeyRing

NOW = datetime(2024, 2, 8, tzinfo=UTC)
LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home" / "api-keys.json"


def make(path, scopes=("metrics",), expires_at=None):
    return api_keys.create(path, "the till", scopes, expires_at, NOW)


def test_a_key_is_kept_as_a_hash_in_a_file_its_owner_alone_reads(path):
    key, text = make(path)
    assert path.stat().st_mode & 0o777 == 0o600
    secret = text.split("_", 2)[2]
    assert secret not in path.read_text()
    assert len(secret) == 43  # 256 bits
    assert KeyRing(path).find(text) == key


@pytest.mark.parametrize(
    "change", ["", "x", "till", "till_", "till__", "till_{id}_", "till_{id}_{secret}x", "tall_{id}_{secret}"]
)
def test_what_is_not_the_whole_key_is_none(path, change):
    _, text = make(path)
    _, number, secret = text.split("_", 2)
    assert KeyRing(path).find(change.format(id=number, secret=secret)) is None


def test_nobody_is_no_key(path):
    make(path)
    assert KeyRing(path).find("till__nobody") is None


def test_an_expired_key_is_none(path):
    key, text = api_keys.create(path, "x", ["metrics"], NOW + timedelta(days=1), NOW)
    assert key.is_expired(NOW + timedelta(days=1))
    assert not key.is_expired(NOW)
    assert KeyRing(path).find(text) is None  # by today
    _, lasting = api_keys.create(path, "x", ["metrics"], LATER, NOW)
    assert KeyRing(path).find(lasting) is not None


def test_a_revoked_key_is_refused_within_a_second_and_keys_stay_needed(path):
    key, text = make(path)
    ring = KeyRing(path)
    assert ring.find(text) is not None
    api_keys.revoke(path, key.id)
    time.sleep(api_keys.LOOKED_AGAIN_SECONDS)
    assert ring.find(text) is None
    assert ring.is_needed()
    with pytest.raises(NotFound):
        api_keys.revoke(path, key.id)


def test_a_file_that_is_gone_lets_nobody_in_until_the_service_begins_anew(path):
    _, text = make(path)
    ring = KeyRing(path)
    assert ring.is_needed()
    path.unlink()
    time.sleep(api_keys.LOOKED_AGAIN_SECONDS)
    assert (ring.is_needed(), ring.find(text)) == (True, None)
    assert not KeyRing(path).is_needed()


@pytest.mark.parametrize("damage", ["readable by others", "no JSON", "another shape"])
def test_a_file_that_cannot_be_trusted_lets_nobody_in(path, damage):
    _, text = make(path)
    if damage == "readable by others":
        path.chmod(0o644)
    else:
        path.write_text("{" if damage == "no JSON" else '{"keys": [{"id": "a"}]}')
    with pytest.raises(InfrastructureError) as refused:
        KeyRing(path).find(text)
    assert text not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "scopes", "expires"),
    [
        ("", ["metrics"], None),
        ("a\nb", ["metrics"], None),
        ("x", ["all"], None),
        ("x", [], None),
        ("x", ["metrics"], NOW),
    ],
)
def test_what_makes_no_key_is_refused(path, name, scopes, expires):
    with pytest.raises(UsageError):
        api_keys.create(path, name, scopes, expires, NOW)
    assert not path.exists()


def test_keys_made_at_once_are_all_kept(path):
    made = []
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            make(path)
            os._exit(0)
        children.append(child)
    made = [os.waitpid(child, 0)[1] for child in children]
    assert made == [0] * 4
    assert len(api_keys.read(path)) == 4


def test_an_unknown_and_a_wrong_key_take_the_same_time(path):
    _, text = make(path)
    _, number, secret = text.split("_", 2)
    ring = KeyRing(path)
    kinds = {
        "unknown": f"till_0123456789_{secret}",
        "wrong": f"till_{number}_{'A' * 43}",
        "nearly right": f"till_{number}_{secret[:-1]}{'A' if secret[-1] != 'A' else 'B'}",
    }
    taken = {kind: [] for kind in kinds}
    for _ in range(3000):  # turn by turn, so that what else the machine does falls on all alike
        for kind, guess in kinds.items():
            begun = time.perf_counter_ns()
            ring.find(guess)
            taken[kind].append(time.perf_counter_ns() - begun)
    medians = [statistics.median(times) for times in taken.values()]
    assert max(medians) - min(medians) < 0.15 * min(medians)
