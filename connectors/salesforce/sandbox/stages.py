"""An org's stages: what it means for an opportunity to be in one."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from connectors.salesforce.sandbox.ids import numbered_id

_FLAGS = {"Closed": (True, True), "Omitted": (True, False), "Pipeline": (False, False)}
_UNKNOWN_CHANCE = 50
_PREFIX = "01J"

_NEW_ORGS = """
Prospecting          10 Pipeline
Qualification        10 Pipeline
Needs Analysis       20 Pipeline
Value Proposition    50 Pipeline
Id. Decision Makers  60 Pipeline
Perception Analysis  70 Pipeline
Proposal/Price Quote 75 Pipeline
Negotiation/Review   90 Pipeline
Closed Won          100 Closed
Closed Lost           0 Omitted
"""
"""A new org's stages: probability in percent, and forecast category."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage; its forecast category goes by the same name as the category's label here."""

    name: str
    probability: int = 0
    category: str = "Pipeline"
    is_closed: bool = False
    is_won: bool = False


def of_outcome(name: str, *, is_closed: bool, is_won: bool) -> Stage:
    """Give a stage as an admin sets it up who knows only how deals in it end."""
    if is_won:
        return Stage(name, 100, "Closed", is_closed=True, is_won=True)
    if is_closed:
        return Stage(name, 0, "Omitted", is_closed=True)
    return Stage(name, _UNKNOWN_CHANCE)


def new_orgs_stages() -> list[Stage]:
    """Give the stages that every new org has."""
    found = []
    for line in _NEW_ORGS.strip().splitlines():
        label, chance, category = line.rsplit(maxsplit=2)
        is_closed, is_won = _FLAGS[category]
        found.append(Stage(label.rstrip(), int(chance), category, is_closed, is_won))
    return found


def stages(db: sqlite3.Connection) -> dict[str, Stage]:
    """Give an org's stages by name, in their order."""
    rows = db.execute(
        'SELECT "ApiName", "DefaultProbability", "ForecastCategory", "IsClosed", "IsWon" '
        'FROM "OpportunityStage" WHERE "IsActive" ORDER BY "SortOrder"'
    )
    return {
        name: Stage(name, int(chance), category, bool(is_closed), bool(is_won))
        for name, chance, category, is_closed, is_won in rows
    }


def add(db: sqlite3.Connection, added: Iterable[Stage], now: str, user_id: str) -> None:
    """Put stages behind those that an org has; made now by this user."""
    (there,) = db.execute('SELECT count(*) FROM "OpportunityStage"').fetchone()
    db.executemany(
        'INSERT INTO "OpportunityStage" ("Id", "MasterLabel", "ApiName", "IsActive", "SortOrder", '
        '"IsClosed", "IsWon", "ForecastCategory", "ForecastCategoryName", "DefaultProbability", '
        '"CreatedDate", "CreatedById", "SystemModstamp", "LastModifiedDate", "LastModifiedById") '
        "VALUES (?1, ?2, ?2, 1, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?8, ?8, ?9)",
        [
            (
                *(numbered_id(_PREFIX, number), one.name, number, one.is_closed, one.is_won),
                *(one.category, one.probability, now, user_id),
            )
            for number, one in zip(count(there + 1), added, strict=False)
        ],
    )
