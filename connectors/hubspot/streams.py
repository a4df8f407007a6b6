"""Where each stream comes from: an object type, what is asked of it, and how a row is read.

What is asked for never holds a subject, a body or a note.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connectors._records import Activity, Record, Stream
from connectors.hubspot import activities, deals, emails, mapping
from connectors.hubspot.associations import Links
from connectors.hubspot.deals import Stages
from connectors.hubspot.rows import Raw

Filter = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a stream comes from.

    Attributes:
        to_records: Reads a row, and what it is associated with of the types `linked`.
        extra: Properties that a portal may lack without anything missing.
        filters: Which objects of the type are meant.
    """

    type_id: str
    properties: tuple[str, ...]
    to_records: Callable[[Raw, Links], Iterable[Record]]
    linked: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()


def source_of(stream: Stream, stages: Stages) -> Source:
    """Tell where a stream comes from; a portal's deals have a property for each of its stages."""
    if stream is not Stream.DEALS:
        return SOURCES[stream]
    return Source(
        mapping.DEAL,
        deals.DEAL_PROPERTIES,
        partial(deals.to_deal, stages=stages),
        linked=(mapping.CONTACT, mapping.COMPANY),
        extra=stages.properties(),
    )


def _alone(to_records: Callable[[Raw], Iterable[Record]], raw: Raw, _: Links) -> Iterable[Record]:
    return to_records(raw)


def _with_contacts(
    to_activity: Callable[[Raw, Sequence[str]], Activity], raw: Raw, links: Links
) -> Iterable[Record]:
    yield to_activity(raw, [link.number for link in links.get(mapping.CONTACT, ())])


def _of_activities(
    type_id: str,
    properties: tuple[str, ...],
    to_activity: Callable[[Raw, Sequence[str]], Activity],
    filters: tuple[Filter, ...] = (),
) -> Source:
    read = partial(_with_contacts, to_activity)
    return Source(type_id, properties, read, linked=(mapping.CONTACT,), filters=filters)


_LINKEDIN = {
    "propertyName": "hs_task_type",
    "operator": "IN",
    "values": list(activities.LINKEDIN_TASKS),
}

SOURCES = {
    Stream.ACCOUNTS: Source(
        mapping.COMPANY, mapping.COMPANY_PROPERTIES, partial(_alone, mapping.to_account)
    ),
    Stream.CONTACTS: Source(
        mapping.CONTACT, mapping.CONTACT_PROPERTIES, partial(_alone, mapping.to_contact)
    ),
    Stream.DEALS: source_of(Stream.DEALS, Stages()),
    Stream.EMAILS: _of_activities(mapping.EMAIL, emails.EMAIL_PROPERTIES, emails.to_email),
    Stream.MEETINGS: _of_activities(
        mapping.MEETING, activities.MEETING_PROPERTIES, activities.to_meeting
    ),
    Stream.CALLS: _of_activities(mapping.CALL, activities.CALL_PROPERTIES, activities.to_call),
    Stream.MESSAGES: _of_activities(
        mapping.COMMUNICATION, activities.MESSAGE_PROPERTIES, activities.to_message
    ),
    Stream.TASKS: _of_activities(
        mapping.TASK, activities.TASK_PROPERTIES, activities.to_task, (_LINKEDIN,)
    ),
}
