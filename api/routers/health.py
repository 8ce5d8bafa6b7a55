"""Is the service alive, and does it have figures to give?"""

from datetime import UTC, date, datetime
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import Published
from api.problems import responses
from serving.read import Publication, Snapshot

router = APIRouter(tags=["Health"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """The database answers and a release is published."""

    status: Literal["ready"] = "ready"
    release: int = Field(description="The release in force.", examples=[7])
    as_of: date = Field(description="The last landing date its figures know of.", examples=["2024-02-07"])
    published_at: datetime = Field(description="When it was published, in UTC.")
    age_seconds: int = Field(description="Seconds since then.", examples=[3600])


@router.get("/healthz", summary="Liveness", responses=responses())
async def healthz(response: Response) -> Alive:
    """200 while the process answers, with or without a database."""
    response.headers["Cache-Control"] = "no-store"
    return Alive()


@router.get("/readyz", summary="Readiness", responses=responses(503))
async def readyz(response: Response, published: Published) -> Ready:
    """200 once there are figures to give; 503 with the reason before."""
    response.headers["Cache-Control"] = "no-store"
    release = await published.read(_publication)
    age = datetime.now(UTC) - release.published_at
    return Ready(
        release=release.release_id,
        as_of=release.as_of,
        published_at=release.published_at,
        age_seconds=max(0, int(age.total_seconds())),
    )


async def _publication(snapshot: Snapshot) -> Publication:
    return snapshot.publication
