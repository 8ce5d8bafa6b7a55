"""The pages for people: the start, the manual of the API, where a problem is explained."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.archive import newest_report
from api.deps import House, Published
from api.manual import operations
from api.problems import PROBLEMS
from contracts.errors import InfrastructureError, NotFound
from serving.read import Publication, Snapshot

HTML = Path(__file__).parent.parent / "html"

router = APIRouter(include_in_schema=False)


@router.get("/")
async def start(settings: House, published: Published) -> Response:
    """Where to go from here; works without a database too."""
    try:
        release, trouble = await published.read(_publication), None
    except InfrastructureError as error:
        release, trouble = None, str(error)
    report = await run_in_threadpool(newest_report, settings.reports)
    archive = (settings.reports / "index.html").is_file()
    return _page("start.html", release=release, trouble=trouble, report=report, archive=archive)


@router.get("/reports")
async def reports() -> Response:
    """The archive's own address ends with a slash."""
    return RedirectResponse("/reports/")


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The operations of /openapi.json as a page that needs no network."""
    schema: dict[str, Any] = request.app.openapi()
    introduction, _, points = schema["info"]["description"].partition("\n\n")
    return _page(
        "docs.html",
        introduction=introduction,
        points=[line.removeprefix("- ") for line in points.splitlines()],
        groups=operations(schema),
        problems=PROBLEMS,
    )


@router.get("/problems/{slug}")
async def problem_explained(slug: str) -> Response:
    """Where the `type` of a problem leads."""
    if slug not in PROBLEMS:
        raise NotFound(f"There is no problem {slug!r}. See /docs for those there are.")
    return RedirectResponse(f"/docs#{slug}")


async def _publication(snapshot: Snapshot) -> Publication:
    return snapshot.publication


@cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(HTML), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def _page(template: str, **values: object) -> HTMLResponse:
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
    text = _templates().get_template(template).render(**values)
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-cache"}
    return HTMLResponse(text, headers=headers)
