"""What the service answers over HTTP: one resource per file, all under /v1 but /health.

Read `deps` (what a route may ask for), `problems` (what is answered when it cannot), then a
resource. A route whose queries go by a key is a coroutine: a thread costs more than they do. One
that searches, counts or writes is a plain function, for which FastAPI takes a thread: it would hold
up everybody (counting 500,000 activities takes 0.4 s). No route runs a stage: it asks the schedule.
Operation ids are explicit and short, because generated clients are named by them.
"""

from fastapi import APIRouter

from app.api import (
    accounts,
    connections,
    erasures,
    exclusions,
    favours,
    fields,
    health,
    hooks,
    influence,
    metrics,
    networks,
    overrides,
    own,
    people,
    pictures,
    recommendations,
    retention,
    routes,
    runs,
    scores,
    silences,
    snapshot,
    subscribers,
    weights,
    writes,
)

OPEN: tuple[APIRouter, ...] = (health.router, hooks.router, metrics.router)
"""What is not below /v1: what everybody may ask, where the CRMs deliver to, and the metrics."""

V1: tuple[APIRouter, ...] = (
    scores.router,  # first, because a path is compared with one router after the other
    overrides.router,
    silences.router,
    snapshot.router,
    people.router,
    accounts.router,
    routes.router,
    favours.router,
    networks.router,
    own.router,
    pictures.router,
    influence.router,
    recommendations.router,
    weights.router,
    connections.router,
    fields.router,
    writes.router,
    hooks.setting_up,
    runs.router,
    exclusions.router,
    erasures.router,
    retention.router,
    subscribers.router,
)
"""What whoever has the key may ask, below /v1."""
