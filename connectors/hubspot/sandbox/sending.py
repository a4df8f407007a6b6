"""Webhooks delivered: signed, in batches, again if refused; in disorder and twice on request."""

import asyncio
import base64
import hashlib
import hmac
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from connectors._sandbox import Sandbox
from connectors.hubspot.sandbox import state
from connectors.hubspot.sandbox.signing_in import CLIENT_SECRET

BATCH, TIMEOUT_S, RETRIES, DAY_MS = 100, 5.0, 10, 86_400_000

Event = tuple[int, dict[str, Any], int]
"""An event's id, what it says, and how often it was sent already."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to the app: how many events it held, and what came back; 0 for no answer."""

    events: int
    status: int


def deliver(sandbox: Sandbox) -> list[Delivery]:
    """Deliver what is due, from a thread without an event loop; see `deliver_due`."""
    return asyncio.run(deliver_due(sandbox))


async def deliver_due(sandbox: Sandbox) -> list[Delivery]:
    """Deliver every event that is due, each once; those refused become due again later.

    The settings ``webhook_duplicates`` and ``webhook_disorder`` make it worse, as it may be.
    """
    target = sandbox.db.execute("SELECT url FROM targets").fetchone()
    due = _due(sandbox)
    if target is None or not due:
        return []
    async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
        return [
            await _send(sandbox, client, target[0], due[begin : begin + BATCH])
            for begin in range(0, len(due), BATCH)
        ]


def signatures(method: str, url: str, body: bytes, at: int) -> Mapping[str, str]:
    """Give the headers that prove a request to be HubSpot's, by v3 and by v1."""
    said = f"{method}{url}".encode() + body + str(at).encode()
    keyed = hmac.new(CLIENT_SECRET.encode(), said, hashlib.sha256).digest()
    return {
        "X-HubSpot-Signature": hashlib.sha256(CLIENT_SECRET.encode() + body).hexdigest(),
        "X-HubSpot-Signature-Version": "v1",
        "X-HubSpot-Signature-v3": base64.b64encode(keyed).decode(),
        "X-HubSpot-Request-Timestamp": str(at),
    }


def _due(sandbox: Sandbox) -> list[Event]:
    rows = sandbox.db.execute(
        "SELECT id, body, attempts FROM events WHERE due <= ? ORDER BY id",
        (state.to_ms(sandbox.clock.now()),),
    )
    found = [(number, json.loads(body), attempts) for number, body, attempts in rows]
    if state.setting(sandbox.db, "webhook_duplicates", 0):
        found = [event for event in found for _ in range(2)]
    if state.setting(sandbox.db, "webhook_disorder", 0):
        random.Random(len(found)).shuffle(found)  # noqa: S311  # no secret
    return found


async def _send(
    sandbox: Sandbox, client: httpx.AsyncClient, url: str, batch: list[Event]
) -> Delivery:
    told = [{"eventId": number, "attemptNumber": tries} | body for number, body, tries in batch]
    content = json.dumps(told, separators=(",", ":")).encode()
    headers = dict(signatures("POST", url, content, state.to_ms(sandbox.clock.now())))
    headers |= {"Content-Type": "application/json", "User-Agent": "HubSpot Webhooks"}
    try:
        answer = await client.post(url, content=content, headers=headers)
        status = answer.status_code
    except httpx.TransportError:
        status = 0
    _settle(sandbox, batch, is_taken=httpx.codes.is_success(status))
    return Delivery(len(batch), status)


def _settle(sandbox: Sandbox, batch: list[Event], *, is_taken: bool) -> None:
    """Forget the events that were taken, and plan the others again: ten times in a day."""
    now = state.to_ms(sandbox.clock.now())
    for number, _, attempts in batch:
        if is_taken or attempts >= RETRIES:
            sandbox.db.execute("DELETE FROM events WHERE id = ?", (number,))
            continue
        wait = random.Random(number * RETRIES + attempts).uniform(0.5, 1.0)  # noqa: S311  # no secret
        sandbox.db.execute(
            "UPDATE events SET attempts = ?, due = ? WHERE id = ?",
            (attempts + 1, now + round(wait * DAY_MS / RETRIES), number),
        )
