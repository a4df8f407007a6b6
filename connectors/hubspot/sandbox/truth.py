"""What the portal really holds, as neutral records: read from its tables, past its API."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime

from connectors._records import (
    Account,
    Activity,
    Channel,
    ExternalId,
    Participant,
    Person,
    PersonKind,
    Record,
    Role,
)
from connectors._sandbox import Sandbox
from connectors.hubspot.sandbox import deals, facts, state
from connectors.hubspot.sandbox.engagements import MESSENGERS

_BOXES = {"from": Role.FROM, "to": Role.TO, "cc": Role.CC, "bcc": Role.BCC}
_SIDES = {"OUTBOUND": (Role.FROM, Role.TO), "INBOUND": (Role.TO, Role.FROM)}
_MESSENGERS = {name: channel for channel, name in MESSENGERS.items()}
_PARTIES = (Role.PARTY, Role.PARTY)
_HELD_NO_MEETING = {"CANCELED", "NO_SHOW", "RESCHEDULED"}

_ASSOCIATED = (
    "SELECT DISTINCT to_id, properties FROM links JOIN objects ON type = to_type AND id = to_id "
    "WHERE from_type = ? AND from_id = ? AND to_type = ? AND archived = 0 ORDER BY to_id"
)
_OWNERS = "SELECT id, email, first_name, last_name, team, modified, archived FROM owners"

_Values = dict[str, str]


def records(sandbox: Sandbox) -> Iterator[Record]:
    """Give everything that is not archived; see `SandboxModule.records`."""
    state.prepare(sandbox)
    db = sandbox.db
    for row_id, values, modified in _objects(db, facts.COMPANY):
        yield Account(
            _id(facts.COMPANY, row_id),
            values.get("name", ""),
            values.get("domain"),
            industry=values.get("industry"),
            modified_at=state.moment(modified),
        )
    owners: dict[str, str] = {}
    for row_id, email, first, last, team, modified, archived in db.execute(_OWNERS):
        owners[str(row_id)] = email
        yield Person(
            _id("owner", row_id),
            PersonKind.COLLEAGUE,
            _joined(first, last),
            (email,) if email else (),
            department=team,
            is_active=not archived,
            modified_at=state.moment(modified),
        )
    for row_id, values, modified in _objects(db, facts.CONTACT):
        yield _contact(row_id, values, modified)
    yield from deals.read(db)
    for row_id, values, modified in _objects(db, facts.EMAIL):
        yield _email(row_id, values, modified, _Present(db, facts.EMAIL, row_id, owners))
    for type_id, channel in ((facts.MEETING, Channel.MEETING), (facts.CALL, Channel.CALL)):
        for row_id, values, modified in _objects(db, type_id):
            present = _Present(db, type_id, row_id, owners)
            yield _talk(channel, row_id, values, modified, present)
    for row_id, values, modified in _objects(db, facts.COMMUNICATION):
        channel = _MESSENGERS.get(values.get("hs_communication_channel_type", ""), Channel.CHAT)
        present = _Present(db, facts.COMMUNICATION, row_id, owners)
        yield _talk(channel, row_id, values, modified, present)


class _Present:
    """The contacts associated with an activity, with all their addresses, and the owners'."""

    def __init__(
        self, db: sqlite3.Connection, type_id: str, row_id: int, owners: dict[str, str]
    ) -> None:
        rows = db.execute(_ASSOCIATED, (type_id, row_id, facts.CONTACT)).fetchall()
        self.type_id = type_id
        self.contacts = {number: _addresses(json.loads(values)) for number, values in rows}
        self.owners = owners


def _contact(row_id: int, values: _Values, modified: int) -> Person:
    company = values.get("associatedcompanyid")
    return Person(
        _id(facts.CONTACT, row_id),
        PersonKind.CONTACT,
        _joined(values.get("firstname"), values.get("lastname")),
        _addresses(values),
        values.get("jobtitle"),
        account_id=_id(facts.COMPANY, int(float(company))) if company else None,
        modified_at=state.moment(modified),
    )


def _email(row_id: int, values: _Values, modified: int, present: _Present) -> Activity:
    people = tuple(
        one for box, role in _BOXES.items() for one in _in_box(box, role, values, present)
    )
    return Activity(
        _id(facts.EMAIL, row_id),
        Channel.EMAIL,
        datetime.fromisoformat(values["hs_timestamp"]),
        people,
        recipients=max(1, sum(1 for one in people if one.role is not Role.FROM)),
        happened=values.get("hs_email_status") not in {"BOUNCED", "FAILED"},
        thread=values.get("hs_email_thread_id"),
        is_bulk="hs_sequence_id" in values,
        modified_at=state.moment(modified),
    )


def _in_box(box: str, role: Role, values: _Values, present: _Present) -> Iterator[Participant]:
    """Give who stands in a box: owners and associated contacts by record, others by address."""
    owners = {present.owners.get(n, ""): n for n in _split(values.get(f"hs_owner_ids_{box}"))}
    contacts = {address: number for number, held in present.contacts.items() for address in held}
    for address in _split(values.get(f"hs_email_{box}_email")):
        if address in owners:
            yield Participant(role, _id("owner", int(owners[address])))
        elif address in contacts:
            yield Participant(role, _id(facts.CONTACT, contacts[address]))
        else:
            yield Participant(role, address=address)


def _talk(
    channel: Channel, row_id: int, values: _Values, modified: int, present: _Present
) -> Activity:
    owner = values.get("hubspot_owner_id")
    owners = dict.fromkeys([*_split(owner), *_split(values.get("hs_attendee_owner_ids"))])
    ours, theirs = _SIDES.get(values.get("hs_call_direction", ""), _PARTIES)
    people = (
        *(Participant(ours, _id("owner", int(number))) for number in owners),
        *(Participant(theirs, _id(facts.CONTACT, number)) for number in present.contacts),
    )
    return Activity(
        _id(present.type_id, row_id),
        channel,
        datetime.fromisoformat(values["hs_timestamp"]),
        people,
        recipients=max(1, len(people) - 1),
        duration_s=_duration_s(values),
        happened=values.get("hs_meeting_outcome") not in _HELD_NO_MEETING
        and values.get("hs_call_status", "COMPLETED") == "COMPLETED",
        thread=values.get("hs_communication_conversations_thread_id"),
        modified_at=state.moment(modified),
    )


def _addresses(values: _Values) -> tuple[str, ...]:
    """Give the addresses of a contact, the main one first: a merge leaves the others to it."""
    return (*_split(values.get("email")), *_split(values.get("hs_additional_emails")))


def _duration_s(values: _Values) -> float:
    begin, end = values.get("hs_meeting_start_time"), values.get("hs_meeting_end_time")
    if begin and end:
        return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
    return float(values.get("hs_call_duration") or 0) / 1000


def _objects(db: sqlite3.Connection, type_id: str) -> Iterator[tuple[int, _Values, int]]:
    for row_id, values, _, modified in state.unarchived(db, type_id):
        yield row_id, values, modified


def _split(text: str | None) -> list[str]:
    return [part for part in (text or "").split(";") if part]


def _joined(*names: str | None) -> str:
    return " ".join(filter(None, names))


def _id(type_id: str, number: int) -> ExternalId:
    return ExternalId(f"{type_id}:{number}")
