"""Writes the versions installed now into pyproject.toml as exact constraints, without any index."""

import re
import subprocess
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def main() -> None:
    """Replace the list of `constraint-dependencies`."""
    frozen = subprocess.run(["uv", "pip", "freeze"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    pins = [line for line in frozen.splitlines() if re.fullmatch(r"[A-Za-z0-9_.-]+==[^ ]+", line)]
    listed = "".join(f'    "{pin}",\n' for pin in pins)
    text = re.sub(
        r"(constraint-dependencies = \[\n).*?(^\])",
        lambda found: found[1] + listed + found[2],
        PROJECT.read_text(encoding="utf-8"),
        flags=re.DOTALL | re.MULTILINE,
    )
    PROJECT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
