"""The steps from a connected CRM to scores in it, and how far a connection is.

Nothing is kept of it: each step is seen from what is there, so that a set-up can be left at any
point, taken up by somebody else, or done on the command line.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from sqlmodel import Session

from app.settings import Settings
from app.store import chosen, connections, examined, exclusions, hooks, plans, tables
from connectors import FieldState, Verdict, module


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a set-up.

    Attributes:
        is_free: It can be left out.
    """

    title: str
    path: str
    is_done: bool
    is_free: bool = False

    @property
    def is_due(self) -> bool:
        """Whether the set-up waits for it."""
        return not (self.is_done or self.is_free)


@dataclass(frozen=True, slots=True)
class SetUp:
    """How far the set-up of a connection is."""

    row: tables.Connection
    crm: str
    steps: Sequence[Step]

    @property
    def is_live(self) -> bool:
        """Whether it writes already, whatever of its steps was left out."""
        return self.row.shadow_since is None and bool(module(self.row.crm).TARGETS)

    @property
    def due(self) -> Step | None:
        """The first step that is not done."""
        return next((step for step in self.steps if step.is_due), None)

    def after(self, path: str) -> Step | None:
        """The step behind the one at a path."""
        paths = [step.path for step in self.steps]
        return next(iter(self.steps[paths.index(path) + 1 :]), None) if path in paths else None


def set_up(session: Session, connection_id: int, settings: Settings) -> SetUp:
    """See how far the set-up of a connection is.

    Raises:
        NotFound: If there is no such connection.
    """
    row = connections.get(session, connection_id)
    crm = module(row.crm)
    here = f"/console/set-up/{connection_id}"
    steps = [
        Step("Connect", f"{here}/connection", is_done=True),
        Step("Rights", f"{here}/rights", _is_let_in(session, connection_id)),
        Step("Exclusions", f"{here}/exclusions", bool(exclusions.holding(session)), is_free=True),
        Step("Schedule", f"{here}/schedule", settings.pull_every_minutes > 0),
    ]
    if crm.TARGETS:
        fields = Step("Fields", f"/console/fields/{connection_id}", _has_fields(session, row))
        trial = Step("Dry run", f"{here}/dry-run", _is_tried(session, row))
        live = Step("Go live", f"{here}/live", row.shadow_since is None)
        steps[2:2], steps[4:4] = [fields], [trial]
        steps.append(live)
    if crm.TELLINGS:
        hook = hooks.get(session, connection_id)
        is_heard = hook is not None and hook.seen_at is not None
        behind = next(n for n, step in enumerate(steps, 1) if step.title == "Schedule")
        steps[behind:behind] = [Step("Webhooks", f"{here}/webhooks", is_heard, is_free=True)]
    return SetUp(row, crm.TITLE, steps)


def of(request: Request, session: Session, connection_id: int) -> SetUp:
    """The set-up that a page is one step of."""
    return set_up(session, connection_id, request.app.state.settings)


def _is_let_in(session: Session, connection_id: int) -> bool:
    last = examined.last(session, connection_id)
    return last is not None and all(one.verdict is not Verdict.BAD for one in last[1])


def _has_fields(session: Session, row: tables.Connection) -> bool:
    """Whether fields were created or mapped, and none that is wanted is in trouble."""
    said = [one for one in chosen.of(session, row.id or 0).values() if one.is_on]
    is_there = any(one.state == FieldState.READY for one in said)
    return is_there and not any(one.paused for one in said)


def _is_tried(session: Session, row: tables.Connection) -> bool:
    plan = plans.last(session, row.id or 0)
    return row.shadow_since is None or (plan is not None and bool(plan.records))
