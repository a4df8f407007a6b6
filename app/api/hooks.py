"""What the CRMs deliver by themselves, without the key of the service; and setting that up."""

import asyncio
import time
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Request, Response
from pydantic import BaseModel, Field, SecretStr

from app.api.deps import HooksDep, Id, Limit, SessionDep
from app.api.problems import told
from app.api.runs import Before
from app.errors import NotFound
from app.hooks import Wish
from app.store import connections, hints, hooks

LARGEST_BODY = 1 << 20
"""Bytes of a delivery: a hundred events have a tenth of this."""

router = APIRouter(tags=["hooks"])
setting_up = APIRouter(tags=["hooks"])


class HookWish(BaseModel):
    """How deliveries are to be taken; what is left out stays as it is."""

    secret: SecretStr | None = Field(
        default=None,
        description="What the CRM signs with, where it has a secret of its own.",
        max_length=500,
    )
    takes_unsafe: bool | None = Field(
        default=None,
        description="Take an older signature too, which whoever has seen a delivery can repeat.",
    )
    is_listening: bool | None = Field(
        default=None, description="Listen to the CRM's stream of events as well, if it has one."
    )
    renews: bool = Field(
        default=False, description="Make a new secret, where it is ours; the old one counts too."
    )


class HookSetup(BaseModel):
    """What to tell the CRM. Keep it to yourself: whoever knows it may say what has changed."""

    url: str = Field(
        description="Where the CRM is to deliver to; empty if it is listened to and nobody has "
        "said where CRMs reach us."
    )
    signer: Literal["crm", "tieline"] = Field(description="Whose secret signs.")
    secret: str = Field(description="What to sign with; empty if the CRM has its own.")
    is_ready: bool = Field(description="Whether the secret is known; else all is refused.")


class HookState(BaseModel):
    """How what a CRM delivers is coming in."""

    seen_at: datetime | None = Field(description="When something genuine came last.")
    silent_since: datetime | None = Field(
        description="Since when changes were found that nothing had announced."
    )
    takes_unsafe: bool
    is_listening: bool
    trouble: str = Field(
        description="Why its stream of events cannot be listened to; empty while it can."
    )
    waiting: int = Field(description="Records to be read again, and what else is to be done.")
    waiting_since: datetime | None


class DeliveryState(BaseModel):
    """One delivery."""

    id: int
    at: datetime
    events: list[str] = Field(description="The CRM's ids of what it told.")
    hints: int = Field(description="Records named.")
    echoes: int = Field(description="Events of what Tieline wrote itself.")
    strange: int = Field(description="Events of records that are not read.")
    result: Literal["taken", "forged"]
    reason: str
    milliseconds: int


class Deliveries(BaseModel):
    """Some deliveries, the newest first."""

    items: list[DeliveryState]
    next: int | None = Field(description="What to give as `before` for more; null at the end.")


@router.post(
    "/hooks/{token}",
    operation_id="deliver",
    responses={**told(401, 404, 413, 429, 503), 200: {"description": "It is kept."}},
)
async def deliver(
    token: Annotated[str, Path(max_length=100)], request: Request, all_hooks: HooksDep
) -> Response:
    """Take what a CRM delivers; its address and its signature are its key."""
    if not all_hooks.meter.passes(token, time.monotonic()):
        raise HTTPException(429, "Too many deliveries: come again.", {"Retry-After": "1"})
    body = await _body(request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = request.scope["query_string"].decode("latin-1")
    loop = asyncio.get_running_loop()
    kept = loop.run_in_executor(all_hooks.keepers, all_hooks.take, token, query, headers, body)
    try:
        answer = await asyncio.wait_for(kept, all_hooks.answered_within_s)
    except TimeoutError:
        all_hooks.counts["late"] += 1
        raise HTTPException(
            503, "It could not be kept in time: come again.", {"Retry-After": "5"}
        ) from None
    return Response(answer.body, media_type=answer.media_type)


@setting_up.post("/connections/{connection_id}/hook", operation_id="setUpHook", responses=told(404))
def set_up_hook(connection_id: Id, wish: HookWish, all_hooks: HooksDep) -> HookSetup:
    """Give a connection an address for what its CRM delivers, or show it and change it."""
    found = all_hooks.set_up(
        connection_id,
        Wish(
            secret=wish.secret.get_secret_value() if wish.secret else None,
            takes_unsafe=wish.takes_unsafe,
            is_listening=wish.is_listening,
            renews=wish.renews,
        ),
    )
    return HookSetup.model_validate(found, from_attributes=True)


@setting_up.get("/connections/{connection_id}/hook", operation_id="getHook", responses=told(404))
def get_hook(connection_id: Id, session: SessionDep) -> HookState:
    """Tell how deliveries to a connection are coming in."""
    connections.get(session, connection_id)
    found = hooks.get(session, connection_id)
    if found is None:
        raise NotFound("This connection has no address for deliveries: set one up with POST.")
    waiting, waiting_since = hints.waiting(session, connection_id)
    return HookState(
        seen_at=found.seen_at,
        silent_since=hooks.silent_since(found),
        takes_unsafe=found.takes_unsafe,
        is_listening=found.is_listening,
        trouble=found.trouble,
        waiting=waiting,
        waiting_since=waiting_since,
    )


@setting_up.delete(
    "/connections/{connection_id}/hook",
    operation_id="endHook",
    status_code=204,
    responses=told(404),
)
def end_hook(connection_id: Id, all_hooks: HooksDep) -> None:
    """Take a connection's address away; what comes there from now on is refused."""
    all_hooks.end(connection_id)


@setting_up.get(
    "/connections/{connection_id}/deliveries", operation_id="listDeliveries", responses=told(404)
)
def list_deliveries(
    connection_id: Id, session: SessionDep, limit: Limit = 50, before: Before = None
) -> Deliveries:
    """List what came to a connection's address lately, and what became of it."""
    connections.get(session, connection_id)
    found = hooks.deliveries(session, connection_id, limit=limit + 1, before=before)
    items = [DeliveryState.model_validate(row, from_attributes=True) for row in found[:limit]]
    return Deliveries(items=items, next=items[-1].id if len(found) > limit else None)


async def _body(request: Request) -> bytes:
    """Read the body, as far as it may be long."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            raise HTTPException(413, "A delivery has at most a megabyte.")
    return bytes(body)
