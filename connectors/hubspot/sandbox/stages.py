"""The pipelines that every portal has, as a table: an object type, a pipeline, its stages."""

from typing import Any

from connectors.hubspot.sandbox import facts

_DEALS = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
)
_TICKETS = (
    ("1", "New", "OPEN"),
    ("2", "Waiting on contact", "OPEN"),
    ("3", "Waiting on us", "OPEN"),
    ("4", "Closed", "CLOSED"),
)
_LEADS = (
    ("new-stage-id", "New", "NEW"),
    ("attempting-stage-id", "Attempting", "IN_PROGRESS"),
    ("connected-stage-id", "Connected", "IN_PROGRESS"),
    ("qualified-stage-id", "Qualified", "QUALIFIED"),
    ("unqualified-stage-id", "Unqualified", "UNQUALIFIED"),
)
USUAL = (
    (facts.DEAL, "default", "Sales Pipeline", "probability", _DEALS),
    (facts.TICKET, "0", "Support Pipeline", "ticketState", _TICKETS),
    (facts.LEAD, "lead-pipeline-id", "Lead pipeline", "leadState", _LEADS),
)

CLOSED = frozenset({"1.0", "0.0", "CLOSED", "QUALIFIED", "UNQUALIFIED"})
BEGINNING = "2020-01-01T00:00:00Z"  # HubSpot leaves the milliseconds out where there are none

METADATA = {facts.DEAL: "probability", facts.TICKET: "ticketState", facts.LEAD: "leadState"}
"""What the metadata of a type's stages must hold."""


def usual_pipelines() -> list[tuple[str, dict[str, Any]]]:
    """Give the pipelines that every portal has, each with its object type."""
    return [
        (type_id, _entry(pipeline, label, 0) | {"stages": _stages(name, listed)})
        for type_id, pipeline, label, name, listed in USUAL
    ]


def _stages(name: str, listed: tuple[tuple[str, str, str], ...]) -> list[dict[str, Any]]:
    return [
        _entry(stage, label, place)
        | {
            "metadata": {"isClosed": str(value in CLOSED).lower(), name: value},
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        }
        for place, (stage, label, value) in enumerate(listed)
    ]


def _entry(entry_id: str, label: str, place: int) -> dict[str, Any]:
    return {
        "id": entry_id,
        "label": label,
        "displayOrder": place,
        "createdAt": BEGINNING,
        "updatedAt": BEGINNING,
        "archived": False,
    }
