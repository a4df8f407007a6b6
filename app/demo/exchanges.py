"""What happens in the planted company: mail, calls, meetings and messages of one team.

Beside the teams' ties there are a chief, who writes to everybody at once, a newsletter, bulk mail
from outside and from a machine, team meetings and large ones, and introductions: a meeting of
three, then direct contact within 30 days.
"""

from collections.abc import Iterator

import numpy as np

from app.demo import rhythm
from app.demo.logbook import Log
from app.demo.people import Part, has_colleague_too
from app.demo.teams import (
    COLLEAGUES,
    Company,
    Introduction,
    Kind,
    Team,
    Tie,
    colleague_id,
    machine_id,
    of_colleague,
)
from connectors import Activity, Channel, ExternalId

CHIEF, NEWSLETTER = ExternalId("chief"), ExternalId("newsletter")

NEWSLETTER_DAYS, ALL_HANDS_DAYS, TEAM_DAYS, BULK_DAYS, PEERS_DAYS = 90.0, 180.0, 30.0, 30.0, 14.0
INTRODUCED_DAYS = 12.0
HISTORY_DAYS = 720.0
HANDS_TEAMS, LEAST_HANDS = 10, 13
"""Of so many teams the staff meets, if that makes so many people."""

BEGINS_SHARE, REPLY_SHARE = 0.6, 0.8
"""How often the colleague begins, and how often a message is answered."""

MEETINGS, CALLS = 0.10, 0.18
"""Shares of contacts, one on top of the other; the rest is mail."""

BY_MESSENGER, MESSAGES = 0.12, 0.35
"""Of live ties those that use a messenger too, and the messages' share of what these write."""

MESSENGERS = (Channel.SMS, Channel.CHAT, Channel.LINKEDIN)
CALLED_OFF = 0.08
"""How often a meeting of two is declined or cancelled."""

BOUNCE_DAYS = (3.0, 33.0)
"""When mail to the old address of somebody who changed jobs came back, after they did."""


def activities(company: Company, part: Part) -> Iterator[Activity]:
    """Give everything that a team did, its ties' contacts first; in no order of time."""
    team = part.team
    log = Log(company, part)
    for tie in (*team.ties, *([team.bridge] if team.bridge else [])):
        yield from _contacts(log, tie)
    for introduction in team.introductions:
        yield from _introduced(log, introduction)
    yield from _inner_circle(log)
    yield from _broadcasts(log)
    yield from _bounces(log)
    yield from _all_hands(log, company)


def _contacts(log: Log, tie: Tie) -> Iterator[Activity]:
    """Everything between two people: mail with replies, meetings, calls, messages."""
    days = rhythm.ages(
        log.rng, first_days=tie.first_days, last_days=tie.last_days, every_days=tie.every_days
    )
    at_s = rhythm.at_work(log.rng, log.until_s, days)
    reply_s = rhythm.replied(log.rng, log.until_s, at_s)
    chance, more = log.rng.random((3, len(at_s))), log.more.random((3, len(at_s)))
    messenger = _messenger(log, tie)
    if tie.kind is Kind.OUTREACH:
        for at in at_s.tolist():
            yield log.mail(at, tie.colleague, tie.contact, is_bulk=True)
        return
    rows = zip(at_s.tolist(), reply_s.tolist(), *chance.tolist(), *more.tolist(), strict=True)
    for at, reply_at, begins, medium, replies, face, message, happens in rows:
        contact = log.face(tie.contact, face)
        pair = (tie.colleague, contact) if begins < BEGINS_SHARE else (contact, tie.colleague)
        if medium < MEETINGS:
            yield log.meeting(at, tie.colleague, contact, happened=happens >= CALLED_OFF)
        elif medium < CALLS:
            yield log.call(at, pair[0], pair[1], 60.0 + round(1500 * replies))
        else:
            channel = messenger if messenger and message < MESSAGES else None
            yield log.wrote(channel, at, *pair)
            if replies < REPLY_SHARE:
                yield log.answer(reply_at, pair[1], pair[0])


def _messenger(log: Log, tie: Tie) -> Channel | None:
    """Draw which messenger a tie uses, if any."""
    is_used, which = log.more.random(2).tolist()
    if tie.kind is not Kind.ACTIVE or is_used >= BY_MESSENGER:
        return None
    return MESSENGERS[int(which * len(MESSENGERS))]


def _introduced(log: Log, one: Introduction) -> Iterator[Activity]:
    """Three meet; within a week the two write to each other, and go on."""
    days = np.array([one.days])
    (at,) = rhythm.at_work(log.rng, log.until_s, days).tolist()
    yield log.meeting(at, one.introducer, one.colleague, one.contact)
    after = one.days - float(log.rng.uniform(1, 7))
    (at,) = rhythm.at_work(log.rng, log.until_s, np.array([after - 3])).tolist()
    yield log.mail(at, one.colleague, one.contact)
    yield log.answer(at + 7200, one.contact, one.colleague)
    yield from _contacts(
        log,
        Tie(
            Kind.ACTIVE, one.colleague, one.contact, after - 10, float(log.rng.uniform(1, 9)), 12.0
        ),
    )


def _inner_circle(log: Log) -> Iterator[Activity]:
    """The team meets every month, and the contact close to all of it writes to peers with it."""
    team = log.team
    days = np.arange(log.rng.uniform(1, TEAM_DAYS), HISTORY_DAYS, TEAM_DAYS)
    for ago, at in zip(days, rhythm.at_work(log.rng, log.until_s, days).tolist(), strict=True):
        yield log.meeting(at, *_invited(team, float(ago)))
    to = [team.colleagues[0], *team.peers]
    at_s = rhythm.at_work(log.rng, log.until_s, np.arange(log.rng.uniform(1, 20), 365, PEERS_DAYS))
    for at, reply_at in zip(at_s, rhythm.replied(log.rng, log.until_s, at_s), strict=True):
        yield log.mail(float(at), team.inside, *to)
        answers = to[1 + int(log.rng.integers(len(to) - 1))] if team.peers else to[0]
        yield log.answer(float(reply_at), answers, team.inside)


def _broadcasts(log: Log) -> Iterator[Activity]:
    """What goes to everybody: all hands, the newsletter, bulk mail from outside and machines."""
    team, rng = log.team, log.rng
    audience = team.audience
    days = np.arange(rng.uniform(1, ALL_HANDS_DAYS), HISTORY_DAYS, ALL_HANDS_DAYS)
    for ago, at in zip(days, rhythm.at_work(rng, log.until_s, days).tolist(), strict=True):
        everybody = [*_staff(team, float(ago)), *audience]
        yield log.mail(at, CHIEF, *everybody)
        yield log.mail(at, team.inside, *(one for one in everybody if one != team.inside))
    days = np.arange(rng.uniform(1, NEWSLETTER_DAYS), HISTORY_DAYS, NEWSLETTER_DAYS)
    for at in rhythm.at_work(rng, log.until_s, days).tolist():
        yield log.mail(at, NEWSLETTER, *audience, is_bulk=True)
    for sender in (team.bulk, machine_id(team.number)):
        days = np.arange(rng.uniform(1, BULK_DAYS), HISTORY_DAYS, BULK_DAYS)
        for ago, at in zip(days, rhythm.at_work(rng, log.until_s, days).tolist(), strict=True):
            yield log.mail(at, sender, *_staff(team, float(ago)))


def _bounces(log: Log) -> Iterator[Activity]:
    """Mail to the old address of who changed jobs: it came back."""
    old, new = log.team.moved
    began = next(tie.first_days for tie in log.team.ties if tie.contact == new)
    days = np.array([began - after for after in BOUNCE_DAYS])
    for at in rhythm.at_work(log.more, log.until_s, days).tolist():
        yield log.mail(at, log.team.colleagues[0], old, happened=False)


def _all_hands(log: Log, company: Company) -> Iterator[Activity]:
    """A meeting of the staff of ten teams, but for those who may have left."""
    number = log.team.number
    teams = range(number, min(number + HANDS_TEAMS, company.teams))
    everybody = [colleague_id(one, index) for one in teams for index in range(COLLEAGUES - 1)]
    if number % HANDS_TEAMS or len(everybody) < LEAST_HANDS:
        return
    days = np.arange(log.more.uniform(1, ALL_HANDS_DAYS), HISTORY_DAYS, ALL_HANDS_DAYS)
    for at in rhythm.at_work(log.more, log.until_s, days).tolist():
        yield log.meeting(at, *everybody)


def _staff(team: Team, days: float) -> list[ExternalId]:
    """The colleagues who were there so many days ago."""
    return [one for one in team.colleagues if one != team.left or days > team.left_days]


def _invited(team: Team, days: float) -> list[ExternalId]:
    """The staff, of whom one may be known as the contact that a CRM has of them too."""
    staff = _staff(team, days)
    is_odd = int(days) % 2 == 1
    if has_colleague_too(team.number) and is_odd:
        staff[1] = of_colleague(staff[1])
    return staff
