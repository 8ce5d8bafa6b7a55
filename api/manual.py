"""The OpenAPI document as a manual reads it: operations by tag, with parameters, columns and links to try."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

Schema = dict[str, Any]
PAGING = ("limit", "next")  # every list has them: they come last
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Parameter:
    """A parameter and values to try it with."""

    name: str
    where: str
    required: bool
    kind: str
    default: str
    description: str
    tries: tuple[tuple[str, str], ...]  # value, URL


@dataclass(frozen=True)
class Column:
    """A column of an operation's rows."""

    name: str
    kind: str
    description: str
    example: str


@dataclass(frozen=True)
class Rows:
    """One shape of an operation's answer."""

    title: str
    description: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Operation:
    """What can be asked at a path."""

    name: str
    method: str
    path: str
    url: str  # the path with an example in each place
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    rows: tuple[Rows, ...]
    answers: tuple[tuple[str, str], ...]  # status, meaning


def operations(document: Schema) -> dict[str, list[Operation]]:
    """Tag to operations, the figures before what runs the service."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in sorted(document["paths"].items(), key=lambda item: not item[0].startswith("/v1/")):
        for method in METHODS:
            if method in methods:
                found = _operation(document, path, method, methods[method])
                groups.setdefault(methods[method].get("tags", ["Other"])[0], []).append(found)
    return groups


def _operation(document: Schema, path: str, method: str, described: Schema) -> Operation:
    parameters = sorted(described.get("parameters", []), key=lambda parameter: parameter["name"] in PAGING)
    url = path
    needed: dict[str, str] = {}
    for parameter in parameters:
        if parameter["in"] == "path":
            values = _values(document, parameter)
            url = url.replace("{" + parameter["name"] + "}", quote(values[0], safe="") if values else "")
        elif parameter.get("required"):
            needed[parameter["name"]] = next(iter(_values(document, parameter)), "")
    url += f"?{urlencode(needed)}" if needed else ""
    content = described["responses"].get("200", {}).get("content", {})
    return Operation(
        name=described["operationId"],
        method=method.upper(),
        path=path,
        url=url,
        summary=described.get("summary", ""),
        description=described.get("description", ""),
        parameters=tuple(_parameter(document, path, url, parameter) for parameter in parameters),
        rows=tuple(_rows(document, content.get("application/json", {}).get("schema", {}))),
        answers=tuple((status, answer["description"]) for status, answer in described["responses"].items()),
    )


def _parameter(document: Schema, path: str, url: str, parameter: Schema) -> Parameter:
    name, schema = parameter["name"], parameter["schema"]
    default = schema.get("default")
    tries = []
    for value in _values(document, parameter):
        if parameter["in"] == "path":
            tries.append((value, path.replace("{" + name + "}", quote(value, safe=""))))
        else:
            base, _, given = url.partition("?")
            tries.append((value, f"{base}?{urlencode({**dict(parse_qsl(given)), name: value})}"))
    return Parameter(
        name=name,
        where=parameter["in"],
        required=parameter.get("required", False),
        kind=_kind(document, schema),
        default="" if default is None else str(default).lower() if isinstance(default, bool) else str(default),
        description=parameter.get("description", ""),
        tries=tuple(tries),
    )


def _resolved(document: Schema, schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found


def _alternatives(document: Schema, schema: Schema) -> Iterator[Schema]:
    """The schemas one of which holds, without null."""
    for part in schema.get("anyOf", [schema]):
        found = _resolved(document, part)
        if found.get("type") != "null":
            yield found


def _values(document: Schema, parameter: Schema) -> list[str]:
    """Values to try: all of an enum, both of a truth value, else the examples."""
    for schema in _alternatives(document, parameter["schema"]):
        if "enum" in schema:
            return [str(value) for value in schema["enum"]]
        if schema.get("type") == "boolean":
            return ["true", "false"]
    examples = parameter["schema"].get("examples", [])
    return [",".join(example) if isinstance(example, list) else str(example) for example in examples]


def _kind(document: Schema, schema: Schema) -> str:
    kinds = []
    for found in _alternatives(document, schema):
        if "enum" in found:
            kinds.append(" | ".join(str(value) for value in found["enum"]))
        elif found.get("type") == "array":
            kinds.append("list of text")
        else:
            kind = str(found.get("format", found["type"]))
            kinds.append("text" if kind == "string" else kind)
    return " | ".join(kinds)


def _rows(document: Schema, schema: Schema) -> Iterator[Rows]:
    for answer in _alternatives(document, schema):
        data = answer.get("properties", {}).get("data")
        if data:
            row = _resolved(document, data["items"])
            columns = tuple(_column(document, name, column) for name, column in row["properties"].items())
            yield Rows(row["title"], row.get("description", ""), columns)


def _column(document: Schema, name: str, schema: Schema) -> Column:
    nullable = any(part.get("type") == "null" for part in schema.get("anyOf", []))
    kind = _kind(document, schema).replace("decimal", "money").replace("number", "ratio")
    example = schema.get("examples", [""])[0]
    return Column(name, kind + (", can be null" if nullable else ""), schema.get("description", ""), _spelled(example))


def _spelled(value: object) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
