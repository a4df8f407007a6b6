"""HubSpot's rate limits: what is counted, when a call is one too many, and what headers say.

The daily limit counts always. The two others make a client wait, so they count where the sandbox
stands by itself: a test that does not wait would never get through them.
The setting ``burst_limits`` overrules it.
"""

from collections import deque
from collections.abc import Mapping

from connectors._sandbox import Sandbox
from connectors.hubspot.sandbox import facts, state
from connectors.hubspot.sandbox.answers import Refused, used_up
from connectors.hubspot.sandbox.request import Caller

SECOND_MS, DAY_MS = 1000, 86_400_000


class Limits:
    """The calls that one portal has seen.

    The day's are kept with its state; of the others another server of the state begins anew.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._recent: dict[str, deque[int]] = {}
        self._searches: deque[int] = deque()

    @property
    def used_today(self) -> int:
        """How many calls the portal's apps have made since its midnight."""
        return used_today(self._sandbox)

    def count(self, caller: Caller, *, is_search: bool) -> None:
        """Count a call; refuse one that is too many, in the order in which HubSpot does."""
        now = state.to_ms(self._sandbox.clock.now())
        if not caller.is_oauth:
            used = self.used_today + 1
            use_calls(self._sandbox, used)
            if used > self.daily:
                raise self._refused("DAILY", DAY_MS - self._since_midnight())
        if not state.setting(self._sandbox.db, "burst_limits", self._sandbox.is_alone):
            return
        if is_search:
            self._take(self._searches, now, SECOND_MS, facts.SEARCHES_A_SECOND, "SECONDLY")
        else:
            recent = self._recent.setdefault(caller.kind, deque())
            self._take(recent, now, facts.BURST_MS, burst(caller), "TEN_SECONDLY_ROLLING")

    def headers(self, caller: Caller) -> Mapping[str, str]:
        """Give what an answer says about the limits; the search's says nothing.

        Those by the second mean nothing any more, and are sent all the same.
        """
        now = state.to_ms(self._sandbox.clock.now())
        recent = self._recent.get(caller.kind, ())
        used = sum(1 for at in recent if at > now - facts.BURST_MS) or 1
        said = {
            "X-HubSpot-RateLimit-Max": burst(caller),
            "X-HubSpot-RateLimit-Remaining": max(burst(caller) - used, 0),
            "X-HubSpot-RateLimit-Interval-Milliseconds": facts.BURST_MS,
            "X-HubSpot-RateLimit-Secondly": burst(caller) // 10,
            "X-HubSpot-RateLimit-Secondly-Remaining": burst(caller) // 10 - 1,
        }
        if not caller.is_oauth:
            said["X-HubSpot-RateLimit-Daily"] = self.daily
            said["X-HubSpot-RateLimit-Daily-Remaining"] = max(self.daily - self.used_today, 0)
        return {name: str(value) for name, value in said.items()}

    @property
    def daily(self) -> int:
        """How many calls the portal may get a day."""
        return state.setting(self._sandbox.db, "daily_limit", facts.DAILY_LIMIT)

    def resets_at(self) -> int:
        """When the portal's next day begins, in ms."""
        now = state.to_ms(self._sandbox.clock.now())
        return now + DAY_MS - self._since_midnight()

    def _since_midnight(self) -> int:
        now = state.to_ms(self._sandbox.clock.now())
        return (now + facts.UTC_OFFSET_MS) % DAY_MS

    def _take(self, taken: deque[int], now: int, window: int, most: int, policy: str) -> None:
        while taken and taken[0] <= now - window:
            taken.popleft()
        if len(taken) >= most:
            raise self._refused(policy, taken[0] + window - now)
        taken.append(now)

    def _refused(self, policy: str, wait_ms: int) -> Refused:
        refused = Refused(429, used_up(policy))
        if state.setting(self._sandbox.db, "retry_after", 0):
            refused.headers = {"Retry-After": str(-(-wait_ms // SECOND_MS))}
        return refused


def used_today(sandbox: Sandbox) -> int:
    """Give how many calls a portal has got since its midnight, but for those of OAuth apps."""
    day = state.setting(sandbox.db, "calls_day", 0)
    return state.setting(sandbox.db, "calls_today", 0) if day == _day(sandbox) else 0


def use_calls(sandbox: Sandbox, used: int) -> None:
    """Set how many calls a portal has got since its midnight."""
    sandbox.db.execute(
        "INSERT OR REPLACE INTO settings VALUES ('calls_day', ?), ('calls_today', ?)",
        (_day(sandbox), used),
    )


def _day(sandbox: Sandbox) -> int:
    return (state.to_ms(sandbox.clock.now()) + facts.UTC_OFFSET_MS) // DAY_MS


def burst(caller: Caller) -> int:
    """Give how many calls an app may make in ten seconds."""
    return facts.OAUTH_BURST_LIMIT if caller.is_oauth else facts.BURST_LIMIT
