"""What the service answers over HTTP: one resource per file, all under /v1 but /health.

Read `deps` (what a route may ask for), `problems` (what is answered when it cannot), then a
resource. A route reads with one or two short queries and is a coroutine; one that writes or may
have to wait is a plain function, for which FastAPI takes a thread. No route runs a stage: it asks
the schedule. Operation ids are explicit and short, because generated clients are named by them.
"""

from fastapi import APIRouter, Depends

from app.api import accounts, connections, health, people, recommendations, routes, runs, scores
from app.api.deps import check_key
from app.api.problems import told

router = APIRouter()
router.include_router(health.router)

_v1 = APIRouter(prefix="/v1", dependencies=[Depends(check_key)], responses=told(401, 422, 503))
_v1.include_router(people.router)
_v1.include_router(accounts.router)
_v1.include_router(scores.router)
_v1.include_router(routes.router)
_v1.include_router(recommendations.router)
_v1.include_router(connections.router)
_v1.include_router(runs.router)
router.include_router(_v1)
