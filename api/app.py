"""Composes the API: settings in, a FastAPI application out."""

import importlib
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api import routers
from api.archive import Archive
from api.heads import HeadAsGet
from api.problems import Problem, add_handlers
from contracts.settings import Settings, load_settings
from serving.read import Reader

DESCRIPTION = """\
The published figures of a shop, to the cent. Every answer is of one release, named in it.

- Money is a decimal string with four places in the shop's currency; ratios are numbers; dates and times are ISO 8601.
- A list is JSON unless `Accept` asks for `text/csv` or `application/vnd.apache.arrow.stream`: the same rows.
- Lists page by `next`. A cursor keeps to its release; when a newer one is published it answers 410: start again.
- Send `ETag` back as `If-None-Match`: 304 while nothing has changed.
- Every error is `application/problem+json` (RFC 9457).
"""


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application for a home; the settings in force when none are given.

    Starts without a database and finds it once it is there. Raises SettingsError.
    """
    chosen = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.settings = chosen
        app.state.reader = Reader(chosen)
        yield
        await app.state.reader.close()

    app = FastAPI(
        title="tillhouse",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_name,
        lifespan=lifespan,
    )
    for router in _routers():
        app.include_router(router)
    app.mount("/reports", Archive(chosen.reports))
    add_handlers(app)
    app.add_middleware(HeadAsGet)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _routers() -> list[APIRouter]:
    """The routers of the folder, by name."""
    stems = sorted(found.name for found in pkgutil.iter_modules(routers.__path__))
    return [importlib.import_module(f"{routers.__name__}.{stem}").router for stem in stems]


def _operation_name(route: APIRoute) -> str:
    return route.name


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once, with the shape of every error."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        shape = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(shape.pop("$defs"))
        schemas["Problem"] = shape
        app.openapi_schema = schema
    return app.openapi_schema
