"""Neutral records made into Salesforce's rows, as its users would have made them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import islice

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
from connectors.salesforce.sandbox.ids import is_id
from connectors.salesforce.sandbox.org import STAMPS, USER_ID, Org, stamp

MOST_WHOS = 50
"""Contacts that one task can be related to."""

_FLUSH = 5000

_COLUMNS = {
    name: tuple(columns.split())
    for name, columns in {
        "Account": "Id Name Website IsDeleted MasterRecordId",
        "User": "Id Name FirstName LastName Email Username Title Department IsActive UserType",
        "Contact": "Id Name FirstName LastName Email Title Department AccountId OwnerId "
        "IsDeleted MasterRecordId",
        "Lead": "Id Name FirstName LastName Email Title Company Status OwnerId IsDeleted "
        "MasterRecordId IsConverted ConvertedContactId",
        "Task": "Id OwnerId WhoId WhoCount Subject TaskSubtype Status IsClosed ActivityDate "
        "CompletedDateTime CallDurationInSeconds CallType IsDeleted",
        "TaskRelation": "Id TaskId RelationId",
        "Event": "Id OwnerId WhoId WhoCount Subject StartDateTime EndDateTime ActivityDate "
        "DurationInMinutes IsGroupEvent GroupEventType IsChild IsDeleted",
        "EventRelation": "Id EventId RelationId Status IsParent IsInvitee",
    }.items()
}
_PREFIXES = {
    "Account": "001",
    "User": "005",
    "Contact": "003",
    "Lead": "00Q",
    "Task": "00T",
    "TaskRelation": "0RT",
    "Event": "00U",
    "EventRelation": "0RE",
}

_Name = tuple[str, str | None, str, str | None]
"""Full, first and last name, and the address."""


def fill(sandbox: Sandbox, records: Iterable[Record]) -> Mapping[ExternalId, ExternalId]:
    """Put records into the org in one transaction; see `SandboxModule.fill`."""
    filling = _Filling(Org(sandbox))
    sandbox.db.execute("BEGIN")
    is_done = False
    try:
        for record in records:
            filling.add(record)
        filling.finish()
        is_done = True
    finally:
        sandbox.db.execute("COMMIT" if is_done else "ROLLBACK")
    return {given: filling.ids[given] for given in filling.added}


class _Filling:
    def __init__(self, org: Org) -> None:
        self.ids: dict[ExternalId, ExternalId] = {}
        self.added: list[ExternalId] = []
        self._org = org
        self._addresses: dict[str, ExternalId] = {}
        self._fresh = {name: org.new_ids(prefix) for name, prefix in _PREFIXES.items()}
        self._taken = dict.fromkeys(_PREFIXES, 0)
        self._rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in _COLUMNS}

    def add(self, record: Record) -> None:
        if isinstance(record, Account):
            added = self._account(record)
        elif isinstance(record, Person):
            added = self._person(record)
            self._addresses |= dict.fromkeys(record.addresses, added)
        elif isinstance(record, Deal):
            raise NotImplementedError("deals")
        elif record.channel is Channel.MEETING:
            added = self._event(record)
        else:
            added = self._tasks(record)
        self.ids[record.id] = added
        self.added.append(record.id)

    def finish(self) -> None:
        for name, taken in self._taken.items():
            self._flush(name)
            self._org.keep_ids(_PREFIXES[name], taken)

    def _put(self, name: str, modified: str, *values: object) -> None:
        rows = self._rows[name]
        rows.append((*values, modified, USER_ID, modified, modified, USER_ID))
        if len(rows) >= _FLUSH:
            self._flush(name)

    def _flush(self, name: str) -> None:
        columns = _COLUMNS[name] + STAMPS
        self._org.insert(name, columns, self._rows[name])
        self._rows[name].clear()

    def _id(self, name: str) -> ExternalId:
        self._taken[name] += 1
        return ExternalId(next(self._fresh[name]))

    def _account(self, account: Account) -> ExternalId:
        row_id = self._id("Account")
        site = f"https://www.{account.domain}" if account.domain else None
        master = self._known(account.merged_into)
        is_deleted = account.is_deleted
        modified = stamp(account.modified_at)
        self._put("Account", modified, row_id, account.name, site, is_deleted, master)
        return row_id

    def _person(self, person: Person) -> ExternalId:
        put = {
            PersonKind.COLLEAGUE: self._user,
            PersonKind.CONTACT: self._contact,
            PersonKind.LEAD: self._lead,
        }
        first, _, last = person.name.rpartition(" ")
        email = person.addresses[0] if person.addresses else None
        return put[person.kind](person, (person.name, first or None, last or person.name, email))

    def _user(self, person: Person, name: _Name) -> ExternalId:
        row_id = self._id("User")
        role = (person.title, person.department, person.is_active, "Standard")
        self._put("User", stamp(person.modified_at), row_id, *name, name[-1] or row_id, *role)
        return row_id

    def _contact(self, person: Person, name: _Name) -> ExternalId:
        row_id = self._id("Contact")
        role = (person.title, person.department, self._known(person.account_id))
        state = (USER_ID, person.is_deleted, self._known(person.merged_into))
        self._put("Contact", stamp(person.modified_at), row_id, *name, *role, *state)
        return row_id

    def _lead(self, person: Person, name: _Name) -> ExternalId:
        row_id = self._id("Lead")
        heir = self._known(person.merged_into)
        is_converted = heir is not None and heir.startswith(_PREFIXES["Contact"])
        ends = (None, True, heir) if is_converted else (heir, False, None)
        state = (USER_ID, person.is_deleted and not is_converted, *ends)
        role = (person.title, "Unknown", "Open - Not Contacted")
        self._put("Lead", stamp(person.modified_at), row_id, *name, *role, *state)
        return row_id

    def _tasks(self, activity: Activity) -> ExternalId:
        """Log an email or call, as several tasks where one cannot hold all its people."""
        owner, colleagues, whos = self._parties(activity)
        del colleagues  # a task has one owner and no other colleague
        tasks = [self._task(activity, owner, part) for part in _whos_by_task(whos)]
        return tasks[0]

    def _task(
        self, activity: Activity, owner: ExternalId, whos: tuple[ExternalId, ...]
    ) -> ExternalId:
        row_id = self._id("Task")
        at, modified = stamp(activity.at), stamp(activity.modified_at)
        is_call = activity.channel is Channel.CALL
        self._put(
            "Task",
            modified,
            *(row_id, owner, whos[0] if whos else None, len(whos)),
            *(("Call", "Call") if is_call else ("Email", "Email")),
            "Completed" if activity.happened else "Not Started",
            activity.happened,
            at[:10],
            at if activity.happened else None,
            int(activity.duration_s) if is_call else None,
            self._call_type(activity) if is_call else None,
            activity.is_deleted,
        )
        for who in whos:
            self._put("TaskRelation", modified, self._id("TaskRelation"), row_id, who)
        return row_id

    def _event(self, activity: Activity) -> ExternalId:
        owner, colleagues, whos = self._parties(activity)
        row_id = self._id("Event")
        modified = stamp(activity.modified_at)
        end = stamp(activity.at + timedelta(seconds=activity.duration_s))
        times = ("Meeting", stamp(activity.at), end, stamp(activity.at)[:10])
        minutes = int(activity.duration_s // 60)
        is_group = len(colleagues) + len(whos) > 1
        ends = (minutes, is_group, "1" if is_group else "0")
        first = whos[0] if whos else None
        is_deleted = activity.is_deleted
        self._put("Event", modified, row_id, owner, first, len(whos), *times, *ends, 0, is_deleted)
        status = "Accepted" if activity.happened else "Declined"
        for person in (*whos, *colleagues):
            is_parent = person in whos
            link = (row_id, person, status, is_parent, not is_parent or person != first)
            self._put("EventRelation", modified, self._id("EventRelation"), *link)
        for person in colleagues:
            copy = (self._id("Event"), person, first, len(whos), *times, *ends, 1, is_deleted)
            self._put("Event", modified, *copy)
        return row_id

    def _parties(
        self, activity: Activity
    ) -> tuple[ExternalId, tuple[ExternalId, ...], tuple[ExternalId, ...]]:
        """Give the owner, the other colleagues, and the contacts and leads, each once."""
        senders = sorted(activity.participants, key=lambda party: party.role is not Role.FROM)
        people = list(dict.fromkeys(filter(None, map(self._who, senders))))
        colleagues = [person for person in people if person.startswith(_PREFIXES["User"])]
        owner = colleagues[0] if colleagues else ExternalId(USER_ID)
        outside = (person for person in people if person not in colleagues)
        return owner, tuple(colleagues[1:]), tuple(outside)

    def _who(self, party: Participant) -> ExternalId | None:
        if party.person_id is not None:
            return self._known(party.person_id)
        return self._addresses.get(party.address or "")

    def _call_type(self, activity: Activity) -> str | None:
        callers = [party for party in activity.participants if party.role is Role.FROM]
        if not callers:
            return None
        who = self._who(callers[0]) or ""
        return "Outbound" if who.startswith(_PREFIXES["User"]) else "Inbound"

    def _known(self, record_id: ExternalId | None) -> ExternalId | None:
        """Give the org's id of a record put in now, or of one that was there and is named by it."""
        if record_id is None:
            return None
        if record_id not in self.ids and self._is_there(record_id):
            self.ids[record_id] = record_id
        return self.ids.get(record_id)

    def _is_there(self, record_id: ExternalId) -> bool:
        name = next((n for n, prefix in _PREFIXES.items() if record_id.startswith(prefix)), None)
        if name is None or not is_id(record_id):
            return False
        found = self._org.db.execute(
            f'SELECT 1 FROM "{name}" WHERE "Id" = ?',  # noqa: S608 one of our names
            (record_id,),
        )
        return found.fetchone() is not None


def _whos_by_task(whos: tuple[ExternalId, ...]) -> Iterator[tuple[ExternalId, ...]]:
    """Share people out to tasks: up to 50 contacts each, or one lead; at least one task."""
    contacts = iter([who for who in whos if who.startswith(_PREFIXES["Contact"])])
    leads = [who for who in whos if not who.startswith(_PREFIXES["Contact"])]
    parts = [tuple(islice(contacts, MOST_WHOS)) for _ in range(0, len(whos), MOST_WHOS)]
    yield from [*filter(None, parts), *((lead,) for lead in leads)] or [()]
