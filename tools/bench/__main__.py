"""`python -m tools.bench silver`: one comparison by name."""

import importlib
import sys


def main() -> None:
    """Run the named comparison."""
    importlib.import_module(f"tools.bench.{sys.argv[1]}").main()


if __name__ == "__main__":
    main()
