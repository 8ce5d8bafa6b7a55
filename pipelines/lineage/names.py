"""Names of tables and columns as people write them, and as they are shown."""

import difflib
from collections.abc import Iterable, Iterator

from contracts.errors import NotFound
from contracts.settings import Settings
from pipelines.lineage.model import Lineage, Place
from pipelines.lineage.trace import PARAMETER, ROWS, Node

# Where a bare name is looked for, the first that has it.
PREFIXES = ("gold.", "silver.", "quality.", "bronze.", "api.", "report.", "check.")
SUGGESTED = 5


def find(lineage: Lineage, text: str) -> Node:
    """The column named `gold.fct_orders.status`, `fct_orders.status` or `orders.csv: status`; of a table its rows.

    Raises NotFound with the nearest names.
    """
    wanted = text.strip().replace(": ", ".").replace(":", ".").casefold()
    table, _, column = wanted.rpartition(".")
    named = {name.casefold(): name for name in lineage.places}
    for candidate in _candidates(wanted):
        if candidate in named:
            return Node(named[candidate], ROWS)
    for candidate in _candidates(table):
        if candidate in named:
            for each in lineage.places[named[candidate]].columns:
                if each.casefold() == column:
                    return Node(named[candidate], each)
    nearest = _nearest(lineage, wanted)
    advice = f"The nearest names are {', '.join(nearest)}. " if nearest else ""
    raise NotFound(f"There is no table or column {text.strip()!r}. {advice}`tillhouse lineage` lists every table.")


def _candidates(name: str) -> Iterator[str]:
    yield name
    yield from (prefix + name for prefix in PREFIXES)
    yield f"{name}.csv"
    if name.startswith("serving."):
        yield "gold." + name.removeprefix("serving.")


def _nearest(lineage: Lineage, wanted: str) -> list[str]:
    """The same column elsewhere, gold first, then in the tables spelt most alike; and names spelt alike."""
    table, _, column = wanted.rpartition(".")
    shown: dict[str, str] = {}
    same = []
    for place in sorted(lineage.places.values(), key=_rank, reverse=True):
        bare = place.name if place.layer == "landing" else place.name.partition(".")[2]
        shown |= {place.name: place.name, bare: place.name}
        for each in place.columns:
            node = Node(place.name, each)
            if table:
                shown |= {f"{bare}.{each}": name(node), f"{place.name}.{each}": name(node)}
            if each == column:
                alike = difflib.SequenceMatcher(None, table, bare).ratio() if table else 0.0
                same.append((_rank(place), -alike, name(node)))
    close = [shown[match] for match in difflib.get_close_matches(wanted, shown, SUGGESTED, 0.6)]
    return list(dict.fromkeys([*(found for *_, found in sorted(same)[:3]), *close]))[:SUGGESTED]


def _rank(place: Place) -> int:
    return next((rank for rank, prefix in enumerate(PREFIXES) if place.name.startswith(prefix)), len(PREFIXES))


def name(node: Node) -> str:
    """A node in words: `gold.fct_orders.status`, `orders.csv: status`, `rows of gold.fct_orders`."""
    if node.column == ROWS:
        return node.table if node.table == PARAMETER else f"rows of {node.table}"
    if node.table == PARAMETER:
        return f"{_kind(node.column)} {node.column}"
    return f"{node.table}: {node.column}" if node.table.endswith(".csv") else f"{node.table}.{node.column}"


def grouped(nodes: Iterable[Node]) -> str:
    """Nodes table by table: `orders.csv: created_at, status; setting refund_window_days`."""
    tables: dict[str, list[str]] = {}
    said = []
    for node in sorted(nodes):
        if node.table == PARAMETER or node.column == ROWS:
            said.append(name(node))
        else:
            tables.setdefault(node.table, []).append(node.column)
    return "; ".join([*(f"{table}: {', '.join(columns)}" for table, columns in tables.items()), *said])


def _kind(parameter: str) -> str:
    return "setting" if parameter in Settings.model_fields else "parameter"
