"""How the custom fields stand in the CRM: create what was never there, pause what was lost.

A field that is gone, retyped, hidden or read-only is paused with its reason, and the others are
written. It is not made anew by itself, because somebody took it away; nor is the connection paused,
because reading goes on. When it is back, what it should hold is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from app.allowance import Purpose
from app.pipeline.choosing import Choice, Choices
from app.pipeline.link import Link
from app.store import chosen, revising
from connectors import (
    FieldCheck,
    FieldsRefused,
    FieldState,
    FieldType,
    Misconfigured,
    PermissionMissing,
)

_GONE = (FieldState.MISSING, FieldState.ARCHIVED)
_LOST = (FieldState.MISSING, FieldState.ARCHIVED, FieldState.RETYPED)
"""A field that is back from there holds nothing of ours any more."""

_Reasons = Mapping[chosen.Name, str]


@dataclass(frozen=True, slots=True)
class Look:
    """How the wanted fields stand, and what follows from it.

    Attributes:
        checks: Each wanted field as the CRM shows it.
        to_make: Those that are created, or given more values, before anything is written.
    """

    every: Sequence[Choice]
    checks: Mapping[Choice, FieldCheck]
    to_make: Sequence[Choice]

    @property
    def refused(self) -> dict[Choice, str]:
        """Why fields cannot be written, of those that cannot."""
        found = {one: _stopped(one, check) for one, check in self.checks.items()}
        return {one: why for one, why in found.items() if why and one not in self.to_make}

    @property
    def lost(self) -> list[chosen.Name]:
        """The fields of which nothing is known any more: new ones, and those that are back."""
        made = [one for one in self.to_make if self.checks[one].state in _GONE]
        back = [c for c, check in self.checks.items() if c.paused and _is_back(c, check)]
        return [one.key for one in (*made, *back)]

    @property
    def choices(self) -> Choices:
        """The fields as they will be written."""
        refused = self.refused
        return Choices([replace(one, paused=refused.get(one, "")) for one in self.every])


@dataclass(frozen=True, slots=True)
class Checked:
    """What looking at the fields came to.

    Attributes:
        created: How many were created.
    """

    created: int


def look(link: Link, choices: Choices, creating: Sequence[chosen.Name] = ()) -> Look:
    """See how the wanted fields stand; nothing is changed.

    Args:
        link: The connection.
        choices: Its fields.
        creating: Fields that are to be created anew though they were lost, or hidden.
    """
    wanted = [one for one in choices.every if one.is_on]
    with link.allowance.spent_on(Purpose.WRITING):
        found = link.connector.check_fields([one.field for one in wanted]) if wanted else ()
    checks = dict(zip(wanted, found, strict=True))
    made = [c for c, check in checks.items() if _is_to_make(c, check, creating)]
    return Look(choices.every, checks, made)


def check(
    session: Session,
    link: Link,
    choices: Choices,
    *,
    at: datetime,
    creating: Sequence[chosen.Name] = (),
) -> Checked:
    """See how the wanted fields stand, create what was never there, and note what is so.

    Nothing is committed, and nothing is changed in the store before the last call.
    """
    before = look(link, choices, creating)
    refused = _create(link, before.to_make)
    after = look(link, choices) if before.to_make else before
    created = [c for c in before.to_make if _is_ready(after.checks[c])]
    states = {
        one.key: (
            check.state.value,
            "" if one in created else refused.get(one.key, "") or _stopped(one, check),
        )
        for one, check in after.checks.items()
    }
    chosen.note(session, link.connection_id, states, at=at)
    chosen.see(session, link.connection_id, at=at)
    ready = {one.key for one, check in after.checks.items() if _is_ready(check)}
    _doubt(session, link, [key for key in before.lost if key in ready])
    return Checked(len(created))


def _is_ready(check: FieldCheck) -> bool:
    return check.state is FieldState.READY


def _stopped(one: Choice, check: FieldCheck) -> str:
    """Why a field cannot be written; "" if it can.

    One that stands as it should, and was stopped because it was refused all the same, stays so
    until a person has acted.
    """
    if not _is_ready(check):
        return check.reason
    return one.paused if one.state is FieldState.READY else ""


def _is_back(one: Choice, check: FieldCheck) -> bool:
    return one.state in _LOST and _is_ready(check)


def _is_to_make(one: Choice, check: FieldCheck, creating: Sequence[chosen.Name]) -> bool:
    """Tell whether a field is to be created, or to be given more values."""
    if not one.is_ours or _is_ready(check):
        return False
    grew = check.state is FieldState.RETYPED and one.column.type is FieldType.PICKLIST
    return one.state is None or one.key in creating or (grew and not one.paused)


def _create(link: Link, lacking: Sequence[Choice]) -> _Reasons:
    """Create fields; gives why they could not be, where they could not."""
    if not lacking:
        return {}
    try:
        with link.allowance.spent_on(Purpose.WRITING):
            link.connector.create_fields([one.field for one in lacking])
    except (PermissionMissing, Misconfigured, FieldsRefused) as error:
        return {one.key: str(error) for one in lacking}
    return {}


def _doubt(session: Session, link: Link, names: Sequence[chosen.Name]) -> None:
    """Write what these fields should hold again: what they held was lost."""
    lost: dict[str, set[str]] = {}
    for target, name in names:
        lost.setdefault(target, set()).add(name)
    revising.doubt(session, link.connection_id, lost)
