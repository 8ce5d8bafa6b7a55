"""Which columns a SELECT makes its own columns of, read from the SQL: every CTE, join and filter on the way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from contracts.errors import QueryError

ROWS = "*"  # stands for the rows of a table, which `count(*)` counts
PARAMETER = "parameter"  # the table, so to say, of $as_of and the settings

_RANKS = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile)

Schema = Mapping[str, Mapping[str, Mapping[str, str]]]  # layer, table, column to type


@dataclass(frozen=True, order=True)
class Node:
    """A column of a table (`gold.fct_orders`, `orders.csv`), or with ROWS for a column the table's rows."""

    table: str
    column: str


@dataclass(frozen=True)
class Inputs:
    """What a column is made of.

    `value` gives its value; `decides` only decides which rows, groups or case count towards it.
    """

    value: frozenset[Node] = frozenset()
    decides: frozenset[Node] = frozenset()

    @property
    def all(self) -> frozenset[Node]:
        """Both kinds."""
        return self.value | self.decides

    def __or__(self, other: "Inputs") -> "Inputs":
        return Inputs(self.value | other.value, self.decides | other.decides)

    def as_deciding(self) -> "Inputs":
        """The same inputs where they are used in a join, a filter or a group."""
        return Inputs(decides=self.all)


NOTHING = Inputs()


def columns(sql: str, schema: Schema, dialect: str = "duckdb") -> dict[str, Inputs]:
    """What each output column of a SELECT is made of, by name; under ROWS the tables its rows come from.

    Tables of a schema that `schema` does not know are inputs like any other. Raises QueryError where
    the SQL is not one SELECT that can be read.
    """
    try:
        statement = sqlglot.parse_one(sql, dialect=dialect)
        try:
            qualified = _qualified(statement.copy(), {**schema, **_borrowed(statement, schema)}, dialect)
        except OptimizeError:  # a table of an unknown schema has columns that its namesake has not
            qualified = _qualified(statement, {**schema}, dialect)
    except SqlglotError as error:
        raise QueryError(f"The SQL cannot be read: {error}. Mend the SELECT.") from None
    scope = build_scope(qualified)
    if scope is None:
        raise QueryError("The SQL is no SELECT, so no column comes from it.")
    trace = _Trace()
    found = {name: Inputs(each.value, each.decides - each.value) for name, each in trace.outputs(scope).items()}
    return found | {ROWS: Inputs(trace.rows_of(scope))}


def _qualified(statement: exp.Expr, schema: dict[str, object], dialect: str) -> exp.Expr:
    """Every column with its table, every star spelt out as far as the schema goes."""
    return qualify(statement, dialect=dialect, schema=schema, validate_qualify_columns=False, quote_identifiers=False)


def _borrowed(statement: exp.Expr, schema: Schema) -> dict[str, dict[str, Mapping[str, str]]]:
    """Columns for tables of unknown schemas: those of the table of that name that is known."""
    borrowed: dict[str, dict[str, Mapping[str, str]]] = {}
    for table in statement.find_all(exp.Table):
        known = [tables[table.name] for tables in schema.values() if table.name in tables]
        if table.db and table.db not in schema and known:
            borrowed.setdefault(table.db, {})[table.name] = known[-1]
    return borrowed


class _Trace:
    """Follows columns through the scopes of one statement; a scope is looked at once."""

    def __init__(self) -> None:
        self._outputs: dict[int, list[tuple[str, Inputs]]] = {}
        self._deciding: dict[int, Inputs] = {}

    def outputs(self, scope: Scope) -> dict[str, Inputs]:
        """The columns of a query by name."""
        return dict(self._in_order(scope))

    def _in_order(self, scope: Scope) -> list[tuple[str, Inputs]]:
        if id(scope) not in self._outputs:
            self._outputs[id(scope)] = []  # a recursive CTE finds itself empty
            self._outputs[id(scope)] = self._of_set(scope) if scope.set_operation_scopes else self._of_select(scope)
        return self._outputs[id(scope)]

    def rows_of(self, scope: Scope, seen: frozenset[int] = frozenset()) -> frozenset[Node]:
        """The tables whose rows the query's rows are, or are gathered from."""
        if id(scope) in seen:
            return frozenset()
        seen |= {id(scope)}
        if scope.set_operation_scopes:
            return frozenset().union(*(self.rows_of(part, seen) for part in scope.set_operation_scopes))
        first = scope.expression.args.get("from_")
        source = scope.sources.get(first.alias_or_name) if first else None
        if isinstance(source, Scope):
            return self.rows_of(source, seen)
        return frozenset({Node(_name(source), ROWS)} if isinstance(source, exp.Table) and source.db else ())

    def _of_set(self, scope: Scope) -> list[tuple[str, Inputs]]:
        sides = scope.set_operation_scopes
        left, right = (self._in_order(side) for side in sides)
        if isinstance(scope.expression, exp.Union):
            merges = bool(scope.expression.args.get("distinct"))
        else:  # of except and intersect the right side gives no value
            merges = True
            right = [(name, inputs.as_deciding()) for name, inputs in right]
        found = [(name, inputs | other) for (name, inputs), (_, other) in zip(left, right, strict=False)]
        merging = _union(inputs for _, inputs in found).as_deciding() if merges else NOTHING
        self._deciding[id(scope)] = merging | _union(self._deciding.get(id(side), NOTHING) for side in sides)
        return [(name, inputs | merging) for name, inputs in found]

    def _of_select(self, scope: Scope) -> list[tuple[str, Inputs]]:
        select = scope.expression
        if not isinstance(select, exp.Select):  # values, unnest
            made = self._resolve(scope, _Parts.of(select, scope))
            return [(name, made) for name in scope.outer_columns or [ROWS]]
        rows = self._deciding_rows(scope, select)
        self._deciding[id(scope)] = rows
        return [
            (projection.alias_or_name, self._resolve(scope, _Parts.of(projection, scope)) | rows)
            for projection in select.selects
        ]

    def _deciding_rows(self, scope: Scope, select: exp.Select) -> Inputs:
        """What decides which rows the query has: filters, groups, joins, and the rows of what it reads."""
        clauses = [select.args.get(name) for name in ("where", "group", "having", "qualify")]
        if select.args.get("distinct"):
            clauses += select.selects
        if select.args.get("limit"):
            clauses.append(select.args.get("order"))
        read = [select.args["from_"].this] if select.args.get("from_") else []
        for join in select.args.get("joins") or []:
            if join.side != "LEFT":
                clauses.append(join.args.get("on"))
                read.append(join.this)
        parts = [_Parts.of(clause, scope) for clause in clauses if clause is not None]
        found = _union(self._resolve(scope, part) for part in parts).as_deciding()
        for table in read:
            source = scope.sources.get(table.alias_or_name)
            if isinstance(source, Scope):
                self.outputs(source)
                found |= self._deciding.get(id(source), NOTHING)
        return found

    def _resolve(self, scope: Scope, parts: "_Parts") -> Inputs:
        """The inputs behind the parts of an expression; a left join decides what is drawn from its table."""
        found = Inputs(value=frozenset(parts.parameters))
        for column in parts.value:
            found |= self._column(scope, column)
        for column in parts.decides:
            found |= self._column(scope, column).as_deciding()
        for query, deciding in parts.queries:
            inner = self._query(scope, query)
            found |= inner.as_deciding() if deciding else inner
        if parts.counts_rows:
            found |= Inputs(value=self.rows_of(scope))
        for on in _left_joins(scope, parts.value + parts.decides):
            for column in on.find_all(exp.Column):
                found |= self._column(scope, column).as_deciding()
        return found

    def _query(self, scope: Scope, query: exp.Expr) -> Inputs:
        inside = [*scope.subquery_scopes, *(each for each in scope.sources.values() if isinstance(each, Scope))]
        inner = next((each for each in inside if each.expression is query), None)
        if inner is None:
            return NOTHING
        made = _union(self.outputs(inner).values())
        return made | self._deciding.get(id(inner), NOTHING) | Inputs(decides=self.rows_of(inner))

    def _column(self, scope: Scope, column: exp.Column) -> Inputs:
        at: Scope | None = scope
        while at is not None:  # a correlated subquery reads the query around it
            if column.table in at.sources:
                return self._from_source(at.sources[column.table], column.name)
            if not column.table and isinstance(at.sources.get(column.name), Scope):  # unnest(...) as column
                return self._from_source(at.sources[column.name], ROWS)
            if not column.table:
                sources = [source for source in at.sources.values() if isinstance(source, exp.Table)]
                return _union(self._from_source(source, column.name) for source in sources)
            at = at.parent
        return NOTHING

    def _from_source(self, source: "Scope | exp.Expr", column: str) -> Inputs:
        if isinstance(source, Scope):
            outputs = self.outputs(source)
            if column in outputs or ROWS not in outputs:
                return outputs.get(column, NOTHING)
            # A star over a table nobody declared: the column must be one of its.
            tables = frozenset(Node(node.table, column) for node in self.rows_of(source))
            return Inputs(tables, outputs[ROWS].decides) if tables else outputs[ROWS]
        return Inputs(frozenset({Node(_name(source), column)} if isinstance(source, exp.Table) and source.db else ()))


class _Parts:
    """The columns, parameters and subqueries of one expression, by what they are there for."""

    def __init__(self, scope: Scope) -> None:
        self._windows = {window.name: window for window in scope.expression.args.get("windows") or []}
        self.value: list[exp.Column] = []
        self.decides: list[exp.Column] = []
        self.parameters: list[Node] = []
        self.queries: list[tuple[exp.Expr, bool]] = []
        self.counts_rows = False

    @classmethod
    def of(cls, expression: exp.Expr, scope: Scope) -> "_Parts":
        """The parts of an expression of a scope."""
        parts = cls(scope)
        parts._add(expression, deciding=False)
        return parts

    def _add(self, node: object, deciding: bool) -> None:
        if isinstance(node, list):
            for each in node:
                self._add(each, deciding)
        elif isinstance(node, exp.Column):
            (self.decides if deciding else self.value).append(node)
        elif isinstance(node, exp.Parameter | exp.Placeholder):
            self.parameters.append(Node(PARAMETER, node.name))
        elif isinstance(node, exp.Query):
            self.queries.append((node.unnest(), deciding))
        elif isinstance(node, exp.Case | exp.If):
            self._add_case(node, deciding)
        elif isinstance(node, exp.Window):
            self._add_window(node, deciding)
        elif isinstance(node, exp.Filter | exp.ArgMax | exp.ArgMin):
            self._add(node.this, deciding)
            self._add(node.expression, deciding=True)
        elif isinstance(node, exp.Order):  # inside an aggregate
            self._add(node.this, deciding)
            self._add(node.expressions, deciding=True)
        elif isinstance(node, exp.Count) and isinstance(node.this, exp.Star):
            self.counts_rows = True
        elif isinstance(node, exp.Expr):
            for child in node.args.values():
                self._add(child, deciding)

    def _add_case(self, node: exp.Case | exp.If, deciding: bool) -> None:
        """A condition decides between values; between constants it is what makes the value."""
        ifs = node.args["ifs"] if isinstance(node, exp.Case) else [node]
        results = [each.args.get("true") for each in ifs]
        results.append(node.args.get("default") or node.args.get("false"))
        conditions = [each.this for each in ifs]
        if isinstance(node, exp.Case) and node.this:
            conditions.append(node.this)
        variable = any(each.find(exp.Column, exp.Query, exp.Parameter) for each in results if each is not None)
        self._add(results, deciding)
        self._add(conditions, deciding or variable)

    def _add_window(self, node: exp.Window, deciding: bool) -> None:
        """A window decides which rows count; a rank is made of what it ranks by."""
        self._add(node.this, deciding)
        ranks = isinstance(node.this, _RANKS)
        for each in (node, self._windows.get(node.alias)):
            if each is not None:
                order = each.args.get("order")
                self._add(each.args.get("partition_by"), deciding=True)
                self._add(order.expressions if order else None, deciding or not ranks)


def _left_joins(scope: Scope, columns: Iterable[exp.Column]) -> list[exp.Expr]:
    """The conditions of the left joins that bring in the tables these columns are of, and what those need."""
    joins = {
        join.alias_or_name: join.args["on"]
        for join in scope.expression.args.get("joins") or []
        if join.side == "LEFT" and join.args.get("on")
    }
    found: dict[str, exp.Expr] = {}
    wanted = [column.table for column in columns]
    while wanted:
        table = wanted.pop()
        if table in joins and table not in found:
            found[table] = joins[table]
            wanted += [column.table for column in joins[table].find_all(exp.Column)]
    return list(found.values())


def _name(table: exp.Expr) -> str:
    return f"{table.args['db'].name}.{table.name}"


def _union(inputs: Iterable[Inputs]) -> Inputs:
    return reduce(Inputs.__or__, inputs, NOTHING)
