"""HubSpot's deals as Tieline's, with the stages of the portal's pipelines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors._records import LONG_AGO, Deal, DealContact, ExternalId, StageChange
from connectors.hubspot.associations import Link, Links
from connectors.hubspot.client import Client
from connectors.hubspot.mapping import (
    COMPANY,
    CONTACT,
    DEAL,
    MERGED,
    OTHERS_MODIFIED,
    absorbed_by,
    external_id,
    modified_at,
    owner_id,
)
from connectors.hubspot.rows import Raw, id_of, is_true, moment, number, text

DEAL_PROPERTIES = (
    "dealname",
    "dealstage",
    "amount",
    "deal_currency_code",
    "createdate",
    "closedate",
    "hubspot_owner_id",
    "hs_is_closed",
    "hs_is_closed_won",
    OTHERS_MODIFIED,
    MERGED,
)
ENTERED = "hs_v2_date_entered_"
"""In front of a stage's id: the property that tells when a deal last came into it."""

PRIMARY = frozenset({"primary", "primary contact"})
"""Labels of an association that tell the main one, not a role."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline, as people see it."""

    label: str
    is_closed: bool
    is_won: bool


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of all pipelines, by their ids, in the order of their pipelines."""

    by_id: Mapping[str, Stage] = field(default_factory=dict)

    def properties(self) -> tuple[str, ...]:
        """Name the properties that tell when a deal came into each stage."""
        return tuple(_entered(stage) for stage in self.by_id)


def read_stages(client: Client) -> Stages:
    """Ask for the portal's pipelines: one call.

    Raises:
        ConnectorError: If HubSpot does not tell them.
    """
    answer = client.ask(client.pipelines_api.get_all, DEAL)
    found: dict[str, Stage] = {}
    for pipeline in _dicts(answer.rows()):
        for stage in _dicts(pipeline.get("stages")):
            told, metadata = str(stage.get("label") or ""), stage.get("metadata")
            metadata = metadata if isinstance(metadata, dict) else {}
            is_closed = str(metadata.get("isClosed")).lower() == "true"
            is_sure = str(metadata.get("probability")) in {"1", "1.0"}
            found[str(stage.get("id"))] = Stage(told, is_closed, is_closed and is_sure)
    return Stages(found)


def to_deal(raw: Raw, links: Links, stages: Stages) -> Iterator[Deal]:
    """Read a deal, and behind it a tombstone for each deal it has absorbed."""
    own, at = id_of(raw), modified_at(raw, DEAL)
    stage_id = text(raw, "dealstage") or ""
    told = Stage(stage_id, is_true(raw, "hs_is_closed"), is_true(raw, "hs_is_closed_won"))
    stage, closes = stages.by_id.get(stage_id, told), moment(raw, "closedate")
    owner = text(raw, "hubspot_owner_id")
    survivor = Deal(
        id=external_id(DEAL, own),
        name=text(raw, "dealname") or "",
        stage=stage.label,
        is_closed=stage.is_closed,
        is_won=stage.is_won,
        account_id=_main_company(links.get(COMPANY, ())),
        owner_id=owner_id(owner) if owner else None,
        amount=number(raw, "amount"),
        currency=text(raw, "deal_currency_code"),
        created_at=moment(raw, "createdate") or LONG_AGO,
        closes_on=closes.date() if closes else None,
        contacts=tuple(_contact(link) for link in links.get(CONTACT, ())),
        stages=_history(raw, stages),
        modified_at=at,
    )
    yield survivor
    for absorbed in absorbed_by(raw, own):
        yield Deal(
            id=external_id(DEAL, absorbed),
            name="",
            stage="",
            modified_at=at,
            is_deleted=True,
            merged_into=survivor.id,
        )


def _history(raw: Raw, stages: Stages) -> tuple[StageChange, ...]:
    """Tell when a deal came into each stage, the last time it did."""
    dated = [(moment(raw, _entered(name)), stage) for name, stage in stages.by_id.items()]
    changes = [StageChange(stage.label, at) for at, stage in dated if at is not None]
    return tuple(sorted(changes, key=lambda change: change.at))


def _entered(stage_id: str) -> str:
    return ENTERED + stage_id.replace("-", "_")


def _main_company(links: Sequence[Link]) -> ExternalId | None:
    """Give the company that is labelled as the main one, or else the first."""
    main = next((link for link in links if _is_primary(link)), next(iter(links), None))
    return external_id(COMPANY, main.number) if main else None


def _contact(link: Link) -> DealContact:
    role = next((label for label in link.labels if label.lower() not in PRIMARY), None)
    return DealContact(external_id(CONTACT, link.number), role, _is_primary(link))


def _is_primary(link: Link) -> bool:
    return any(label.lower() in PRIMARY for label in link.labels)


def _dicts(value: object) -> list[dict[str, Any]]:
    listed = value if isinstance(value, list) else []
    return [item for item in listed if isinstance(item, dict)]
