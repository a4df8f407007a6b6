"""Records put into a portal, as HubSpot would hold them had its users made them."""

import json
from collections.abc import Iterable, Mapping

from connectors._records import Account, Activity, Deal, ExternalId, Person, PersonKind, Record
from connectors._sandbox import Sandbox
from connectors.hubspot.sandbox import changes, engagements, events, facts, state
from connectors.hubspot.sandbox.deals import Deals
from connectors.hubspot.sandbox.register import OWNER, Key, Register

LEAD_STAGE = {"hs_pipeline": "lead-pipeline-id", "hs_pipeline_stage": "new-stage-id"}


def fill(sandbox: Sandbox, records: Iterable[Record]) -> Mapping[ExternalId, ExternalId]:
    """Put records into the portal; see `SandboxModule`.

    A lead becomes a contact, to which an object of type lead belongs: HubSpot has no leads without.
    Somebody who is neither owner nor contact is in an email by address only, and in a meeting, call
    or message not at all. A record filled earlier may be named by the id its connector gives it.
    """
    state.prepare(sandbox)
    filling = _Filling(sandbox)
    with changes.together(sandbox.db):
        for record in records:
            filling.put(record)
    return filling.register.ids


class _Filling:
    """One run of `fill`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.register = Register(sandbox.db)
        self._db = sandbox.db
        self._deals = Deals(sandbox.db, self.register)
        self._now_ms = state.to_ms(sandbox.clock.now())
        found = sandbox.db.execute("SELECT 1 FROM subscriptions WHERE active = 1").fetchone()
        self._is_heard = found is not None

    def put(self, record: Record) -> None:
        match record:
            case Account():
                values = {
                    "name": record.name,
                    "domain": record.domain,
                    "industry": record.industry,
                }
                self._put(record, facts.COMPANY, values)
            case Activity():
                self._put_activity(record)
            case Deal():
                _, number = self._put(record, facts.DEAL, self._deals.properties(record))
                self._deals.attach(record, number)
            case Person(kind=PersonKind.COLLEAGUE):
                self._put_owner(record)
            case Person():
                self._put_contact(record)

    def _put(self, record: Record, type_id: str, values: Mapping[str, str | None]) -> Key:
        number = self.register.number(type_id)
        kept = {name: value for name, value in values.items() if value}
        created = state.to_ms(record.created_at) if isinstance(record, Deal) else None
        state.put_object(self._db, type_id, number, kept, state.to_ms(record.modified_at), created)
        self.register.note(record.id, (type_id, number))
        if self._is_heard:
            events.tell(self._db, "creation", type_id, number, events.PERSON, self._now_ms)
        if not isinstance(record, Activity) and record.merged_into is not None:
            self._merge(record.merged_into, (type_id, number), state.to_ms(record.modified_at))
        elif record.is_deleted:
            self._db.execute(
                "UPDATE objects SET archived = 1 WHERE type = ? AND id = ?", (type_id, number)
            )
        return type_id, number

    def _merge(self, into: ExternalId, absorbed: Key, at: int) -> None:
        """Let another object, which kept its id, have absorbed one: it lists it, and its time."""
        survivor = self.register.number_of(into, absorbed[0])
        self._db.execute(
            "UPDATE objects SET archived = 1, merged_into = ? WHERE type = ? AND id = ?",
            (survivor, *absorbed),
        )
        row = state.find(self._db, absorbed[0], survivor or "")
        if row is not None:
            values: dict[str, str] = json.loads(row[1])
            listed = [values.get("hs_merged_object_ids"), str(absorbed[1])]
            values["hs_merged_object_ids"] = ";".join(filter(None, listed))
            if absorbed[0] == facts.CONTACT:
                times = [values.get("hs_calculated_merged_vids"), f"{absorbed[1]}:{at}"]
                values["hs_calculated_merged_vids"] = ";".join(filter(None, times))
            self._db.execute(
                "UPDATE objects SET properties = ? WHERE type = ? AND id = ?",
                (json.dumps(values), absorbed[0], row[0]),
            )

    def _put_contact(self, person: Person) -> None:
        first, _, last = person.name.partition(" ")
        company = self.register.number_of(person.account_id, facts.COMPANY)
        values = {
            "firstname": first,
            "lastname": last,
            "email": person.addresses[0] if person.addresses else None,
            "hs_additional_emails": ";".join(person.addresses[1:]),
            "jobtitle": person.title,
            "associatedcompanyid": company,
            "lifecyclestage": "lead" if person.kind is PersonKind.LEAD else None,
        }
        contact = self._put(person, facts.CONTACT, values)
        self.register.note(person.id, contact, next(iter(person.addresses), None))
        if company:
            state.link(self._db, contact, (facts.COMPANY, int(company)), primary=True)
        if person.kind is PersonKind.LEAD and not person.is_deleted:
            self._put_lead(person, contact)

    def _put_lead(self, person: Person, contact: Key) -> None:
        lead = facts.LEAD, self.register.number(facts.LEAD)
        values = {"hs_lead_name": person.name} | LEAD_STAGE
        state.put_object(self._db, *lead, values, state.to_ms(person.modified_at))
        state.link(self._db, lead, contact, primary=True)

    def _put_owner(self, person: Person) -> None:
        number = self.register.number(OWNER)
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
        self.register.note(person.id, (OWNER, number), address)

    def _put_activity(self, activity: Activity) -> None:
        type_id = engagements.TYPES[activity.channel]
        row = self._put(activity, type_id, engagements.properties(activity, self.register))
        for participant in activity.participants:
            contact = self.register.known(participant.person_id)
            if contact and contact[0] == facts.CONTACT:
                state.link(self._db, row, contact)
