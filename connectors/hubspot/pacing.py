"""Not to be told to slow down: searches are spaced out, other calls heed what is left.

HubSpot's answers tell how many calls are left of the ten seconds' allowance, but not of the
search's five a second, which all apps of a portal share: of those we take four, and less for a
while when HubSpot refuses one.
"""

import threading
from collections import deque
from collections.abc import Callable

import httpx

SEARCHES_A_SECOND = 4
RECOVERY_S = 60.0
"""After so long without a refusal, one more search a second is tried."""

RESERVE = 0.1
"""The share of the allowance from which on calls are spread over the rest of its time."""


class Pace:
    """Waits before calls, as long as the calls before them make it necessary.

    Args:
        searches: How many searches a second; None for as many as are asked for, until HubSpot
            refuses one.
        clock: Seconds that only ever grow.
        sleep: Waits.
    """

    def __init__(
        self, searches: int | None, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._usual = searches
        self._searches = searches
        self._clock = clock
        self._sleep = sleep
        self._begun: deque[float] = deque(maxlen=SEARCHES_A_SECOND)
        self._slowed_at = 0.0
        self._gap_s = 0.0
        self._lock = threading.Lock()

    def wait(self, *, is_search: bool) -> None:
        """Wait until the next call may be made."""
        with self._lock:
            wait_s = self._until_search() if is_search else self._gap_s
        if wait_s > 0:
            self._sleep(wait_s)

    def heed(self, response: httpx.Response) -> None:
        """Learn from an answer."""
        if not response.request.url.path.endswith("/search"):
            self._gap_s = _gap_s(response)
        elif response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            with self._lock:
                self._searches = max(1, (self._searches or SEARCHES_A_SECOND) // 2)
                self._slowed_at = self._clock()

    def _until_search(self) -> float:
        """Take the next place for a search; gives how far away it is, in seconds."""
        now = self._clock()
        self._recover(now)
        if self._searches is None:
            return 0.0
        earlier = self._begun[-self._searches] if len(self._begun) >= self._searches else None
        begins = now if earlier is None else max(now, earlier + 1.0)
        self._begun.append(begins)
        return begins - now

    def _recover(self, now: float) -> None:
        if self._searches == self._usual or now - self._slowed_at < RECOVERY_S:
            return
        self._slowed_at = now
        self._searches = (self._searches or 0) + 1
        if self._searches >= SEARCHES_A_SECOND:
            self._searches = self._usual


def _gap_s(response: httpx.Response) -> float:
    """Give how far apart calls should be, so that the allowance lasts until it is renewed."""
    most, left, interval_ms = (
        _number(response, name) for name in ("Max", "Remaining", "Interval-Milliseconds")
    )
    if most is None or left is None or interval_ms is None or left > most * RESERVE:
        return 0.0
    return interval_ms / 1000 / max(left, 1)


def _number(response: httpx.Response, name: str) -> int | None:
    value = str(response.headers.get(f"X-HubSpot-RateLimit-{name}", ""))
    return int(value) if value.isascii() and value.isdecimal() else None
