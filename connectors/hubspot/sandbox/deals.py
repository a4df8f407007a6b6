"""Deals put into a portal, and what it holds of them; stages and roles are its admin's."""

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from connectors._records import Deal, DealContact, ExternalId, StageChange
from connectors.hubspot.sandbox import events, facts, kinds, stages, state
from connectors.hubspot.sandbox.register import OWNER, Register

PIPELINE = "default"
OPEN_CHANCE, WON_CHANCE, LOST_CHANCE = "0.5", "1.0", "0.0"
FIRST_STAGE_ID = 960_000_001
"""Stages that people add to a pipeline have numbers."""

PRIMARY_CONTACT = "Primary contact"
"""The label of a deal's first contact: HubSpot has none of its own for it."""


class Deals:
    """One run of filling, with the stages and labels that there are."""

    def __init__(self, db: sqlite3.Connection, register: Register) -> None:
        self._db = db
        self._register = register
        self._labels: dict[str, kinds.Kind] = {}
        self._pipeline = next(p for p in state.pipelines(db, facts.DEAL) if p["id"] == PIPELINE)

    def properties(self, deal: Deal) -> dict[str, str | None]:
        """Give a deal's properties; stages that its pipeline lacks are added to it."""
        way, stage, closes = self._changes(deal), self._stage(deal), deal.closes_on
        values: dict[str, str | None] = {
            "dealname": deal.name,
            "dealstage": stage["id"],
            "amount": None if deal.amount is None else repr(deal.amount).removesuffix(".0"),
            "deal_currency_code": deal.currency,
            "closedate": f"{closes.isoformat()}T00:00:00.000Z" if closes else None,
            "hubspot_owner_id": self._register.number_of(deal.owner_id, OWNER),
        }
        for (before, _), (after, at) in pairwise([("", 0), *way]):
            values |= stages.moved(before, after, state.iso(at))
        return values | stages.of_deal(self._pipeline, stage)

    def attach(self, deal: Deal, number: int) -> None:
        """Keep a deal's way through the stages, its company and its contacts."""
        one = facts.DEAL, number
        person = events.PERSON
        rows = [
            (*one, "dealstage", at, stage, person.source, person.source_id)
            for stage, at in self._changes(deal)
        ]
        self._db.executemany("INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        company = self._register.number_of(deal.account_id, facts.COMPANY)
        if company:
            state.link(self._db, one, (facts.COMPANY, int(company)), primary=True)
        for part in deal.contacts:
            contact = self._register.number_of(part.person_id, facts.CONTACT)
            if contact:
                self._join(one, (facts.CONTACT, int(contact)), part)

    def _join(self, one: state.Key, contact: state.Key, part: DealContact) -> None:
        state.link(self._db, one, contact)
        for label in (part.role, PRIMARY_CONTACT if part.is_primary else None):
            if label:
                state.join(self._db, one, contact, self._label(label))

    def _changes(self, deal: Deal) -> list[tuple[str, int]]:
        """Give the ids of the stages a deal came into and when; the last is where it stands."""
        told = [*deal.stages]
        if not told:
            told = [StageChange(deal.stage, deal.created_at)]
        elif told[-1].stage != deal.stage:
            told.append(StageChange(deal.stage, max(told[-1].at, deal.modified_at)))
        return [(self._named(one.stage)["id"], state.to_ms(one.at)) for one in told]

    def _stage(self, deal: Deal) -> dict[str, Any]:
        """Give the stage a deal stands in; one of an admin's is closed if the deal is."""
        stage = self._named(deal.stage)
        if deal.is_closed and stage["metadata"]["isClosed"] == "false":
            chance = WON_CHANCE if deal.is_won else LOST_CHANCE
            stage["metadata"] = {"isClosed": "true", "probability": chance}
            state.put_pipeline(self._db, facts.DEAL, self._pipeline)
        return stage

    def _named(self, label: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = self._pipeline["stages"]
        for stage in found:
            if stage["label"] == label:
                return stage
        ids = [int(stage["id"]) for stage in found if stage["id"].isdigit()]
        number = str(max([FIRST_STAGE_ID - 1, *ids]) + 1)
        stage = stages.made(number, label, len(found), "probability", OPEN_CHANCE)
        found.append(stage)
        state.put_pipeline(self._db, facts.DEAL, self._pipeline)
        return stage

    def _label(self, label: str) -> kinds.Kind:
        """Give the kind of association of a label, which the admin defines if need be."""
        if label not in self._labels:
            known = kinds.between(self._db, facts.DEAL, facts.CONTACT).values()
            if not any(kind.label == label for kind in known):
                name = label.lower().replace(" ", "_")
                kinds.define(self._db, facts.DEAL, facts.CONTACT, label, label, name)
                known = kinds.between(self._db, facts.DEAL, facts.CONTACT).values()
            self._labels |= {str(kind.label): kind for kind in known}
        return self._labels[label]


def read(db: sqlite3.Connection) -> Iterator[Deal]:
    """Give the deals that are not archived."""
    labels = {s["id"]: s["label"] for p in state.pipelines(db, facts.DEAL) for s in p["stages"]}
    known = kinds.between(db, facts.DEAL, facts.CONTACT)
    for row in state.unarchived(db, facts.DEAL):
        yield _deal(db, row, labels, known)


def _deal(
    db: sqlite3.Connection,
    row: state.Held,
    labels: Mapping[str, str],
    known: Mapping[int, kinds.Kind],
) -> Deal:
    number, values, created, modified = row
    company = state.ends(db, (facts.DEAL, number), facts.COMPANY)
    primary = kinds.primary(facts.DEAL, facts.COMPANY).held
    mains = [end for end, held in company.items() if primary in held]
    owner, amount, closes = (values.get(n) for n in ("hubspot_owner_id", "amount", "closedate"))
    return Deal(
        _id(facts.DEAL, number),
        values.get("dealname", ""),
        labels.get(values.get("dealstage", ""), ""),
        is_closed=values.get("hs_is_closed") == "true",
        is_won=values.get("hs_is_closed_won") == "true",
        account_id=_id(facts.COMPANY, mains[0]) if mains else None,
        owner_id=_id(OWNER, int(owner)) if owner else None,
        amount=float(amount) if amount else None,
        currency=values.get("deal_currency_code"),
        created_at=state.moment(created),
        closes_on=datetime.fromisoformat(closes).date() if closes else None,
        contacts=tuple(_contacts(db, number, known)),
        stages=tuple(_stages(db, number, labels)),
        modified_at=state.moment(modified),
    )


def _contacts(
    db: sqlite3.Connection, number: int, known: Mapping[int, kinds.Kind]
) -> Iterator[DealContact]:
    for end, held in state.ends(db, (facts.DEAL, number), facts.CONTACT).items():
        own = [known[one].label for one in held if known[one].category == kinds.USER_DEFINED]
        roles = [label for label in own if label != PRIMARY_CONTACT]
        role = roles[0] if roles else None
        yield DealContact(_id(facts.CONTACT, end), role, PRIMARY_CONTACT in own)


def _stages(
    db: sqlite3.Connection, number: int, labels: Mapping[str, str]
) -> Iterator[StageChange]:
    rows = db.execute(
        "SELECT value, at FROM history WHERE type = ? AND id = ? AND name = 'dealstage' "
        "AND value <> '' ORDER BY at, rowid",
        (facts.DEAL, number),
    )
    for stage, at in rows.fetchall():
        yield StageChange(labels.get(stage, stage), state.moment(at))


def _id(type_id: str, number: int) -> ExternalId:
    return ExternalId(f"{type_id}:{number}")
