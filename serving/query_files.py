"""Query files: one SELECT each, which can stand on others of its folder.

`{query: name}` in one is the SELECT of another in parentheses, `{part: name}` the text of `name.part`, such as
columns that several have. Their comments stay with them.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import indent
from types import MappingProxyType

_OTHER = re.compile(r"^( *)(.*?)\{(query|part): (\w+)\}", re.MULTILINE)
_NONE: Mapping[str, str] = MappingProxyType({})


def read(folder: Path, name: str, tables: Mapping[str, str] = _NONE) -> str:
    """The text of `<name>.sql` with all that it stands on; of the queries in `tables` the name of their table."""

    def other(found: re.Match[str]) -> str:
        space, before, kind, name = found.groups()
        if kind == "part":
            part = (folder / f"{name}.part").read_text(encoding="utf-8").strip()
            return space + before + indent(part, space).lstrip()
        if name in tables:
            return space + before + tables[name]
        sql = re.sub(r"(?m)^[ \t]*--.*\n", "", read(folder, name, tables)).strip()
        return f"{space}{before}(\n{indent(sql, space + '    ')}\n{space})"

    return _OTHER.sub(other, (folder / f"{name}.sql").read_text(encoding="utf-8"))
