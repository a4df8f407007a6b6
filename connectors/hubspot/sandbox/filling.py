"""Records put into a portal, as HubSpot would hold them had its users made them."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from connectors._records import (
    Account,
    Activity,
    Channel,
    Deal,
    ExternalId,
    Participant,
    Person,
    PersonKind,
    Record,
    Role,
)
from connectors._sandbox import Sandbox
from connectors.hubspot.sandbox import facts, state
from connectors.hubspot.sandbox.levers import split

TYPES = {
    Channel.EMAIL: facts.EMAIL,
    Channel.MEETING: facts.MEETING,
    Channel.CALL: facts.CALL,
}
BOXES = {Role.FROM: "from", Role.TO: "to", Role.CC: "cc", Role.BCC: "bcc", Role.PARTY: "to"}
OWNER = "owner"


def fill(sandbox: Sandbox, records: Iterable[Record]) -> Mapping[ExternalId, ExternalId]:
    """Put records into the portal; see `SandboxModule`.

    A lead becomes a contact. Somebody who is neither owner nor contact is in an email by address
    only, and in a meeting or call not at all. A record filled earlier may be named by the id its
    connector gives it.
    """
    state.prepare(sandbox)
    filling = _Filling(sandbox)
    sandbox.db.execute("BEGIN")
    try:
        for record in records:
            filling.put(record)
    except BaseException:
        sandbox.db.execute("ROLLBACK")
        raise
    sandbox.db.execute("COMMIT")
    return filling.ids


class _Filling:
    """One run of `fill`: what has got which id, and who has which address."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.ids: dict[ExternalId, ExternalId] = {}
        self._db = sandbox.db
        self._addresses: dict[ExternalId, str] = {}
        self._next: dict[str, int] = {}

    def put(self, record: Record) -> None:
        if isinstance(record, Account):
            values = {"name": record.name, "domain": record.domain}
            self._put(record, facts.COMPANY, values)
        elif isinstance(record, Activity):
            self._put_activity(record)
        elif isinstance(record, Deal):
            raise NotImplementedError("deals")
        elif record.kind is PersonKind.COLLEAGUE:
            self._put_owner(record)
        else:
            self._put_contact(record)

    def _put(
        self, record: Record, type_id: str, values: Mapping[str, str | None]
    ) -> tuple[str, int]:
        number = self._number(type_id)
        kept = {name: value for name, value in values.items() if value}
        modified = state.to_ms(record.modified_at)
        state.put_object(self._db, type_id, number, kept, modified)
        if record.is_deleted:
            self._db.execute(
                "UPDATE objects SET archived = 1 WHERE type = ? AND id = ?", (type_id, number)
            )
        self.ids[record.id] = ExternalId(f"{type_id}:{number}")
        return type_id, number

    def _put_contact(self, person: Person) -> None:
        first, _, last = person.name.partition(" ")
        company = self._known(person.account_id)
        values = {
            "firstname": first,
            "lastname": last,
            "email": person.addresses[0] if person.addresses else None,
            "hs_additional_emails": ";".join(person.addresses[1:]),
            "jobtitle": person.title,
            "associatedcompanyid": str(company[1]) if company else None,
        }
        contact = self._put(person, facts.CONTACT, values)
        if person.addresses:
            self._addresses[self.ids[person.id]] = person.addresses[0]
        if company:
            state.link(self._db, contact, company, primary=True)

    def _put_owner(self, person: Person) -> None:
        number = self._number(OWNER)
        first, _, last = person.name.partition(" ")
        address = person.addresses[0] if person.addresses else ""
        self._db.execute(
            "INSERT INTO owners VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                address,
                first,
                last,
                person.department,
                state.to_ms(person.modified_at),
                int(not person.is_active or person.is_deleted),
            ),
        )
        self.ids[person.id] = ExternalId(f"{OWNER}:{number}")
        if address:
            self._addresses[self.ids[person.id]] = address

    def _put_activity(self, activity: Activity) -> None:
        values = {
            Channel.EMAIL: self._email,
            Channel.MEETING: self._meeting,
            Channel.CALL: self._call,
        }[activity.channel](activity)
        at = {"hs_timestamp": state.iso(state.to_ms(activity.at))}
        row = self._put(activity, TYPES[activity.channel], at | values)
        for participant in activity.participants:
            contact = self._known(participant.person_id)
            if contact and contact[0] == facts.CONTACT:
                state.link(self._db, row, contact)

    def _email(self, activity: Activity) -> dict[str, str | None]:
        """Give an email's properties; who sent it tells its direction."""
        senders = [p for p in activity.participants if p.role is Role.FROM]
        is_ours = not senders or any(self._owner(p) for p in senders)
        values: dict[str, str | None] = {
            "hs_email_direction": "EMAIL" if is_ours else "INCOMING_EMAIL",
            "hs_email_status": "SENT" if activity.happened else "BOUNCED",
            "hubspot_owner_id": self._first_owner(activity),
        }
        for box in dict.fromkeys(BOXES.values()):
            inside = [p for p in activity.participants if BOXES[p.role] == box]
            values[f"hs_email_{box}_email"] = _joined(inside, self._address)
            values[f"hs_owner_ids_{box}"] = _joined(inside, self._owner)
        return values

    def _meeting(self, activity: Activity) -> dict[str, str | None]:
        begin = state.to_ms(activity.at)
        end = state.to_ms(activity.at + timedelta(seconds=activity.duration_s))
        return {
            "hs_meeting_start_time": state.iso(begin),
            "hs_meeting_end_time": state.iso(end),
            "hs_meeting_outcome": "COMPLETED" if activity.happened else "CANCELED",
            "hubspot_owner_id": self._first_owner(activity),
            "hs_attendee_owner_ids": _joined(activity.participants, self._owner),
        }

    def _call(self, activity: Activity) -> dict[str, str | None]:
        """Give a call's properties; it has one owner, and a direction if the record has one."""
        sides = {p.role for p in activity.participants if self._owner(p)}
        directions = {Role.FROM: "OUTBOUND", Role.TO: "INBOUND"}
        return {
            "hs_call_direction": next((directions[r] for r in sides if r in directions), None),
            "hs_call_duration": str(round(activity.duration_s * 1000)),
            "hs_call_status": "COMPLETED" if activity.happened else "NO_ANSWER",
            "hubspot_owner_id": self._first_owner(activity),
        }

    def _first_owner(self, activity: Activity) -> str | None:
        """Give whose activity it is: the sender's or host's, else that of any colleague."""
        owners = [(p.role is not Role.FROM, self._owner(p)) for p in activity.participants]
        return next((owner for _, owner in sorted(owners, key=lambda o: o[0]) if owner), None)

    def _owner(self, participant: Participant) -> str | None:
        known = self._known(participant.person_id)
        return str(known[1]) if known and known[0] == OWNER else None

    def _address(self, participant: Participant) -> str | None:
        if participant.address or participant.person_id is None:
            return participant.address
        known = self.ids.get(participant.person_id, participant.person_id)
        return self._addresses.get(known) or self._address_in_state(known)

    def _address_in_state(self, known: ExternalId) -> str | None:
        type_id, number = split(known)
        if type_id == OWNER:
            query, key = "SELECT email FROM owners WHERE id = ?", (number,)
            row = self._db.execute(query, key).fetchone()
            return str(row[0]) if row and row[0] else None
        row = self._db.execute(
            "SELECT properties FROM objects WHERE type = ? AND id = ?", (type_id, number)
        ).fetchone()
        return json.loads(row[0]).get("email") if row else None

    def _known(self, given: ExternalId | None) -> tuple[str, int] | None:
        return split(self.ids.get(given, given)) if given is not None else None

    def _number(self, type_id: str) -> int:
        """Give the next free id of a type."""
        if type_id not in self._next and type_id == OWNER:
            found = self._db.execute("SELECT max(id) FROM owners").fetchone()[0]
            self._next[type_id] = (found or 100) + 1
        elif type_id not in self._next:
            self._next[type_id] = state.next_id(self._db, type_id)
        self._next[type_id] += 1
        return self._next[type_id] - 1


def _joined(
    people: Iterable[Participant], value: Callable[[Participant], str | None]
) -> str | None:
    return ";".join(found for p in people if (found := value(p))) or None
