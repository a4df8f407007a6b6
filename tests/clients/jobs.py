"""What a client's program is made of: jobs, each done once and told in one line of JSON.

A program runs in its client's own environment, with nothing of ours but this file. It is given one
argument, a JSON object that says where the CRM is; each of its jobs raises if the CRM's answer is
not what its documents promise.
"""

import json
import sys
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.request import urlopen

Place = Mapping[str, str]
Job = Callable[..., None]

_JOBS: list[Job] = []


def job(one: Job) -> Job:
    """Add a job, in the order of the file; its name says what the client gets."""
    _JOBS.append(one)
    return one


def refused(ask: Callable[..., object], *args: object, **more: object) -> Any:  # noqa: ANN401
    """Give what a client raises when it is refused; clients share no class of it."""
    try:
        ask(*args, **more)
    except Exception as refusal:  # noqa: BLE001 whatever a client raises is the news
        return refusal
    raise AssertionError("It was not refused.")


def wait(place: Place, *, seconds: float) -> datetime:
    """Let time pass at the CRM, through its admin door; gives its time then."""
    sent = json.dumps({"seconds": seconds}).encode()
    with urlopen(f"{place['door']}/clock/advance", data=sent) as answer:  # noqa: S310 loopback
        return datetime.fromisoformat(json.load(answer)["now"])


def run(sign_in: Callable[[Place], object]) -> None:
    """Sign in, do every job, and tell how each went: a traceback, or nothing, is its `problem`."""
    client = sign_in(json.loads(sys.argv[1]))
    for one in _JOBS:
        problem = ""
        try:
            one(client)
        except Exception:  # noqa: BLE001 whatever a client raises is the news
            problem = traceback.format_exc()
        told = {"job": one.__name__, "problem": problem}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
