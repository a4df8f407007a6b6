"""What happens in the planted company: mail, calls and meetings of one team.

Beside the teams' ties there are a chief, who writes to everybody at once, a newsletter, bulk mail
from outside, team meetings, and introductions: a meeting of three, then direct contact within 30
days.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from app.demo import rhythm
from app.demo.teams import Company, Introduction, Kind, Team, Tie
from connectors import Activity, Channel, ExternalId, Participant, Role

CHIEF, NEWSLETTER = ExternalId("chief"), ExternalId("newsletter")

NEWSLETTER_DAYS, ALL_HANDS_DAYS, TEAM_DAYS, BULK_DAYS, PEERS_DAYS = 90.0, 180.0, 30.0, 30.0, 14.0
INTRODUCED_DAYS = 12.0
HISTORY_DAYS = 720.0
BEGINS_SHARE, REPLY_SHARE = 0.6, 0.8
"""How often the colleague begins, and how often a message is answered."""

MEETINGS, CALLS = 0.10, 0.18
"""Shares of contacts, one on top of the other; the rest is mail."""


@dataclass(slots=True)
class _Log:
    """Makes the activities of one team, numbered."""

    company: Company
    team: Team
    rng: np.random.Generator
    count: int = field(default=0)

    @property
    def until_s(self) -> float:
        return self.company.until.timestamp()

    def mail(self, at_s: float, sender: ExternalId, *to: ExternalId) -> Activity:
        people = (Participant(Role.FROM, sender), *(Participant(Role.TO, one) for one in to))
        return self._activity(Channel.EMAIL, at_s, people, 0.0)

    def call(self, at_s: float, caller: ExternalId, other: ExternalId, length_s: float) -> Activity:
        people = (Participant(Role.FROM, caller), Participant(Role.TO, other))
        return self._activity(Channel.CALL, at_s, people, length_s)

    def meeting(self, at_s: float, *who: ExternalId) -> Activity:
        people = tuple(Participant(Role.PARTY, one) for one in who)
        return self._activity(Channel.MEETING, at_s, people, 1800.0)

    def _activity(
        self, channel: Channel, at_s: float, people: tuple[Participant, ...], length_s: float
    ) -> Activity:
        self.count += 1
        at = datetime.fromtimestamp(int(at_s), UTC)
        return Activity(
            ExternalId(f"activity-{self.team.number}-{self.count}"),
            channel,
            at,
            people,
            recipients=len(people) - 1,
            duration_s=length_s,
            modified_at=at,
        )


def activities(company: Company, team: Team) -> Iterator[Activity]:
    """Give everything that a team did, its ties' contacts first; in no order of time."""
    log = _Log(company, team, np.random.default_rng([company.seed, team.number, 1]))
    for tie in (*team.ties, *([team.bridge] if team.bridge else [])):
        yield from _contacts(log, tie)
    for introduction in team.introductions:
        yield from _introduced(log, introduction)
    yield from _inner_circle(log)
    yield from _broadcasts(log)


def _contacts(log: _Log, tie: Tie) -> Iterator[Activity]:
    """Everything between two people: mail with replies, meetings, calls."""
    days = rhythm.ages(
        log.rng, first_days=tie.first_days, last_days=tie.last_days, every_days=tie.every_days
    )
    at_s = rhythm.at_work(log.rng, log.until_s, days)
    reply_s = rhythm.replied(log.rng, log.until_s, at_s)
    chance = log.rng.random((3, len(at_s)))
    is_outreach = tie.kind is Kind.OUTREACH
    rows = zip(at_s.tolist(), reply_s.tolist(), *chance.tolist(), strict=True)
    for at, reply_at, begins, medium, replies in rows:
        is_ours = is_outreach or begins < BEGINS_SHARE
        pair = (tie.colleague, tie.contact) if is_ours else (tie.contact, tie.colleague)
        if is_outreach or medium >= CALLS:
            yield log.mail(at, *pair)
            if replies < REPLY_SHARE and not is_outreach:
                yield log.mail(reply_at, pair[1], pair[0])
        elif medium < MEETINGS:
            yield log.meeting(at, tie.colleague, tie.contact)
        else:
            yield log.call(at, *pair, length_s=60 + 1500 * replies)


def _introduced(log: _Log, one: Introduction) -> Iterator[Activity]:
    """Three meet; within a week the two write to each other, and go on."""
    days = np.array([one.days])
    (at,) = rhythm.at_work(log.rng, log.until_s, days).tolist()
    yield log.meeting(at, one.introducer, one.colleague, one.contact)
    after = one.days - float(log.rng.uniform(1, 7))
    (at,) = rhythm.at_work(log.rng, log.until_s, np.array([after - 3])).tolist()
    yield log.mail(at, one.colleague, one.contact)
    yield log.mail(at + 7200, one.contact, one.colleague)
    yield from _contacts(
        log,
        Tie(
            Kind.ACTIVE, one.colleague, one.contact, after - 10, float(log.rng.uniform(1, 9)), 12.0
        ),
    )


def _inner_circle(log: _Log) -> Iterator[Activity]:
    """The team meets every month, and the contact close to all of it writes to peers with it."""
    team = log.team
    days = np.arange(log.rng.uniform(1, TEAM_DAYS), HISTORY_DAYS, TEAM_DAYS)
    for ago, at in zip(days, rhythm.at_work(log.rng, log.until_s, days).tolist(), strict=True):
        yield log.meeting(at, *_staff(team, float(ago)))
    to = [team.colleagues[0], *team.peers]
    at_s = rhythm.at_work(log.rng, log.until_s, np.arange(log.rng.uniform(1, 20), 365, PEERS_DAYS))
    for at, reply_at in zip(at_s, rhythm.replied(log.rng, log.until_s, at_s), strict=True):
        yield log.mail(float(at), team.inside, *to)
        answers = to[1 + int(log.rng.integers(len(to) - 1))] if team.peers else to[0]
        yield log.mail(float(reply_at), answers, team.inside)


def _broadcasts(log: _Log) -> Iterator[Activity]:
    """What goes to everybody: mail to all hands, the newsletter, bulk mail from outside."""
    team, rng = log.team, log.rng
    days = np.arange(rng.uniform(1, ALL_HANDS_DAYS), HISTORY_DAYS, ALL_HANDS_DAYS)
    for ago, at in zip(days, rhythm.at_work(rng, log.until_s, days).tolist(), strict=True):
        everybody = [*_staff(team, float(ago)), *team.contacts]
        yield log.mail(at, CHIEF, *everybody)
        yield log.mail(at, team.inside, *(one for one in everybody if one != team.inside))
    days = np.arange(rng.uniform(1, NEWSLETTER_DAYS), HISTORY_DAYS, NEWSLETTER_DAYS)
    for at in rhythm.at_work(rng, log.until_s, days).tolist():
        yield log.mail(at, NEWSLETTER, *team.contacts)
    days = np.arange(rng.uniform(1, BULK_DAYS), HISTORY_DAYS, BULK_DAYS)
    for ago, at in zip(days, rhythm.at_work(rng, log.until_s, days).tolist(), strict=True):
        yield log.mail(at, team.bulk, *_staff(team, float(ago)))


def _staff(team: Team, days: float) -> list[ExternalId]:
    """The colleagues who were there so many days ago."""
    return [one for one in team.colleagues if one != team.left or days > team.left_days]
