"""Trying again what failed for a reason that passes by itself, a bounded number of times."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import stamina
import structlog

from serving.failures import ConnectionLost, chain, of_driver, words

T = TypeVar("T")
log = structlog.get_logger(__name__)

ATTEMPTS = 9
LONGEST_S = 120.0  # after which no new attempt begins
FIRST_WAIT_S = 0.1  # doubled each time, up to
LAST_WAIT_S = 5.0
JITTER_S = 0.5

# Deadlock, serialization, a lock not had in time; a server that stops, crashed or starts.
_STATES = {"40P01", "40001", "55P03", "57P01", "57P02", "57P03"}
_LOST = "08"
# A connection that was refused or broke has no SQLSTATE; a wrong password or database has none either.
_WORDS = re.compile(
    r"connection refused|on socket \S.* failed: no such file or directory|starting up|shutting down|recovery mode"
    r"|timeout expired|server closed the connection|terminating connection|connection (already|has been|is|was) closed"
    r"|connection reset|connection timed out|connection not open|broken pipe|lost synchronization"
    r"|could not (receive|send) data|no connection to the server|closed unexpectedly|unexpected eof",
    re.IGNORECASE,
)


def is_transient(error: BaseException) -> bool:
    """Does the same again stand a chance: no connection, a lock not had in time, a deadlock."""
    if any(isinstance(each, ConnectionLost) or getattr(each, "connection_invalidated", False) for each in chain(error)):
        return True
    found = of_driver(error)
    if found is None:
        return False
    if found.pgcode:
        return found.pgcode in _STATES or found.pgcode.startswith(_LOST)
    return bool(_WORDS.search(str(found)))


@dataclass
class Retries:
    """The retries of one command: each is logged, told to whoever watches, and kept for the run's record."""

    tell: Callable[[str], object] = lambda _: None
    told: list[str] = field(default_factory=list)

    def call(self, what: str, work: Callable[[], T]) -> T:
        """What `work` returns, called again while it fails for a transient reason; then its last error.

        The work must be one that may be done twice, or look first what its last attempt did.
        """
        attempts, reason = 0, ""

        def again(error: Exception) -> bool:
            nonlocal reason
            reason = words(error)
            return is_transient(error)

        def attempt() -> T:
            nonlocal attempts
            attempts += 1
            if attempts > 1:
                self._note(what, attempts, reason)
            return work()

        trying = stamina.retry(
            on=again,
            attempts=ATTEMPTS,
            timeout=LONGEST_S,
            wait_initial=FIRST_WAIT_S,
            wait_max=LAST_WAIT_S,
            wait_jitter=JITTER_S,
        )
        return trying(attempt)()

    def _note(self, what: str, number: int, reason: str) -> None:
        log.info("trying again", what=what, attempt=number, reason=reason)
        self.told.append(f"{what}, attempt {number}: {reason}")
        self.tell(f"trying again: {self.told[-1]}")
