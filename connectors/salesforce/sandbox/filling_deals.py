"""Deals made into opportunities, with their contacts' roles and the history of their stages.

A stage that the org lacks is added to its stages, closed and won as the first deal in it is. An
org holds what it can: it wants a date on which a deal closes, contacts and no leads, and one of
them the primary; a deal that was merged away is a deleted one; and once one deal names its
currency, each is in one.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from connectors._records import Deal, ExternalId, StageChange
from connectors.salesforce.sandbox import currencies, stages
from connectors.salesforce.sandbox.deals import expected_revenue, fiscal
from connectors.salesforce.sandbox.filling_rows import CONTACT, USER, Intake
from connectors.salesforce.sandbox.org import USER_ID, stamp
from connectors.salesforce.sandbox.stages import Stage

_NAME_LENGTH = 120


class Deals:
    """Puts deals in; the stages that were met are the org's when it is finished."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._stages = stages.stages(intake.org.db)
        self._known = frozenset(self._stages)
        self._passed: dict[str, Stage] = {}

    def put(self, deal: Deal) -> ExternalId:
        """Make an opportunity and the rows that hang on it."""
        if deal.currency is not None:
            currencies.add(self._intake.org, deal.currency)
        row_id = self._intake.new_id("Opportunity")
        changes = _changes(deal)
        closes = deal.closes_on or _closing(deal, changes[-1])
        self._opportunity(deal, row_id, changes, closes)
        self._roles(deal, row_id)
        for change in changes:
            self._history(deal, row_id, change, closes)
        return row_id

    def finish(self) -> None:
        """Add what was met to the org's stages and currencies."""
        org = self._intake.org
        met = {**self._passed, **self._stages}
        added = [one for name, one in met.items() if name not in self._known]
        added.sort(key=lambda one: one.is_closed)
        stages.add(org.db, added, org.now(), USER_ID)
        for stage in added:
            org.add_value("opportunity.stagename", stage.name)
            org.add_value("opportunityhistory.stagename", stage.name)
        currencies.settle(org)

    def _opportunity(
        self, deal: Deal, row_id: ExternalId, changes: Sequence[StageChange], closes: date
    ) -> None:
        stage = self._stages.get(deal.stage) or stages.of_outcome(
            deal.stage, is_closed=deal.is_closed, is_won=deal.is_won
        )
        self._stages[deal.stage] = stage
        revenue = expected_revenue(deal.amount, stage.probability)
        year, quarter = fiscal(closes.isoformat())
        owner = self._intake.known(deal.owner_id) or ""
        primary = next((who for who, _, is_primary in self._contacts(deal) if is_primary), None)
        self._intake.put(
            "Opportunity",
            stamp(deal.modified_at),
            *(row_id, self._intake.known(deal.account_id), deal.name[:_NAME_LENGTH], stage.name),
            *(deal.amount, deal.currency, stage.probability, revenue, closes.isoformat()),
            *(stage.is_closed, stage.is_won, stage.category, stage.category),
            owner if owner.startswith(USER) else USER_ID,
            primary,
            stamp(changes[-1].at) if len(changes) > 1 else None,
            *(quarter, year, deal.is_deleted or deal.merged_into is not None),
            created=stamp(deal.created_at),
        )

    def _roles(self, deal: Deal, row_id: ExternalId) -> None:
        for who, role, is_primary in self._contacts(deal):
            new = self._intake.new_id("OpportunityContactRole")
            link = (new, row_id, who, role, is_primary, deal.is_deleted)
            self._intake.put("OpportunityContactRole", stamp(deal.modified_at), *link)

    def _contacts(self, deal: Deal) -> list[tuple[ExternalId, str | None, bool]]:
        """Give the contacts, their roles, and whether each is primary: the last so named."""
        known = [(one, self._intake.known(one.person_id)) for one in deal.contacts]
        found = [(one, who) for one, who in known if who and who.startswith(CONTACT)]
        primary = next((one for one, _ in reversed(found) if one.is_primary), None)
        return [(who, one.role, one is primary) for one, who in found]

    def _history(self, deal: Deal, row_id: ExternalId, change: StageChange, closes: date) -> None:
        stage = self._stages.get(change.stage)
        if stage is None:
            stage = stages.of_outcome(change.stage, is_closed=False, is_won=False)
            self._passed.setdefault(change.stage, stage)
        self._intake.put(
            "OpportunityHistory",
            stamp(change.at),
            *(self._intake.new_id("OpportunityHistory"), row_id, stage.name, deal.amount),
            *(deal.currency, closes.isoformat(), stage.probability),
            *(expected_revenue(deal.amount, stage.probability), stage.category, deal.is_deleted),
        )


def _changes(deal: Deal) -> Sequence[StageChange]:
    """Give the stages that the org has noted: at least one, and the last is where the deal is."""
    if not deal.stages:
        return (StageChange(deal.stage, deal.created_at),)
    if deal.stages[-1].stage == deal.stage:
        return deal.stages
    return (*deal.stages, StageChange(deal.stage, max(deal.modified_at, deal.stages[-1].at)))


def _closing(deal: Deal, last: StageChange) -> date:
    """Give the day of a closed deal's end; for an open one that of the quarter it is in."""
    day = max(last.at, deal.created_at).date()
    if deal.is_closed:
        return day
    month = (day.month + 2) // 3 * 3
    return date(day.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
