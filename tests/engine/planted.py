"""A planted company as the engine sees it: numbered people, interactions, and what is true."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np

from app.demo import company as planted
from app.demo import truth
from app.demo.identities import By
from app.demo.teams import Company
from app.engine import CHANNELS, Interactions, Scores, score
from app.engine.weights import OTHER
from app.pipeline.resolve import met
from connectors import Activity, Person, PersonKind

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
AS_OF_S = int(UNTIL.timestamp())
DAY_S = 86_400


@dataclass(frozen=True)
class Planted:
    """A company, scored at its end and before, everybody known for who they are.

    Attributes:
        numbers: The person number of each record; the records of one person have the same, but for
            those who changed jobs, whom the engine is to tell apart by what happens.
        accounts: The account of each person who has one.
    """

    company: Company
    numbers: dict[str, int]
    colleagues: np.ndarray
    interactions: Interactions
    communities: list[dict[str, Any]]
    accounts: dict[int, str]

    @cached_property
    def scores(self) -> Scores:
        return self.scores_at(0)

    def scores_at(self, days: float) -> Scores:
        """Score as of so many days before the end."""
        as_of_s = AS_OF_S - round(days * DAY_S)
        return score(self.interactions, as_of_s=as_of_s, colleagues=self.colleagues)

    def pairs(self, kind: str) -> list[tuple[int, int]]:
        """Give the planted pairs of a kind, as (colleague, contact)."""
        found = (pair for community in self.communities for pair in community[kind])
        return [(self.numbers[colleague], self.numbers[contact]) for colleague, contact in found]

    def of(self, name: str) -> set[int]:
        """Give the people who have a part in their community (``bulk_sender``)."""
        return {self.numbers[community[name]] for community in self.communities}


def planted_company(people: int, seed: int) -> Planted:
    company = Company(people, UNTIL, seed)
    world = list(planted.world(company))
    communities = list(truth.communities(company))
    persons = [one for one in world if isinstance(one, Person)]
    firsts = one_of_each(communities)
    index = {one: number for number, one in enumerate(dict.fromkeys(map(firsts, persons)))}
    numbers: dict[str, int] = {one.id: index[firsts(one)] for one in persons}
    own = [numbers[one.id] for one in persons if one.kind is PersonKind.COLLEAGUE]
    activities = (one for one in world if isinstance(one, Activity))
    return Planted(
        company,
        numbers,
        np.array(own, dtype=np.int64),
        interactions(activities, numbers),
        communities,
        {numbers[one.id]: one.account_id for one in persons if one.account_id},
    )


def one_of_each(communities: list[dict[str, Any]]) -> Callable[[Person], str]:
    """Give what names one record of each person for all that they have."""
    groups = [p for c in communities for p in c["persons"] if By.JOB.value not in p["by"]]
    firsts = {record: group["records"][0][1] for group in groups for _, record in group["records"]}
    return lambda person: firsts.get(person.id, person.id)


def interactions(activities: Iterable[Activity], numbers: dict[str, int]) -> Interactions:
    rows = [
        (source, target, one.at.timestamp(), one.channel.value, one, is_directed)
        for one in activities
        if one.happened
        for source, target, is_directed in met(
            one.channel.value, [(p.role, numbers[p.person_id or ""]) for p in one.participants]
        )
    ]
    channels = {name: number for number, name in enumerate(CHANNELS)}
    return Interactions(
        source=np.array([row[0] for row in rows], dtype=np.int64),
        target=np.array([row[1] for row in rows], dtype=np.int64),
        at_s=np.array([row[2] for row in rows], dtype=np.int64),
        channel=np.array([channels.get(row[3], OTHER) for row in rows], dtype=np.int8),
        recipients=np.array([row[4].recipients for row in rows], dtype=np.int32),
        duration_s=np.array([row[4].duration_s for row in rows], dtype=np.float64),
        is_directed=np.array([row[5] for row in rows], dtype=np.bool_),
    )
