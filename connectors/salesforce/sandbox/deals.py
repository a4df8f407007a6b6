"""What Salesforce does by itself to opportunities and campaign members."""

from collections.abc import Mapping
from typing import Any

from connectors.salesforce.sandbox.errors import RowRefusal
from connectors.salesforce.sandbox.org import Org, View
from connectors.salesforce.sandbox.stages import Stage, stages

_TOLD = ("StageName", "Amount", "CloseDate", "Probability", "ForecastCategory", "ExpectedRevenue")


def derived(
    org: Org, row: Mapping[str, Any], given: Mapping[str, Any], before: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Give the columns of an opportunity that follow from its stage and amount.

    Args:
        org: The org.
        row: The row as it will be, without what is given here.
        given: What the caller wrote.
        before: The row as it was; None for a new one.
    """
    unknown = Stage(row["StageName"], row.get("Probability") or 0)
    stage = stages(org.db).get(row["StageName"], unknown)
    is_moved = before is None or before["StageName"] != stage.name
    columns: dict[str, Any] = {"IsClosed": stage.is_closed, "IsWon": stage.is_won}
    if is_moved:
        columns |= {"ForecastCategory": stage.category, "ForecastCategoryName": stage.category}
        columns["LastStageChangeDate"] = org.now() if before else None
    if is_moved and "Probability" not in given:
        columns["Probability"] = stage.probability
    chance = columns.get("Probability", row.get("Probability")) or 0
    columns["ExpectedRevenue"] = expected_revenue(row.get("Amount"), chance)
    year, quarter = fiscal(str(row["CloseDate"]))
    return columns | {"FiscalYear": year, "FiscalQuarter": quarter}


def expected_revenue(amount: float | None, chance: float) -> float | None:
    """Give what an amount is worth at a probability in percent."""
    return None if amount is None else round(amount * chance / 100, 2)


def fiscal(closes: str) -> tuple[int, int]:
    """Give the fiscal year and quarter of a date, as they are in a new org: the calendar's."""
    return int(closes[:4]), (int(closes[5:7]) + 2) // 3


def tell_history(
    org: Org, view: View, row: Mapping[str, Any], before: Mapping[str, Any] | None
) -> None:
    """Note a new opportunity, or one whose stage, amount, date or chance has changed."""
    if before is not None and all(before.get(name) == row.get(name) for name in _TOLD):
        return
    now = org.now()
    told = {name: row.get(name) for name in _TOLD}
    if before is not None:
        told |= {"PrevAmount": before.get("Amount"), "PrevCloseDate": before.get("CloseDate")}
    told |= {"Id": org.new_id("008"), "OpportunityId": row["Id"], "IsDeleted": 0}
    told |= {"CreatedDate": now, "CreatedById": view.user_id, "SystemModstamp": now}
    org.insert("OpportunityHistory", tuple(told), [tuple(told.values())])


def membership(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give the columns of a campaign member that follow from the others.

    Raises:
        RowRefusal: If it is nobody.
    """
    person = row.get("ContactId") or row.get("LeadId")
    if not person:
        problem = "Required fields are missing: [LeadId, ContactId]"
        raise RowRefusal("REQUIRED_FIELD_MISSING", problem, "LeadId", "ContactId")
    return {"LeadOrContactId": person, "HasResponded": row.get("Status") == "Responded"}
