"""What a command that writes needs of the database: the books, and the publisher, told of each retry."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from contracts.settings import Settings
from pipelines import console

if TYPE_CHECKING:
    from serving.publish import Publisher
    from serving.run_records import Records


def _say(said: str) -> None:
    console.err.print(said, markup=False)


@contextmanager
def opened(settings: Settings, tell: Callable[[str], object] = _say) -> "Iterator[tuple[Records, Publisher]]":
    """Both on one engine, whose connections are closed in the end."""
    from serving import postgres
    from serving.publish import Publisher
    from serving.retry import Retries
    from serving.run_records import Records

    retries = Retries(tell)
    with postgres.opened(settings) as engine:
        yield Records(engine, settings, retries), Publisher(engine, settings, retries)
