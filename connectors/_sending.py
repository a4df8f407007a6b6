"""What a sandbox CRM sends by itself: requests to an app, in disorder and twice on demand."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

import httpx

MOST_IN_ONE = 100
"""What one request holds at most."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Letter:
    """A request to be sent; `count` tells how many events are in it."""

    url: str
    content: bytes
    headers: Mapping[str, str]
    count: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: a status, 0 for no answer, and the body."""

    status: int
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to the app: how many events it held, and what came back; 0 for no answer."""

    events: int
    status: int


async def send(
    letters: Iterable[tuple[Letter, Callable[[Reply], None]]], timeout_s: float
) -> list[Delivery]:
    """Send letters one after the other; what each is given back goes to its function at once."""
    done = []
    async with httpx.AsyncClient(timeout=timeout_s, trust_env=False) as client:
        for letter, settle in letters:
            reply = await _posted(client, letter)
            settle(reply)
            done.append(Delivery(letter.count, reply.status))
    return done


def wait_for(sending: Coroutine[Any, Any, T]) -> T:
    """Wait until everything is sent; an event loop of this thread stands still meanwhile."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(sending)
    found: list[T] = []
    thread = threading.Thread(target=lambda: found.append(asyncio.run(sending)))
    thread.start()
    thread.join()
    return found[0]


def stirred(items: list[T], chance: Random, *, is_twice: bool, is_shuffled: bool) -> list[T]:
    """Give what is to be sent as badly as it may arrive: each twice, in any order."""
    found = [item for item in items for _ in range(2)] if is_twice else list(items)
    if is_shuffled:
        chance.shuffle(found)
    return found


def parts(items: list[T], most: int = MOST_IN_ONE) -> list[list[T]]:
    """Cut what is to be sent into what one request holds."""
    return [items[begin : begin + most] for begin in range(0, len(items), most)]


async def _posted(client: httpx.AsyncClient, letter: Letter) -> Reply:
    try:
        answer = await client.post(letter.url, content=letter.content, headers=dict(letter.headers))
    except httpx.TransportError:
        return Reply(0)
    return Reply(answer.status_code, answer.content)
