"""The service's own figures, for Prometheus."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.deps import Published
from api.measures import MEDIA_TYPE, Measures
from contracts.errors import InfrastructureError

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(request: Request, published: Published) -> Response:
    """Requests, latencies, the pool, the age of the publication; also without a database."""
    measures: Measures = request.app.state.measures
    try:
        await published.in_force()
        is_up = True
    except InfrastructureError:
        is_up = False
    return Response(measures.text(published, is_up=is_up), headers={"Cache-Control": "no-store"}, media_type=MEDIA_TYPE)
