"""Rows on their way into the org: fresh ids, many rows at a time, and who is who."""

from collections.abc import Iterable

from connectors._records import ExternalId, Participant
from connectors.salesforce.sandbox import mail
from connectors.salesforce.sandbox.ids import is_id
from connectors.salesforce.sandbox.org import STAMPS, USER_ID, Org

CONTACT, USER = "003", "005"

_FLUSH = 5000

_COLUMNS = {
    name: tuple(columns.split())
    for name, columns in {
        "Account": "Id Name Website Industry OwnerId IsDeleted MasterRecordId",
        "User": "Id Name FirstName LastName Email Username Title Department IsActive UserType",
        "Contact": "Id Name FirstName LastName Email Title Department AccountId OwnerId "
        "IsDeleted MasterRecordId",
        "Lead": "Id Name FirstName LastName Email Title Company Status OwnerId IsDeleted "
        "MasterRecordId IsConverted ConvertedContactId",
        "Task": "Id OwnerId WhoId WhoCount WhatCount AccountId Subject TaskSubtype Type "
        "Status IsClosed Priority ActivityDate CompletedDateTime CallDurationInSeconds "
        "CallType IsDeleted",
        "TaskRelation": "Id TaskId RelationId AccountId",
        "Event": "Id OwnerId WhoId WhoCount WhatCount AccountId EventSubtype ShowAs "
        "Subject StartDateTime ActivityDateTime EndDateTime ActivityDate EndDate "
        "DurationInMinutes IsGroupEvent GroupEventType IsChild IsDeleted",
        "EventRelation": "Id EventId RelationId AccountId Status IsParent IsInvitee",
        "EmailMessage": "Id ActivityId FromId FromAddress ToAddress CcAddress BccAddress Subject "
        "Incoming Status MessageDate ThreadIdentifier IsBounced IsDeleted",
        "EmailMessageRelation": "Id EmailMessageId RelationId RelationType RelationAddress "
        "RelationObjectType IsDeleted",
        "Opportunity": "Id AccountId Name StageName Amount CurrencyIsoCode Probability "
        "ExpectedRevenue CloseDate IsClosed IsWon ForecastCategory ForecastCategoryName OwnerId "
        "ContactId LastStageChangeDate FiscalQuarter FiscalYear IsDeleted",
        "OpportunityContactRole": "Id OpportunityId ContactId Role IsPrimary IsDeleted",
        "event_copy": "copy master",
        "OpportunityHistory": "Id OpportunityId StageName Amount CurrencyIsoCode CloseDate "
        "Probability ExpectedRevenue ForecastCategory IsDeleted",
    }.items()
}
_PREFIXES = {
    "Account": "001",
    "User": USER,
    "Contact": CONTACT,
    "Lead": "00Q",
    "Task": "00T",
    "TaskRelation": "0RT",
    "Event": "00U",
    "EventRelation": "0RE",
    "EmailMessage": "02s",
    "EmailMessageRelation": "0EM",
    "Opportunity": "006",
    "OpportunityContactRole": "00K",
    "OpportunityHistory": "008",
}
_STAMPS_OF = {
    "EmailMessageRelation": STAMPS[:3],
    "OpportunityHistory": STAMPS[:3],
    "event_copy": (),
}
"""The stamps of what does not carry all of them."""


class Intake:
    """What is being put into an org: rows are kept back until there are many of them.

    Attributes:
        ids: The org's id of each record put in, by the id it came with.
    """

    def __init__(self, org: Org) -> None:
        self.org = org
        self.ids: dict[ExternalId, ExternalId] = {}
        self._owners: dict[str, ExternalId] = {}
        self._addresses: dict[ExternalId, str] = {}
        self._accounts: dict[ExternalId, str | None] = {}
        self._last: dict[str, str] = {}
        self._fresh = {name: org.new_ids(prefix) for name, prefix in _PREFIXES.items()}
        self._taken = dict.fromkeys(_PREFIXES, 0)
        self._rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in _COLUMNS}

    def new_id(self, name: str) -> ExternalId:
        """Take a fresh id of an object."""
        self._taken[name] += 1
        return ExternalId(next(self._fresh[name]))

    def put(self, name: str, modified: str, *values: object, created: str | None = None) -> None:
        """Put in a row: values in the order of its columns, stamped as changed, and as made."""
        stamps = (created or modified, USER_ID, modified, modified, USER_ID)
        rows = self._rows[name]
        rows.append((*values, *stamps[: len(_STAMPS_OF.get(name, STAMPS))]))
        if len(rows) >= _FLUSH:
            self._flush(name)

    def finish(self) -> None:
        """Put in what was kept back; the ids are taken for good."""
        for name in _COLUMNS:
            self._flush(name)
        self._tell_last()
        for name, taken in self._taken.items():
            if taken:
                self.org.keep_ids(_PREFIXES[name], taken)

    def meet(self, person: ExternalId, addresses: tuple[str, ...]) -> None:
        """Remember whose these addresses are."""
        self._owners |= dict.fromkeys(addresses, person)
        if addresses:
            self._addresses[person] = addresses[0]

    def account_of(self, person: ExternalId | None) -> str | None:
        """Give the account of a contact, put in now or before; None for anybody else."""
        if person is None or not person.startswith(CONTACT):
            return None
        if person not in self._accounts:
            self._accounts[person] = (self.org.row("Contact", person) or {}).get("AccountId")
        return self._accounts[person]

    def place(self, contact: ExternalId, account: ExternalId | None) -> None:
        """Remember at which account a contact is."""
        self._accounts[contact] = account

    def note_last(self, people: Iterable[ExternalId], day: str) -> None:
        """Remember the day of an activity that is over, for those it was with."""
        for person in people:
            for parent in filter(None, (person, self.account_of(person))):
                self._last[parent] = max(day, self._last.get(parent, ""))

    def who(self, party: Participant) -> ExternalId | None:
        """Give the record of a participant, found by the address where none is named."""
        if party.person_id is not None:
            return self.known(party.person_id)
        return self._owners.get(party.address or "")

    def address(self, person: ExternalId | None) -> str | None:
        """Give the main address of a person, put in now or before."""
        if person is None:
            return None
        return self._addresses.get(person) or mail.email_of(self.org, person)

    def known(self, record_id: ExternalId | None) -> ExternalId | None:
        """Give the org's id of a record put in now, or of one that was there and is named by it."""
        if record_id is None:
            return None
        if record_id not in self.ids and self._is_there(record_id):
            self.ids[record_id] = record_id
        return self.ids.get(record_id)

    def _tell_last(self) -> None:
        """Put in the days of the last activities; nobody has changed those records by them."""
        for name in ("Account", "Contact", "Lead"):
            prefix = _PREFIXES[name]
            self.org.db.executemany(
                f'UPDATE "{name}" SET '  # noqa: S608 one of our names
                '"LastActivityDate" = max(?1, coalesce("LastActivityDate", ?1)) WHERE "Id" = ?2',
                [(day, parent) for parent, day in self._last.items() if parent.startswith(prefix)],
            )

    def _is_there(self, record_id: ExternalId) -> bool:
        name = next((n for n, prefix in _PREFIXES.items() if record_id.startswith(prefix)), None)
        if name is None or not is_id(record_id):
            return False
        found = self.org.db.execute(
            f'SELECT 1 FROM "{name}" WHERE "Id" = ?',  # noqa: S608 one of our names
            (record_id,),
        )
        return found.fetchone() is not None

    def _flush(self, name: str) -> None:
        columns = _COLUMNS[name] + _STAMPS_OF.get(name, STAMPS)
        self.org.insert(name, columns, self._rows[name])
        self._rows[name].clear()
