"""Composes the API: settings in, a FastAPI application out."""

import asyncio
import importlib
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from api import routers, telemetry
from api.archive import Archive
from api.document import DESCRIPTION, document
from api.door import Door
from api.heads import HeadAsGet
from api.kept import Kept
from api.measures import Measures
from api.observed import Observed
from api.paths import EncodedPaths
from api.problems import add_handlers
from api.routers.export import MOST_AT_ONCE
from contracts.settings import Settings, load_settings
from serving.read import Reader


class _Documented(FastAPI):
    """An application with our own document of itself."""

    def openapi(self) -> dict[str, Any]:
        return document(self)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application for a home; the settings in force when none are given.

    Starts without a database and finds it once it is there. Raises SettingsError.
    """
    chosen = settings or load_settings()
    telemetry.check()
    measures = Measures()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.settings = chosen
        app.state.measures = measures
        app.state.reader = Reader(chosen)
        app.state.exports = asyncio.Semaphore(MOST_AT_ONCE)
        yield
        await app.state.reader.close()

    app = _Documented(
        title="tillhouse",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # where to would be taken from what the client says its host is
        generate_unique_id_function=_operation_name,
        lifespan=lifespan,
        telemetry=telemetry.CONFIG,
    )
    for router in _routers():
        app.include_router(router)
    app.mount("/reports", Archive(chosen.reports))
    add_handlers(app)
    # The innermost first.
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.add_middleware(Kept)
    app.add_middleware(EncodedPaths)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Door, settings=chosen)
    if chosen.api_cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=chosen.api_cors_origins,
            allow_methods=["GET"],
            allow_headers=["Authorization", "X-API-Key", "If-None-Match"],
            expose_headers=["ETag", "Link", "X-As-Of", "X-Release", "X-Request-ID", "Retry-After"],
        )
    app.add_middleware(Observed, settings=chosen, measures=measures)
    return app


def _routers() -> list[APIRouter]:
    """The routers of the folder, by name."""
    stems = sorted(found.name for found in pkgutil.iter_modules(routers.__path__))
    return [importlib.import_module(f"{routers.__name__}.{stem}").router for stem in stems]


def _operation_name(route: APIRoute) -> str:
    return route.name
