"""A change event's header and fields, made into hints; pure."""

from collections.abc import Collection, Mapping
from typing import Any

from connectors._hints import Hints
from connectors.salesforce.hints import hint, whole_id
from connectors.salesforce.mapping import is_own_name

_STAMPS = frozenset({"LastModifiedDate", "LastModifiedById", "SystemModstamp"})
_PARENTS = {
    "TaskRelation": ("Task", "TaskId"),
    "EventRelation": ("Event", "EventId"),
    "EmailMessageRelation": ("EmailMessage", "EmailMessageId"),
    "OpportunityContactRole": ("Opportunity", "OpportunityId"),
}
"""Objects that we read along with another one, and the field that names it."""

_BY_API, _AT_A_SCREEN = "com/salesforce/api/", "SfdcInternalAPI"


def hints(
    header: Mapping[str, Any], body: Mapping[str, Any], changed: Collection[str], user_id: str
) -> Hints:
    """Say which rows an event is about.

    Args:
        header: The event's ``ChangeEventHeader``.
        body: Its other fields.
        changed: The names of the fields that changed, of an update.
        user_id: Who we are; "" if nobody knows.
    """
    entity, kind = str(header["entityName"]), str(header["changeType"])
    ids = [str(one) for one in header["recordIds"]]
    events = (f"{entity} {kind} {header.get('transactionKey', '')}",)
    if kind == "UPDATE" and _is_echo(header, changed, user_id):
        return Hints(events=events, echoes=1)
    if entity in _PARENTS:
        entity, field = _PARENTS[entity]
        ids = [str(body.get(field) or "")]
    if kind == "GAP_OVERFLOW" or not all(map(whole_id, ids)):
        return Hints(events=events, must_poll=True)
    found = tuple(one for one in (hint(entity, row_id) for row_id in ids) if one)
    return Hints(found, events, strange=int(not found))


def together(told: Collection[Hints]) -> Hints:
    """Several events' hints, each record once."""
    return Hints(
        tuple(dict.fromkeys(one for each in told for one in each.hints)),
        tuple(event for each in told for event in each.events),
        sum(each.echoes for each in told),
        sum(each.strange for each in told),
        must_poll=any(each.must_poll for each in told),
    )


def _is_echo(header: Mapping[str, Any], changed: Collection[str], user_id: str) -> bool:
    """Whether we did this: in fields that are ours, or as ourselves through the API."""
    own = [name for name in changed if is_own_name(name)]
    if own and all(name in _STAMPS or is_own_name(name) for name in changed):
        return True
    origin, who = str(header.get("changeOrigin", "")), str(header.get("commitUser", ""))
    is_us = bool(user_id) and whole_id(who) == whole_id(user_id)
    return is_us and origin.startswith(_BY_API) and _AT_A_SCREEN not in origin
