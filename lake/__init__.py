"""The lake from a notebook: `import lake; con = lake.connect()`.

Everything here reads exactly the tables of a release, also while a run goes on.
"""

from typing import Any

__all__ = ["connect", "path", "scan", "tables", "version"]


def __getattr__(name: str) -> Any:
    # Lazy, so that importing a module of the lake does not pull in all of them.
    if name in __all__:
        from lake import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module 'lake' has no attribute {name!r}")
