"""Webhooks delivered: signed, in batches, again if refused; in disorder and twice on request."""

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import httpx

from connectors import _sending
from connectors._sandbox import Sandbox
from connectors._sending import Delivery, Letter, Reply
from connectors.hubspot.sandbox import state
from connectors.hubspot.sandbox.signing_in import CLIENT_SECRET

__all__ = ["Delivery", "deliver", "deliver_due", "signatures"]

TIMEOUT_S, RETRIES, DAY_MS = 5.0, 10, 86_400_000

Event = tuple[int, dict[str, Any], int]
"""An event's id, what it says, and how often it was sent already."""


def deliver(sandbox: Sandbox) -> list[Delivery]:
    """Deliver what is due, and wait for it; see `deliver_due`."""
    return _sending.wait_for(deliver_due(sandbox))


async def deliver_due(sandbox: Sandbox) -> list[Delivery]:
    """Deliver every event that is due, each once; those refused become due again later.

    The settings ``webhook_duplicates`` and ``webhook_disorder`` make it worse, as it may be.
    """
    target = sandbox.db.execute("SELECT url FROM targets").fetchone()
    due = _due(sandbox) if target else []
    return await _sending.send(_letters(sandbox, target[0] if target else "", due), TIMEOUT_S)


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
    return _sending.stirred(
        found,
        random.Random(len(found)),  # noqa: S311  # no secret
        is_twice=bool(state.setting(sandbox.db, "webhook_duplicates", 0)),
        is_shuffled=bool(state.setting(sandbox.db, "webhook_disorder", 0)),
    )


def _letters(
    sandbox: Sandbox, url: str, due: list[Event]
) -> Iterator[tuple[Letter, Callable[[Reply], None]]]:
    for batch in _sending.parts(due):
        told = [{"eventId": number, "attemptNumber": tries} | body for number, body, tries in batch]
        content = json.dumps(told, separators=(",", ":")).encode()
        headers = dict(signatures("POST", url, content, state.to_ms(sandbox.clock.now())))
        headers |= {"Content-Type": "application/json", "User-Agent": "HubSpot Webhooks"}
        yield Letter(url, content, headers, len(batch)), partial(_settle, sandbox, batch)


def _settle(sandbox: Sandbox, batch: list[Event], reply: Reply) -> None:
    """Forget the events that were taken, and plan the others again: ten times in a day."""
    is_taken, now = httpx.codes.is_success(reply.status), state.to_ms(sandbox.clock.now())
    for number, _, attempts in batch:
        if is_taken or attempts >= RETRIES:
            sandbox.db.execute("DELETE FROM events WHERE id = ?", (number,))
            continue
        wait = random.Random(number * RETRIES + attempts).uniform(0.5, 1.0)  # noqa: S311  # no secret
        sandbox.db.execute(
            "UPDATE events SET attempts = ?, due = ? WHERE id = ?",
            (attempts + 1, now + round(wait * DAY_MS / RETRIES), number),
        )
