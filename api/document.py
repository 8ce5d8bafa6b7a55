"""The OpenAPI document: what FastAPI derives, the shape of every error, and how a key is sent."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems import Problem

DESCRIPTION = """\
The published figures of a shop, to the cent. Every answer is of one release, named in it.

- Money is a decimal string with four places in the shop's currency; ratios are numbers; dates and times are ISO 8601.
- A list is JSON unless `Accept` asks for `text/csv` or `application/vnd.apache.arrow.stream`: the same rows.
- Lists page by `next`. A cursor keeps to its release, also when a newer one is published meanwhile.
- `as_of` gives the rows as they were published then; a release past retention is 410.
- Where a path takes an id it takes several, separated by commas; `%2C` and `%2F` belong to an id.
- Send `ETag` back as `If-None-Match`: 304 while nothing has changed.
- Where the service asks for keys, send one as `Authorization: Bearer KEY`.
- Every error is `application/problem+json` (RFC 9457).
"""


def document(app: FastAPI) -> dict[str, Any]:
    """The document of an application, made once."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        shape = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(shape.pop("$defs"))
        schemas["Problem"] = shape
        schema["components"]["securitySchemes"] = {
            "key": {"type": "http", "scheme": "bearer", "description": "An API key, from `tillhouse api-key create`."}
        }
        schema["security"] = [{}, {"key": []}]
        for path in schema["paths"].values():
            for operation in path.values():
                for parameter in operation.get("parameters", ()):
                    parameter["schema"] = _without_null(parameter["schema"])
        app.openapi_schema = schema
    return app.openapi_schema


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is left out is absent: no text in a URL is a null."""
    given = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(given) != 1:
        return schema
    return {**given[0], **{name: value for name, value in schema.items() if name != "anyOf"}}
