"""Query files: one SELECT each, which can stand on others of its folder.

`{query: name}` in one is the SELECT of another in parentheses, `{part: name}` the text of `name.part`, such as
columns that several have. Their comments stay with them.
"""

import re
from pathlib import Path
from textwrap import indent

_OTHER = re.compile(r"^( *)(.*?)\{(query|part): (\w+)\}", re.MULTILINE)


def read(folder: Path, name: str) -> str:
    """The text of `<name>.sql` with all that it stands on."""
    return _whole(folder, (folder / f"{name}.sql").read_text(encoding="utf-8"))


def _whole(folder: Path, text: str) -> str:
    def other(found: re.Match[str]) -> str:
        space, before, kind, name = found.groups()
        if kind == "part":
            part = (folder / f"{name}.part").read_text(encoding="utf-8").strip()
            return space + before + indent(part, space).lstrip()
        sql = re.sub(r"(?m)^[ \t]*--.*\n", "", read(folder, name)).strip()
        return f"{space}{before}(\n{indent(sql, space + '    ')}\n{space})"

    return _OTHER.sub(other, text)
