"""Which keys of the served tables a release has other rows for than an older one."""

from collections.abc import Iterable

from serving.catalog import ServedTable
from serving.roles import AT_VIEWS
from serving.statements import Text


def changed_keys(tables: Iterable[ServedTable]) -> Text:
    """SQL of one row per table and key that differ between `:since_release` and `:of_release`.

    Columns: table_name, key (a JSON object), change (added, changed or removed).
    """
    return Text("\nunion all\n".join(_of_table(table) for table in tables))


def _of_table(table: ServedTable) -> str:
    key = [f'"{name}"' for name in table.key]
    rest = [f'"{column.name}"' for column in table.columns if column.name not in table.key]
    pairs = ", ".join(f'\'{name}\', coalesce(now."{name}", past."{name}")' for name in table.key)
    same_key = " and ".join(f"now.{name} = past.{name}" for name in key)
    now_row, past_row = (", ".join(f"{side}.{name}" for name in rest) for side in ("now", "past"))
    is_other = f"row({now_row}) is distinct from row({past_row})" if rest else "false"
    return (
        f"select '{table.name}' as table_name, jsonb_build_object({pairs})::text as key,"
        " case when past.from_release is null then 'added' when now.from_release is null then 'removed'"
        " else 'changed' end as change"
        f" from (select * from {AT_VIEWS}.{table.name} where from_release > :since_release"
        " and from_release <= :of_release and (to_release is null or to_release > :of_release)) as now"
        f" full join (select * from {AT_VIEWS}.{table.name} where from_release <= :since_release"
        " and to_release > :since_release and to_release <= :of_release) as past"
        f" on {same_key}"
        f" where now.from_release is null or past.from_release is null or {is_other}"
    )
