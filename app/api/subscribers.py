"""Other people's programs that are told what happens; and what they were told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from app.api.deps import LARGEST_ID, DatabaseDep, Id, Limit, MessengerDep, SessionDep
from app.api.problems import told
from app.api.runs import Before
from app.messenger import Wish
from app.store import events, subscribers, tables
from app.store.events import EventType, Sought

router = APIRouter(tags=["subscribers"])

Whose = Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="One subscriber's.")]
State = Literal["pending", "delivered", "dead"]


class SubscriberWish(BaseModel):
    """Who is to be told, and of what."""

    url: str = Field(description="An https address on the internet.", max_length=2_000)
    types: list[EventType] = Field(
        default=[], description="To be told of these; of everything if empty.", max_length=100
    )
    with_names: bool = Field(
        default=False, description="To be told people's names beside their ids."
    )


class SubscriberState(BaseModel):
    """Somebody who is told, without the secret."""

    id: int
    url: str
    types: list[str] = Field(description="Everything, if empty.")
    with_names: bool
    is_on: bool
    reason: str = Field(description="Why it is told nothing any more; empty while it is.")
    made_at: datetime
    before_until: datetime | None = Field(
        description="Until when the secret before the present one signs too."
    )
    pending: int = Field(description="Events that it is still to be told.")
    dead: int = Field(description="Events that it could not be told.")


class Subscribers(BaseModel):
    """Everybody who is told, the oldest first."""

    items: list[SubscriberState]


class SubscriberSecret(BaseModel):
    """What events are signed with. It is shown this once."""

    subscriber: SubscriberState
    secret: str = Field(description="`whsec_` and base64, as Standard Webhooks has it.")


class EventDelivery(BaseModel):
    """One event that one subscriber is to be told."""

    id: int
    subscriber: int
    event: str = Field(description="The `webhook-id` it is told under, however often.")
    type: str
    at: datetime = Field(description="When it happened.")
    data: dict[str, Any] = Field(description="What is told of it, but for names.")
    state: State = Field(description="The dead are not tried any more, unless by replay.")
    attempts: int
    next_try_at: datetime | None = Field(description="From when it is tried, while pending.")
    tried_at: datetime | None
    status: int | None = Field(description="What was answered last; null if nothing was.")
    reason: str = Field(description="Why the last attempt failed.")
    milliseconds: int = Field(description="How long it took.")


class EventDeliveries(BaseModel):
    """Some deliveries of events, the newest first."""

    items: list[EventDelivery]
    next: int | None = Field(description="What to give as `before` for more; null at the end.")


@router.post("/subscribers", operation_id="subscribe", status_code=201)
def subscribe(
    wish: SubscriberWish, messenger: MessengerDep, database: DatabaseDep
) -> SubscriberSecret:
    """Have somebody told of what happens from now on, in signed requests."""
    made = messenger.subscriptions.subscribe(Wish(wish.url, wish.types, wish.with_names))
    return _secret(database, made.subscriber_id, made.secret)


@router.get("/subscribers", operation_id="listSubscribers")
def list_subscribers(session: SessionDep) -> Subscribers:
    """List everybody who is told what happens."""
    numbers = events.by_state(session)
    return Subscribers(items=[_state(row, numbers) for row in subscribers.every(session)])


@router.delete(
    "/subscribers/{subscriber_id}",
    operation_id="unsubscribe",
    status_code=204,
    responses=told(404),
)
def unsubscribe(subscriber_id: Id, messenger: MessengerDep) -> None:
    """Tell somebody nothing any more, and forget what they were told."""
    messenger.subscriptions.end(subscriber_id)


@router.post(
    "/subscribers/{subscriber_id}/test", operation_id="testSubscriber", responses=told(404)
)
def test_subscriber(
    subscriber_id: Id, messenger: MessengerDep, database: DatabaseDep
) -> EventDelivery:
    """Tell a subscriber of nothing, now and only once; what it answered is in the answer."""
    delivery_id = messenger.test(subscriber_id)
    with Session(database) as session:
        return _delivery(*events.get(session, delivery_id))


@router.post(
    "/subscribers/{subscriber_id}/rotate", operation_id="rotateSecret", responses=told(404)
)
def rotate_secret(
    subscriber_id: Id, messenger: MessengerDep, database: DatabaseDep
) -> SubscriberSecret:
    """Make a new secret; for a day the one before signs too."""
    made = messenger.subscriptions.rotate(subscriber_id)
    return _secret(database, made.subscriber_id, made.secret)


@router.get("/deliveries", operation_id="listEventDeliveries")
def list_event_deliveries(
    session: SessionDep,
    state: State | None = None,
    subscriber: Whose = None,
    limit: Limit = 50,
    before: Before = None,
) -> EventDeliveries:
    """List what subscribers were told, or were to be, within the last 30 days."""
    found = events.deliveries(session, Sought(state, subscriber), limit=limit + 1, before=before)
    items = [_delivery(*one) for one in found[:limit]]
    return EventDeliveries(items=items, next=items[-1].id if len(found) > limit else None)


@router.post(
    "/deliveries/{delivery_id}/replay",
    operation_id="replayDelivery",
    status_code=202,
    responses=told(404, 409),
)
def replay_delivery(delivery_id: Id, messenger: MessengerDep, session: SessionDep) -> EventDelivery:
    """Tell an event again, under the `webhook-id` it had; 409 while it is still to be told."""
    events.replay(session, delivery_id, at=messenger.now())
    return _delivery(*events.get(session, delivery_id))


def _secret(database: DatabaseDep, subscriber_id: int, secret: str) -> SubscriberSecret:
    with Session(database) as session:
        row = subscribers.get(session, subscriber_id)
        return SubscriberSecret(subscriber=_state(row, events.by_state(session)), secret=secret)


def _state(row: tables.Subscriber, numbers: Mapping[tuple[int, str], int]) -> SubscriberState:
    subscriber_id = row.id or 0
    return SubscriberState(
        id=subscriber_id,
        url=row.url,
        types=row.types,
        with_names=row.with_names,
        is_on=row.is_on,
        reason=row.reason,
        made_at=row.made_at,
        before_until=row.before_until,
        pending=numbers.get((subscriber_id, events.PENDING), 0),
        dead=numbers.get((subscriber_id, events.DEAD), 0),
    )


def _delivery(row: tables.EventDelivery, event: tables.Event) -> EventDelivery:
    next_try_at = row.next_try_at if row.state == events.PENDING else None
    of_event = {"event": event.key, "type": event.type, "at": event.at, "data": event.told}
    whose = {"subscriber": row.subscriber_id, "next_try_at": next_try_at}
    return EventDelivery.model_validate(row.model_dump() | of_event | whose)
