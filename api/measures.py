"""What the service tells Prometheus of itself."""

import os
import time
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from serving.read import Reader

SEVERAL = "PROMETHEUS_MULTIPROC_DIR"  # where several workers add up what they count
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Measures:
    """The counters of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "tillhouse_requests", "Requests answered.", ("route", "method", "status"), registry=self._registry
        )
        self.kept = Counter(
            "tillhouse_answers_kept", "Requests answered from what is kept of the release.", registry=self._registry
        )
        self.seconds = Histogram(
            "tillhouse_request_seconds",
            "Time from a request to its answer.",
            ("route",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self.running = Gauge(
            "tillhouse_requests_running",
            "Requests being answered.",
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self._connections = Gauge(
            "tillhouse_pool_connections",
            "Connections to the database.",
            ("state",),
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self._release = Gauge(
            "tillhouse_publication_release",
            "The release in force, as last seen.",
            registry=self._registry,
            multiprocess_mode="max",
        )
        self._age = Gauge(
            "tillhouse_publication_age_seconds",
            "Seconds since it was published.",
            registry=self._registry,
            multiprocess_mode="mostrecent",
        )
        self._up = Gauge(
            "tillhouse_database_up",
            "Does the database answer, 1 or 0?",
            registry=self._registry,
            multiprocess_mode="mostrecent",
        )

        self._of_routes: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}  # found by labels, it takes longer

    def answered(self, route: str, method: str, status: int, begun: float, *, kept: bool) -> None:
        """Count an answer; `begun` is of time.perf_counter."""
        asked = route, method, status
        if asked not in self._of_routes:
            self._of_routes[asked] = self.requests.labels(route, method, str(status)), self.seconds.labels(route)
        count, seconds = self._of_routes[asked]
        count.inc()
        seconds.observe(time.perf_counter() - begun)
        if kept:
            self.kept.inc()

    def text(self, reader: Reader, *, is_up: bool) -> bytes:
        """All of it as Prometheus reads it."""
        idle = reader.pool.get_idle_size()
        self._connections.labels("idle").set(idle)
        self._connections.labels("busy").set(reader.pool.get_size() - idle)
        self._up.set(int(is_up))
        if reader.seen is not None:
            self._release.set(reader.seen.release_id)
            self._age.set(max(0.0, (datetime.now(UTC) - reader.seen.published_at).total_seconds()))
        if SEVERAL in os.environ:
            together = CollectorRegistry()
            MultiProcessCollector(together)  # type: ignore[no-untyped-call]
            return generate_latest(together)
        return generate_latest(self._registry)
