"""Scores -> the day's network: who stands where, kept until the next day."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations
from typing import Any

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session

from app.engine import Company, Interactions, Weights
from app.engine.topology.bridges import Bridge, bridges, far_sides, strong_ties
from app.engine.topology.evidence import CRM_LINK, EVIDENCE, Links, edges, same_employer
from app.engine.topology.influencers import (
    Influencer,
    Portfolio,
    focus_share,
    influencers,
    portfolio,
)
from app.engine.topology.introductions import Introduction, connector_scores, introductions
from app.engine.topology.positions import Community, Positions, Surroundings, positions
from app.engine.topology.weak_ties import WeakTie, weak_ties
from app.engine.weights import Floats
from app.pipeline.linking import Pair, linking, links
from app.pipeline.linking import rows as link_rows
from app.pipeline.mailboxes import FREEMAIL, Mailbox
from app.pipeline.watch import Progress, Watch, unwatched
from app.store import company, lookups, networks, people, retention, scores, tables
from app.store.networks import Rows

MOST_BRIDGES, MOST_INFLUENCERS = 10_000, 500
"""Rows that are kept of each list."""

NO_PERSONS = (Mailbox.SHARED, Mailbox.LIST, Mailbox.MACHINE)


def network(database: Engine, *, at: datetime, watch: Watch = unwatched) -> Counter[str]:
    """Find the network of the snapshot in force, unless that of its day is there already.

    Returns:
        How many firm ties, communities and bridges there are; empty if nothing was to be done.
    """
    with Session(database) as session, session.begin():
        snapshot = scores.snapshot(session)
        last = networks.last(session)
        if last is not None and last.as_of == snapshot.as_of:
            return Counter()
        met, found, weights = lookups.refold(session, snapshot)
        known = company.company(session, found, nobodys=FREEMAIL)
        around = _surroundings(session, known)
        # Of what is kept by the day only, nobody can tell who was there together.
        precise = met.where(met.at_s >= retention.precise_from(session))
        day = _find((met, precise), positions(found, around), around, weights)
        linked = linking(session)
        row = _row(day, _evidence(known, linked), snapshot, at)
        networks.replace(session, row, {**_rows(day), tables.Link: link_rows(linked)})
        counts = Counter(
            {
                "firm ties": len(day.found.graph.a),
                "communities": len(day.found.communities),
                "bridges": len(day.bridges),
            }
        )
        watch(Progress("score", "positions", len(day.found), len(day.found)))
    return counts


@dataclass(frozen=True, slots=True, eq=False)
class _Day:
    """All that is found of one day's network."""

    found: Positions
    bridges: list[Bridge]
    influencers: list[Influencer]
    portfolio: Portfolio
    introductions: list[Introduction]
    introduced: Floats
    connects: Floats
    weak_ties: list[WeakTie]
    focus_share: float | None


def _surroundings(session: Session, known: Company) -> Surroundings:
    named, accounts = people.named(session), networks.account_names(session)
    industries = networks.industries(session)
    return Surroundings(
        accounts={
            person: accounts[number]
            for person, number in known.account_of.items()
            if number in accounts
        },
        industries={
            person: industries[number]
            for person, number in known.account_of.items()
            if number in industries
        },
        names={person: name for person, (name, is_ours) in named.items() if is_ours},
        mailboxes=people.behind(session, NO_PERSONS),
        before=networks.members(session),
    )


def _find(
    all_and_precise: tuple[Interactions, Interactions],
    found: Positions,
    around: Surroundings,
    weights: Weights,
) -> _Day:
    met, precise = all_and_precise
    listed = influencers(found)
    chosen = portfolio(found, listed)
    ties = found.scores.ties
    made = introductions(precise, ties)
    introduced, connects = connector_scores(found, made)
    return _Day(
        found=found,
        bridges=bridges(found),
        influencers=listed,
        portfolio=chosen,
        introductions=made,
        introduced=introduced,
        connects=connects,
        weak_ties=weak_ties(
            found, accounts=around.accounts, without=around.mailboxes, weights=weights
        ),
        focus_share=focus_share(
            met,
            [one.person for one in chosen.members],
            colleagues=found.scores.colleagues,
            as_of_s=ties.as_of_s,
        ),
    )


def _row(
    day: _Day, evidence: dict[str, Any], snapshot: tables.Snapshot, at: datetime
) -> tables.Network:
    found, claim = day.found, strong_ties(day.found, day.bridges)
    return tables.Network(
        id=networks.IN_FORCE,
        as_of=snapshot.as_of,
        found_at=at,
        people=len(found),
        ties=len(found.graph.a),
        correlation=found.health.correlation,
        is_sound=found.health.is_sound,
        reason=found.health.reason,
        strong=claim.strong,
        strong_bridges=claim.bridges,
        expected_bridges=claim.expected,
        sources=found.betweenness.sources,
        error=found.betweenness.error,
        focus_share=day.focus_share,
        covered=day.portfolio.communities,
        edges=evidence,
    )


def _rows(day: _Day) -> Rows:
    return {
        tables.Community: [_community_row(one) for one in day.found.communities.values()],
        tables.Position: _position_rows(day),
        tables.Bridge: [
            _bridge_row(place, one) for place, one in enumerate(day.bridges[:MOST_BRIDGES], 1)
        ],
        tables.Influencer: [*_influencer_rows(day), *_connector_rows(day)],
        tables.WeakTie: [_weak_tie_row(one) for one in day.weak_ties],
        tables.SeenIntroduction: _introduction_rows(day),
    }


def _community_row(one: Community) -> dict[str, Any]:
    return {
        "number": one.number,
        "name": one.name,
        "people": one.people,
        "colleagues": one.colleagues,
        "ties": one.ties,
        "leaving": one.leaving,
    }


def _position_rows(day: _Day) -> list[dict[str, Any]]:
    """One row for everybody who has a firm tie."""
    found = day.found
    columns: dict[str, list[Any]] = {
        "person_id": found.graph.people.tolist(),
        "degree": found.graph.degree.tolist(),
        "effective_size": found.holes.effective_size.tolist(),
        "constraint": found.holes.constraint.tolist(),
        "density": [None if np.isnan(one) else one for one in found.holes.density.tolist()],
        "betweenness": found.betweenness.share.tolist(),
        "closeness": found.closeness.tolist(),
        "inward": found.inward.tolist(),
        "participation": found.participation.tolist(),
        "worlds": found.worlds.tolist(),
        "core": found.core.tolist(),
        "community": found.community.tolist(),
        "is_articulation": found.breaks.is_articulation.tolist(),
        "introductions": day.introduced.tolist(),
    }
    chosen = {one.person: one.kind for one in day.portfolio.members}
    far = far_sides(found, day.bridges)
    columns["influencer"] = [chosen.get(person, "") for person in columns["person_id"]]
    columns["bridge_to"] = [far.get(person, "") for person in columns["person_id"]]
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def _bridge_row(place: int, one: Bridge) -> dict[str, Any]:
    return {
        "a": one.a,
        "b": one.b,
        "place": place,
        "community_a": one.community_a,
        "community_b": one.community_b,
        "span": one.span,
        "cut_off": one.cut_off,
        "points": round(one.points),
    }


def _influencer_rows(day: _Day) -> list[dict[str, Any]]:
    """The beginning of both lists, and the whole portfolio."""
    chosen = {one.person for one in day.portfolio.members}
    return [
        {
            "kind": one.kind,
            "place": one.rank,
            "person_id": one.person,
            "value": one.value,
            "community": one.community,
            "is_chosen": one.person in chosen,
        }
        for one in day.influencers
        if one.rank <= MOST_INFLUENCERS or one.person in chosen
    ]


def _connector_rows(day: _Day) -> list[dict[str, Any]]:
    """Those who introduced anybody, by worlds spanned x introductions made."""
    found, value = day.found, day.connects
    order = np.lexsort((found.graph.people, -value))[:MOST_INFLUENCERS]
    return [
        {
            "kind": "connector",
            "place": place,
            "person_id": int(found.graph.people[node]),
            "value": float(value[node]),
            "community": int(found.community[node]),
            "is_chosen": False,
        }
        for place, node in enumerate(order.tolist(), 1)
        if value[node] > 0
    ]


def _weak_tie_row(one: WeakTie) -> dict[str, Any]:
    return {
        "colleague_id": one.colleague,
        "place": one.place,
        "contact_id": one.contact,
        "opportunity": one.opportunity,
        "mutual": one.mutual,
        "accounts": list(one.accounts),
        "communities": list(one.communities),
    }


def _introduction_rows(day: _Day) -> list[dict[str, Any]]:
    """Those that a colleague made, or was introduced by."""
    ours = set(day.found.scores.colleagues.tolist())
    return [
        {
            "a": one.a,
            "b": one.b,
            "introducer_id": one.introducer,
            "at_s": one.at_s,
            "share": one.share,
        }
        for one in day.introductions
        if not ours.isdisjoint((one.a, one.b, one.introducer))
    ]


def _evidence(known: Company, linked: Mapping[Pair, date]) -> dict[str, Any]:
    """How many edges are known by each kind of evidence, and how far they are to be trusted."""
    found = edges(known.scores, [_employers(known), _on_deals(known), links(linked)])
    return {
        kind: {"edges": int(is_so.sum()), "confidence": float(found.confidence[is_so].mean())}
        for kind, is_so in zip(EVIDENCE, found.known_by, strict=True)
        if is_so.any()
    }


def _employers(known: Company) -> Links:
    at = sorted(known.account_of.items())
    return same_employer(*np.array(at, dtype=np.int64).reshape(-1, 2).T)


def _on_deals(known: Company) -> Links:
    """Whoever the CRM names on one deal, its owner included."""
    named = (
        {one.person for one in deal.involved} | ({deal.owner} if deal.owner else set())
        for deal in known.deals
    )
    pairs = {pair for people in named for pair in combinations(sorted(people), 2)}
    a, b = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2).T
    return Links(a, b, np.full(len(a), CRM_LINK, dtype=np.int64))
