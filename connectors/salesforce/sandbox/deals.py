"""What Salesforce does by itself to opportunities and campaign members."""

from collections.abc import Mapping
from typing import Any

from connectors.salesforce.sandbox.errors import RowRefusal
from connectors.salesforce.sandbox.org import Org, View

_STAGES = {
    "Prospecting": (10, "Pipeline"),
    "Qualification": (10, "Pipeline"),
    "Needs Analysis": (20, "Pipeline"),
    "Value Proposition": (50, "Pipeline"),
    "Id. Decision Makers": (60, "Pipeline"),
    "Perception Analysis": (70, "Pipeline"),
    "Proposal/Price Quote": (75, "Pipeline"),
    "Negotiation/Review": (90, "Pipeline"),
    "Closed Won": (100, "Closed"),
    "Closed Lost": (0, "Omitted"),
}
"""A new org's stages: probability in percent, and forecast category."""

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
    stage = row["StageName"]
    probability, category = _STAGES.get(stage, (row.get("Probability") or 0, "Pipeline"))
    is_moved = before is None or before["StageName"] != stage
    columns: dict[str, Any] = {
        "IsClosed": stage in {"Closed Won", "Closed Lost"},
        "IsWon": stage == "Closed Won",
    }
    if is_moved:
        columns |= {"ForecastCategory": category, "ForecastCategoryName": category}
        columns["LastStageChangeDate"] = org.now() if before else None
    if is_moved and "Probability" not in given:
        columns["Probability"] = probability
    chance = columns.get("Probability", row.get("Probability")) or 0
    amount = row.get("Amount")
    columns["ExpectedRevenue"] = None if amount is None else round(amount * chance / 100, 2)
    year, month = str(row["CloseDate"])[:4], int(str(row["CloseDate"])[5:7])
    return columns | {"FiscalYear": int(year), "FiscalQuarter": (month + 2) // 3}


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
