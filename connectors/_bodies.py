"""What the admin door of a sandbox CRM is told, as JSON bodies. Read `_control` first."""

import json
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from connectors._sandbox import Fault


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Time(_Body):
    """What the clock is set to; None leaves it."""

    now: AwareDatetime | None = None
    is_stopped: bool | None = None


class Seconds(_Body):
    """A length of time, at most some centuries."""

    seconds: Annotated[float, Field(ge=0, le=1e10)]


class Seed(_Body):
    """Where chance begins."""

    seed: int


class Rule(_Body):
    """A `Fault`, as JSON.

    Attributes:
        body: A text as it is, or anything else as JSON.
        after: Do the work first.
        drop: Hang up without an answer; `status` is of no matter then.
    """

    pattern: str
    status: Annotated[int, Field(ge=200, le=599)] = 503
    body: Any = ""
    headers: dict[str, str] = {}
    times: Annotated[int, Field(ge=1)] = 1
    skip: Annotated[int, Field(ge=0)] = 0
    after: bool = False
    drop: bool = False
    chance: Annotated[float, Field(gt=0, le=1)] = 1.0

    def fault(self) -> Fault:
        """Make the fault to plan."""
        is_text = isinstance(self.body, str)
        text = self.body if is_text else json.dumps(self.body)
        headers = self.headers if is_text else {"content-type": "application/json"} | self.headers
        return Fault(
            self.pattern,
            0 if self.drop else self.status,
            text.encode(),
            tuple(headers.items()),
            times=self.times,
            skip=self.skip,
            is_after=self.after,
            chance=self.chance,
        )

    @classmethod
    def of(cls, fault: Fault) -> "Rule":
        """Tell of a fault that is planned."""
        return cls(
            pattern=fault.pattern,
            status=fault.status or 503,
            body=fault.body.decode("utf-8", "replace"),
            headers=dict(fault.headers),
            times=max(fault.times, 1),
            skip=max(fault.skip, 0),
            after=fault.is_after,
            drop=fault.status == 0,
            chance=fault.chance,
        )
