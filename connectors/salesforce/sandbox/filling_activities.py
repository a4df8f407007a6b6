"""Emails, messages, calls and meetings made into tasks and events.

A message is a task whose kind the org can tell: ``LinkedIn`` is a subtype that Salesforce has, and
an SMS and a chat are what messaging apps log, an ordinary task whose Type says so. A mail whose
conversation is known is an EmailMessage with its people and its task, as Enhanced Email makes
them; every other is the task alone, as people and tools log it. The task of mail to many alike is
a ``ListEmail``. Of other channels, the conversation and whether it went to many are not held.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

from connectors._records import Activity, Channel, ExternalId, Participant, Role
from connectors.salesforce.sandbox.activities import MOST_WHOS
from connectors.salesforce.sandbox.filling_rows import CONTACT, USER, Intake
from connectors.salesforce.sandbox.mail import PEOPLE
from connectors.salesforce.sandbox.org import USER_ID, stamp

KINDS = {
    Channel.EMAIL: ("Email", "Email", None),
    Channel.CALL: ("Call", "Call", None),
    Channel.LINKEDIN: ("LinkedIn message", "LinkedIn", None),
    Channel.SMS: ("SMS", "Task", "SMS"),
    Channel.CHAT: ("Chat", "Task", "Chat"),
}
"""A task's Subject, TaskSubtype and Type, by channel."""

BULK = "ListEmail"

RELATION_TYPES = {
    Role.FROM: "FromAddress",
    Role.TO: "ToAddress",
    Role.CC: "CcAddress",
    Role.BCC: "BccAddress",
    Role.PARTY: "OtherAddress",
}
"""The RelationType of a person on an EmailMessage, by role."""

_SENT = "3"


class Activities:
    """Puts activities in, and keeps which kinds of tasks an admin must have added."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._kinds: set[str] = set()

    def put(self, activity: Activity) -> ExternalId:
        """Log an activity, as several tasks where one cannot hold all its people."""
        if activity.channel is Channel.MEETING:
            return _event(self._intake, activity)
        self._kinds.add(KINDS[activity.channel][-1] or "")
        owner, _, whos = _parties(self._intake, activity)
        if activity.channel is Channel.EMAIL and activity.thread is not None:
            task_id = _task(self._intake, activity, owner, next(_whos_by_task(whos)))
            return _email(self._intake, activity, task_id)
        tasks = [_task(self._intake, activity, owner, part) for part in _whos_by_task(whos)]
        return tasks[0]

    def finish(self) -> None:
        """Add the kinds of tasks that were met to the picklist of types."""
        for kind in sorted(filter(None, self._kinds)):
            self._intake.org.add_value("task.type", kind)


def _task(
    intake: Intake, activity: Activity, owner: ExternalId, whos: tuple[ExternalId, ...]
) -> ExternalId:
    row_id, first = intake.new_id("Task"), whos[0] if whos else None
    at, modified = stamp(activity.at), stamp(activity.modified_at)
    is_call = activity.channel is Channel.CALL
    subject, subtype, kind = KINDS[activity.channel]
    is_bulk = activity.is_bulk and activity.channel is Channel.EMAIL
    intake.put(
        "Task",
        modified,
        *(row_id, owner, first, len(whos), 0, intake.account_of(first)),
        *(subject, BULK if is_bulk else subtype, kind),
        "Completed" if activity.happened else "Not Started",
        activity.happened,
        "Normal",
        at[:10],
        at if activity.happened else None,
        int(activity.duration_s) if is_call else None,
        _call_type(intake, activity) if is_call else None,
        activity.is_deleted,
    )
    for who in whos:
        link = (row_id, who, intake.account_of(who))
        intake.put("TaskRelation", modified, intake.new_id("TaskRelation"), *link)
    if activity.happened and not activity.is_deleted:
        intake.note_last(whos, at[:10])
    return row_id


def _email(intake: Intake, activity: Activity, task_id: ExternalId) -> ExternalId:
    """Make the EmailMessage of a task, with everybody on it, known to the org or not."""
    row_id = intake.new_id("EmailMessage")
    modified, gone = stamp(activity.modified_at), activity.is_deleted
    known = [(party, intake.who(party)) for party in activity.participants]
    people = [(party.role, who, party.address or intake.address(who)) for party, who in known]
    sender = next(((who, address) for role, who, address in people if role is Role.FROM), None)
    who, address = sender or (None, None)
    lines = [_line(people, role) for role in (Role.TO, Role.CC, Role.BCC)]
    is_incoming = sender is not None and not (who or "").startswith(USER)
    state = (_SENT, stamp(activity.at), activity.thread, not activity.happened, gone)
    row = (row_id, task_id, who, address, *lines, "Email", is_incoming, *state)
    intake.put("EmailMessage", modified, *row)
    for role, who, address in people:
        link = (row_id, who, RELATION_TYPES[role], address, PEOPLE.get((who or "")[:3]), gone)
        relation = intake.new_id("EmailMessageRelation")
        intake.put("EmailMessageRelation", modified, relation, *link)
    return row_id


def _line(people: Sequence[tuple[Role, ExternalId | None, str | None]], role: Role) -> str | None:
    found = [address for their, _, address in people if their is role and address]
    return "; ".join(found) or None


def _event(intake: Intake, activity: Activity) -> ExternalId:
    owner, colleagues, whos = _parties(intake, activity)
    row_id = intake.new_id("Event")
    modified = stamp(activity.modified_at)
    end = stamp(activity.at + timedelta(seconds=activity.duration_s))
    begin = stamp(activity.at)
    times = ("Meeting", begin, begin, end, begin[:10], end[:10])
    minutes = int(activity.duration_s // 60)
    is_group = len(colleagues) + len(whos) > 1 or not activity.happened
    ends = (minutes, is_group, "1" if is_group else "0")
    first = whos[0] if whos else None
    about = (first, len(whos), 0, intake.account_of(first), "Event", "Busy")
    is_deleted = activity.is_deleted
    intake.put("Event", modified, row_id, owner, *about, *times, *ends, 0, is_deleted)
    for person in (*whos, *colleagues):
        is_parent = person in whos
        # Whom a meeting is about need not be asked, but only who is asked can decline.
        is_invitee = person != first or not activity.happened
        status = ("Accepted" if is_invitee else "New") if activity.happened else "Declined"
        link = (row_id, person, intake.account_of(person), status, is_parent, is_invitee)
        intake.put("EventRelation", modified, intake.new_id("EventRelation"), *link)
    for person in colleagues:
        copy_id = intake.new_id("Event")
        copy = (copy_id, person, *about, *times, *ends, 1, is_deleted)
        intake.put("Event", modified, *copy)
        intake.put("event_copy", modified, copy_id, row_id)
    if not is_deleted:
        intake.note_last(whos, begin[:10])
    return row_id


def _parties(
    intake: Intake, activity: Activity
) -> tuple[ExternalId, tuple[ExternalId, ...], tuple[ExternalId, ...]]:
    """Give the owner, the other colleagues, and the contacts and leads, each once."""
    senders = sorted(activity.participants, key=lambda party: party.role is not Role.FROM)
    people = list(dict.fromkeys(filter(None, map(intake.who, senders))))
    colleagues = [person for person in people if person.startswith(USER)]
    owner = colleagues[0] if colleagues else ExternalId(USER_ID)
    outside = (person for person in people if person not in colleagues)
    return owner, tuple(colleagues[1:]), tuple(outside)


def _call_type(intake: Intake, activity: Activity) -> str | None:
    callers: list[Participant] = [p for p in activity.participants if p.role is Role.FROM]
    if not callers:
        return None
    who = intake.who(callers[0]) or ""
    return "Outbound" if who.startswith(USER) else "Inbound"


def _whos_by_task(whos: tuple[ExternalId, ...]) -> Iterator[tuple[ExternalId, ...]]:
    """Share people out to tasks: up to 50 contacts each, or one lead; at least one task."""
    contacts = iter([who for who in whos if who.startswith(CONTACT)])
    leads = [who for who in whos if not who.startswith(CONTACT)]
    parts = [tuple(islice(contacts, MOST_WHOS)) for _ in range(0, len(whos), MOST_WHOS)]
    yield from [*filter(None, parts), *((lead,) for lead in leads)] or [()]
