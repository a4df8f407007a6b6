"""Stages: those that every portal has, as a table, and what follows for whoever stands in one."""

from collections.abc import Iterator, Mapping
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


PLACE = {facts.DEAL: "dealstage"} | dict.fromkeys((facts.TICKET, facts.LEAD), "hs_pipeline_stage")
"""The property that says in which stage an object stands."""


def usual_pipelines() -> list[tuple[str, dict[str, Any]]]:
    """Give the pipelines that every portal has, each with its object type."""
    return [
        (type_id, _entry(pipeline, label, 0) | {"stages": _stages(name, listed)})
        for type_id, pipeline, label, name, listed in USUAL
    ]


def properties(pipeline: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the properties that HubSpot defines for the stages of a pipeline."""
    for stage in pipeline["stages"]:
        for way in ("entered", "exited"):
            for name in _dates(way, stage["id"]):
                yield facts.defined(f"{name}:datetime!") | {"calculated": True}


def moved(before: str | None, after: str | None, at: str) -> dict[str, str]:
    """Give what a move from one stage to another sets: when each was left and entered."""
    if before == after:
        return {}
    left = _dates("exited", before) if before else ()
    entered = _dates("entered", after) if after else ()
    return dict.fromkeys((*left, *entered), at)


def of_deal(pipeline: Mapping[str, Any], stage: Mapping[str, Any]) -> dict[str, str]:
    """Give what the stage of a deal says about it."""
    chance, closed = (stage["metadata"][name] for name in ("probability", "isClosed"))
    return {
        "pipeline": pipeline["id"],
        "hs_deal_stage_probability": chance,
        "hs_is_closed": closed,
        "hs_is_closed_won": str(closed == "true" and float(chance) == 1).lower(),
    }


def made(stage_id: str, label: str, place: int, name: str, value: str) -> dict[str, Any]:
    """Make a stage whose metadata has this value under this name."""
    return _entry(stage_id, label, place) | {
        "metadata": {"isClosed": str(value in CLOSED).lower(), name: value},
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
    }


def _dates(way: str, stage_id: str) -> tuple[str, ...]:
    """Name the dates of a stage, as HubSpot did before 2024 and does since."""
    name = stage_id.replace("-", "_")
    return f"hs_date_{way}_{name}", f"hs_v2_date_{way}_{name}"


def _stages(name: str, listed: tuple[tuple[str, str, str], ...]) -> list[dict[str, Any]]:
    return [
        made(stage, label, place, name, value) for place, (stage, label, value) in enumerate(listed)
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
