"""A repair under way: whose lock is held, and what each stage needs."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from contracts.settings import Settings
from serving.publish import Publisher


@dataclass(frozen=True)
class Work:
    """One repair. Its run record is open under `run_id`, and this process holds the writer's lock."""

    engine: sa.Engine
    settings: Settings
    publisher: Publisher
    run_id: str
    now: datetime
