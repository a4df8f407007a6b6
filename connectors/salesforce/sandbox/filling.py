"""Neutral records made into Salesforce's rows, as its users would have made them.

Read `filling_rows` (where rows wait), then one of `filling_people`, `filling_activities` and
`filling_deals`; `truth` is the way back.
"""

from collections.abc import Iterable, Mapping

from connectors._records import Account, Activity, Deal, ExternalId, Person, Record
from connectors._sandbox import Sandbox
from connectors.salesforce.sandbox.filling_activities import Activities
from connectors.salesforce.sandbox.filling_deals import Deals
from connectors.salesforce.sandbox.filling_people import put_account, put_person
from connectors.salesforce.sandbox.filling_rows import Intake
from connectors.salesforce.sandbox.org import Org


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
        self.added: list[ExternalId] = []
        self._intake = Intake(org)
        self._activities = Activities(self._intake)
        self._deals = Deals(self._intake)

    @property
    def ids(self) -> Mapping[ExternalId, ExternalId]:
        return self._intake.ids

    def add(self, record: Record) -> None:
        match record:
            case Activity():
                added = self._activities.put(record)
            case Person():
                added = put_person(self._intake, record)
            case Account():
                added = put_account(self._intake, record)
            case Deal():
                added = self._deals.put(record)
        self._intake.ids[record.id] = added
        self.added.append(record.id)

    def finish(self) -> None:
        self._intake.finish()
        self._activities.finish()
        self._deals.finish()
