"""Keys of the API: made and revoked in a file that its owner alone reads, which holds no key, only hashes.

A key is `till_<id>_<secret>`, its secret 256 random bits: no guess comes near, so one SHA-256 is hash
enough, and a request need not pay for a slow one.
"""

import fcntl
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.errors import InfrastructureError, NotFound, UsageError
from serving.cluster import write_private

SCOPES = ("metrics", "customers")
LOOKED_AGAIN_SECONDS = 1.0  # a key that is revoked is refused from then on
_NOBODY = hashlib.sha256(b"nobody").hexdigest()


class Key(BaseModel):
    """What is known of a key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    name: str = Field(max_length=200)
    sha256: str = Field(pattern="^[0-9a-f]{64}$", repr=False)
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None = None

    def is_expired(self, now: datetime) -> bool:
        """Is its time over?"""
        return self.expires_at is not None and now >= self.expires_at


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid")

    keys: list[Key] = []


def create(path: Path, name: str, scopes: Sequence[str], expires_at: datetime | None, now: datetime) -> tuple[Key, str]:
    """A new key and its text, which is known here alone.

    Raises UsageError for an unknown scope, a name without a letter or an end in the past.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise UsageError(f"{', '.join(unknown) or 'None'} is no scope. The scopes are {', '.join(SCOPES)}.", "scope")
    if not name.strip() or len(name) > 200 or not name.isprintable():
        raise UsageError("Give the key a name of up to 200 printable letters: who uses it, and for what.", "name")
    if expires_at is not None and expires_at <= now:
        raise UsageError(f"{expires_at:%Y-%m-%d} is over. Name a later date.", "expires")
    secret = secrets.token_urlsafe(32)
    number = secrets.token_hex(5)
    key = Key(
        id=number,
        name=name.strip(),
        sha256=_hash(secret),
        scopes=frozenset(scopes),
        created_at=now,
        expires_at=expires_at,
    )
    with _writing(path):
        _write(path, [*read(path), key])
    return key, f"till_{number}_{secret}"


def revoke(path: Path, number: str) -> Key:
    """Takes a key away; returns what it was. Raises NotFound."""
    with _writing(path):
        keys = read(path)
        found = [key for key in keys if key.id == number]
        if not found:
            raise NotFound(f"There is no key {number!r}. `tillhouse api-key list` shows those there are.")
        _write(path, [key for key in keys if key.id != number])
    return found[0]


def read(path: Path) -> list[Key]:
    """The keys of a file, none where it is missing.

    Raises InfrastructureError where it is no file of keys, or others than its owner may read it.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            if mode & 0o077:
                raise InfrastructureError(f"{path} can be read by others (mode {mode:o}). Run `chmod 600` on it.")
            return _Kept.model_validate_json(file.read()).keys
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InfrastructureError(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError:
        raise InfrastructureError(
            f"{path} is no file of API keys. Restore it, or remove it and make the keys again."
        ) from None


class KeyRing:
    """The keys of a file as a service sees them; it notices within a second that the file has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: dict[str, Key] = {}
        self._needed = False
        self._stamp: tuple[int, int, int] | None = None
        self._looked = float("-inf")
        self._nobody = Key(
            id="", name="", sha256=_NOBODY, scopes=frozenset(), created_at=datetime.min.replace(tzinfo=UTC)
        )

    def is_needed(self) -> bool:
        """Must a caller have a key: is there a file of keys, or was there one since the service began?

        Raises InfrastructureError where the file cannot be used; nobody is let in then.
        """
        self._look()
        return self._needed

    def find(self, text: str) -> Key | None:
        """The key of the text, None where it is unknown, wrong or expired: which of them takes no other time."""
        self._look()
        _, _, rest = text.partition("_")
        number, _, secret = rest.partition("_")
        key = self._keys.get(number, self._nobody)
        # Also of nobody's, so that a wrong secret cannot be told from an unknown id.
        is_right = hmac.compare_digest(_hash(secret), key.sha256)
        is_valid = not key.is_expired(datetime.now(UTC))
        return key if is_right and is_valid and key is not self._nobody and text.startswith("till_") else None

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked < LOOKED_AGAIN_SECONDS:
            return
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_ino, found.st_mode)
        except FileNotFoundError:
            stamp = None
        except OSError as error:
            raise InfrastructureError(f"{self._path} cannot be read: {error.strerror}.") from error
        if stamp != self._stamp:
            self._keys = {key.id: key for key in read(self._path)}
            self._needed = self._needed or stamp is not None
            self._stamp = stamp
        self._looked = now


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _write(path: Path, keys: list[Key]) -> None:
    write_private(path, _Kept(keys=keys).model_dump_json(indent=2))


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """One writer at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
