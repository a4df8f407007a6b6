"""Answers that HubSpot gives when something is wrong with it, to be planned for calls."""

import json
import uuid
from typing import Literal

from connectors._sandbox import Fault, Sandbox
from connectors.hubspot.sandbox.answers import correlated, error, used_up


def locked(pattern: str, times: int = 1) -> Fault:
    """Give the fault of records that too many write at once: nothing is written."""
    message = "The records are locked by another request."
    return Fault(pattern, 423, _refusal(message, "LOCKED"), times=times)


def migrating(pattern: str, retry_after_s: int, times: int = 1) -> Fault:
    """Give the fault of a portal that moves to another data centre."""
    message = "This portal is being migrated to another data center."
    body = _refusal(message, "MIGRATION_IN_PROGRESS")
    return Fault(pattern, 477, body, (("Retry-After", str(retry_after_s)),), times)


def broken_gateway(pattern: str, times: int = 1) -> Fault:
    """Give the fault of HubSpot's edge: a page, and no JSON."""
    page = b"<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"
    return Fault(pattern, 502, page, (("Content-Type", "text/html"),), times)


def lost_answer(pattern: str, times: int = 1) -> Fault:
    """Give the fault of an answer that comes too late: what was asked for has been done."""
    page = b"<html><head><title>524 A timeout occurred</title></head></html>"
    return Fault(pattern, 524, page, (("Content-Type", "text/html"),), times, is_after=True)


def throttled(pattern: str, policy: str = "TEN_SECONDLY_ROLLING", times: int = 1) -> Fault:
    """Give the fault of a limit that others have used up, or ``SECONDLY``, or ``DAILY``."""
    body = json.dumps(correlated(used_up(policy), _id_of(policy))).encode()
    return Fault(pattern, 429, body, (("Content-Type", "application/json"),), times)


def spoil(  # the same for all, and how long it lasts
    sandbox: Sandbox,
    how: Literal["locked", "migrating", "gateway", "lost_answer", "throttled", "cut", "reset"],
    pattern: str,
    times: int = 1,
    retry_after_s: int = 60,
) -> None:
    """Spoil so many calls whose ``METHOD /path`` has the pattern, as HubSpot does."""
    faults = {
        "locked": locked(pattern, times),
        "migrating": migrating(pattern, retry_after_s, times),
        "gateway": broken_gateway(pattern, times),
        "lost_answer": lost_answer(pattern, times),
        "throttled": throttled(pattern, times=times),
        "cut": Fault(pattern, 200, b'{"results":[{"id":"1","prop', times=times),
        "reset": Fault(pattern, 0, times=times),
    }
    sandbox.faults.append(faults[how])


def _refusal(message: str, category: str) -> bytes:
    return json.dumps(correlated(error(message, category), _id_of(category))).encode()


def _id_of(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))
