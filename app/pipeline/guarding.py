"""Where people edit our fields: what they put there is left to them, if the field's policy says so.

Only records that are due are looked at, and of them only those with such a field. What a person put
there stays theirs until somebody empties the field, and is asked for again when we want another
value there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlmodel import Session

from app.allowance import Purpose
from app.pipeline.choosing import Choices, Policy
from app.pipeline.link import Link
from app.store import revising
from app.store.blanking import ERASED
from app.store.outbox import Due
from app.store.owed import Key, Values
from connectors import ExternalId, FieldValue, Target


@dataclass(frozen=True, slots=True)
class Guarded:
    """What is left to be written when people's edits are left alone.

    Attributes:
        due: The records that are written, with what they really held where we looked.
        holds: What records were found to hold already, as we want it.
        theirs: What people put there, and keep.
    """

    due: Sequence[Due]
    holds: Mapping[Key, Values]
    theirs: Mapping[Key, Values]

    def count(self, choices: Choices, policy: Policy) -> int:
        """How many values are left to people by a policy."""
        return sum(
            found is not None and found.policy is policy
            for (target, _), values in self.theirs.items()
            for found in (choices.get(target, name) for name in values)
        )


def guard(link: Link, choices: Choices, due: Sequence[Due]) -> Guarded:
    """See what the CRM holds where a policy asks for it; nothing is called where none does."""
    looked: dict[Key, Values] = {}
    for target in dict.fromkeys(one.target for one in due):
        fields = choices.of_target(target)
        guarded = {name for name, one in fields.items() if one.policy is not Policy.OVERWRITE}
        asked = [one for one in due if one.target == target and guarded & one.values.keys()]
        names = {n: fields[n].name_there for one in asked for n in one.values if n in fields}
        if asked:
            ids = [one.external_id for one in asked]
            for external_id, values in held(link, target, ids, names).items():
                looked[target, external_id] = values
    return _sorted_out(choices, due, looked)


def held(
    link: Link, target: str, external_ids: Sequence[str], names: Mapping[str, str]
) -> dict[str, Values]:
    """What records hold now, by `Field.name`; those that are gone are left out.

    Args:
        link: The connection.
        target: The kind of record.
        external_ids: Any number.
        names: What the CRM calls each field.
    """
    ids = [ExternalId(one) for one in external_ids]
    with link.allowance.spent_on(Purpose.WRITING):
        found = link.connector.held(Target(target), ids, sorted(set(names.values())))
    return {
        external_id: {name: plain(values.get(there)) for name, there in names.items()}
        for external_id, values in found.items()
    }


def plain(value: FieldValue) -> str | int | None:
    """A value as it is kept: dates as ISO text; an empty text is nothing."""
    if isinstance(value, date):
        return value.isoformat()
    return None if value == "" else value


def keep(session: Session, link: Link, guarded: Guarded) -> None:
    """Note what was found, and what is about to be written where it may be taken for a person's."""
    revising.learn(session, link.connection_id, guarded.holds, guarded.theirs)


def _sorted_out(choices: Choices, due: Sequence[Due], looked: Mapping[Key, Values]) -> Guarded:
    left: list[Due] = []
    holds: dict[Key, Values] = {}
    theirs: dict[Key, Values] = {}
    for one in due:
        if one.key not in looked:
            left.append(one)
            continue
        now = looked[one.key]
        same = {name: value for name, value in one.values.items() if now.get(name) == value}
        edited = {
            name: now[name]
            for name in one.values.keys() - same.keys()
            if _is_kept(choices, one, name) and _is_a_persons(one, name, now[name])
        }
        if same:
            holds[one.key] = same
        if edited:
            theirs[one.key] = edited
        rest = {n: v for n, v in one.values.items() if n not in same and n not in edited}
        if rest:
            left.append(replace(one, values=rest, acknowledged={**one.acknowledged, **now}))
    return Guarded(left, holds, theirs)


def _is_kept(choices: Choices, due: Due, name: str) -> bool:
    found = choices.get(due.target, name)
    return found is not None and found.policy is not Policy.OVERWRITE


def _is_a_persons(due: Due, name: str, now: Any) -> bool:  # noqa: ANN401 - a value of any kind
    """Tell whether it is neither empty, nor what we wrote or were writing when we last fell.

    Where we have forgotten what we wrote, because it named somebody who was erased, it is ours.
    """
    if due.acknowledged.get(name) == ERASED:
        return False
    return now is not None and now not in (due.acknowledged.get(name), due.sent.get(name))
