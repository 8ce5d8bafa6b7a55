"""The only maker of error bodies: RFC 9457 `application/problem+json`."""

from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from contracts.errors import InfrastructureError, TillhouseError, UsageError

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5

# slug: status, title. What is not here is 422 if the caller is at fault, 503 if it is below us, else 500.
PROBLEMS: dict[str, tuple[int, str]] = {
    "invalid-request": (422, "A parameter is wrong"),
    "unauthorized": (401, "A valid API key is needed"),
    "forbidden": (403, "The API key does not allow this"),
    "not-found": (404, "There is nothing here"),
    "method-not-allowed": (405, "The method is not allowed here"),
    "not-acceptable": (406, "No accepted media type can be given"),
    "past-retention": (410, "The release is no longer served"),
    "body-too-large": (413, "The body is too large"),
    "url-too-long": (414, "The URL is too long"),
    "too-many-requests": (429, "Too many requests"),
    "internal-error": (500, "Something went wrong on our side"),
    "infrastructure": (503, "No figure can be given now"),
    "nothing-published": (503, "Nothing is published yet"),
    "database-unavailable": (503, "The database is unavailable"),
}


class FieldProblem(BaseModel):
    """One parameter at fault."""

    parameter: str = Field(description="Name of the parameter.", examples=["start"])
    location: Literal["query", "path", "header", "body"] = Field(alias="in", description="Where it stands.")
    detail: str = Field(description="What is wrong with it.", examples=["Input should be a valid date"])


class Problem(BaseModel):
    """What went wrong, as RFC 9457 says it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/invalid-request",
                    "title": "A parameter is wrong",
                    "status": 422,
                    "detail": "start: Input should be a valid date",
                    "errors": [{"parameter": "start", "in": "query", "detail": "Input should be a valid date"}],
                }
            ]
        }
    )

    type: str = Field(description="Stable identifier of the kind of problem: /problems/<slug>.")
    title: str = Field(description="The kind of problem in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened and what to do.")
    errors: list[FieldProblem] = Field([], description="The parameters at fault, where there are any.")


def problem(
    slug: str,
    detail: str,
    *,
    status: int | None = None,
    errors: tuple[FieldProblem, ...] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem as a response; the status is the slug's own unless given."""
    usual, title = PROBLEMS.get(slug, (500, slug.replace("-", " ").capitalize()))
    code = status or usual
    body = Problem(type=f"/problems/{slug}", title=title, status=code, detail=detail, errors=list(errors))
    content = body.model_dump_json(by_alias=True, exclude=None if errors else {"errors"})
    retry = {"Retry-After": str(RETRY_SECONDS)} if code == 503 else {}
    return Response(content, code, {"Cache-Control": "no-store", **retry, **(headers or {})}, MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems of an operation, as OpenAPI shows them; every operation can answer 500."""
    shown = sorted({*statuses, 500})
    reference = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": next(title for code, title in PROBLEMS.values() if code == status),
            "content": {MEDIA_TYPE: {"schema": reference}},
        }
        for status in shown
    }


def _field(parameter: str, where: str, detail: str) -> FieldProblem:
    return FieldProblem.model_validate({"parameter": parameter, "in": where, "detail": detail})


def add_handlers(app: FastAPI) -> None:
    """Makes every error of the app a problem."""
    app.add_exception_handler(TillhouseError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _ours(request: Request, error: Exception) -> Response:
    slug = getattr(error, "slug", "internal-error")
    if isinstance(error, UsageError):
        where = "path" if error.field in request.path_params else "query"
        at_fault = (_field(error.field, where, str(error)),) if error.field else ()
        return problem(slug, str(error), status=422, errors=at_fault)
    if isinstance(error, InfrastructureError):
        # The cause's own words may hold a value or a place.
        cause = type(error.__cause__).__name__ if error.__cause__ else None
        state = request.scope["state"]
        state["log"].warning("no figure can be given", id=state["id"], reason=str(error), cause=cause)
        return problem(slug, str(error), status=503)
    if PROBLEMS.get(slug, (500,))[0] >= 500:
        raise error
    return problem(slug, str(error))


async def _invalid(_: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    errors = tuple(
        _field(
            ".".join(str(part) for part in item["loc"][1:] if not isinstance(part, int)),  # of several values
            str(item["loc"][0]),
            "No such parameter" if item["type"] == "extra_forbidden" else item["msg"].removeprefix("Value error, "),
        )
        for item in found
    )
    return problem("invalid-request", "; ".join(f"{item.parameter}: {item.detail}" for item in errors), errors=errors)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if status == 404:
        return problem("not-found", f"There is nothing at {request.url.path}. See /docs for what there is.")
    if status == 405:
        detail = f"{request.method} is not allowed at {request.url.path}."
        return problem("method-not-allowed", detail, headers=headers)
    if status >= 500:
        raise error
    return problem("invalid-request", str(getattr(error, "detail", "")), status=status, headers=headers)
