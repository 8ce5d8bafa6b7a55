"""How the process treats memory it has freed."""

import os


def keep_freed() -> None:
    """Let polars keep freed memory for ten seconds instead of asking the system for it anew.

    Must come before polars is imported, which reads the setting once. Loading a day of 1.2 million lines
    takes a sixth less time by it, and a quarter more memory at its peak.
    """
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:10000,muzzy_decay_ms:10000")
