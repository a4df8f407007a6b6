"""One sales team of the planted company, and everybody it knows: who they are and what is true.

A team is three colleagues and the contacts they look after, some fifty people: a community. Teams
hang together as a tree: one contact of each team also knows a colleague of the team above, and
without such ties the company would fall apart. A team follows from the company's seed and its own
number alone, so that a company of any size is made team by team, in little memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from connectors import ExternalId

COLLEAGUES, TEAM = 3, 50
ACCOUNTS = 5
SHARES = (0.36, 0.26, 0.18, 0.12, 0.08)
"""How the contacts of a team are spread over its accounts."""

MOST_PEERS = 3

LEAVES_EVERY = 3
"""In every third team a colleague has left."""


class Kind(StrEnum):
    """What a planted tie is like."""

    ACTIVE = "active"
    WEAK = "weak"
    FADING = "fading"
    DORMANT = "dormant"
    OUTREACH = "outreach"
    ENDED = "ended"


KINDS = (Kind.ACTIVE, Kind.WEAK, Kind.FADING, Kind.DORMANT, Kind.OUTREACH, None)
KIND_SHARES = (0.24, 0.28, 0.08, 0.08, 0.12, 0.20)
"""Of the contacts without a part of their own; None has no activity at all."""


@dataclass(frozen=True, slots=True)
class Company:
    """A company to plan.

    Attributes:
        people: Colleagues and contacts in all, at least 100. The chief, the sender of the
            newsletter and the second records of people who changed jobs come on top.
        until: The end of its history (aware).
        seed: The same company, the same seed: the same bytes.
    """

    people: int
    until: datetime
    seed: int = 0

    @property
    def teams(self) -> int:
        """How many teams there are; the last takes those left over."""
        return max(self.people // TEAM, 1)


@dataclass(frozen=True, slots=True)
class Tie:
    """What is planted between a colleague and a contact; days are counted back from the end."""

    kind: Kind
    colleague: ExternalId
    contact: ExternalId
    first_days: float
    last_days: float
    every_days: float


@dataclass(frozen=True, slots=True)
class Introduction:
    """A colleague met a contact through another, so many days ago, and they stayed in touch."""

    colleague: ExternalId
    contact: ExternalId
    introducer: ExternalId
    days: float


@dataclass(frozen=True, slots=True)
class Team:
    """Who is in a community, and what is planted there.

    Attributes:
        contacts: In the order of their index; `accounts_of` gives each one's account.
        bridge: The tie that joins this team to the one above; None for the first.
        reach: Awareness: this contact knows people in several communities.
        inside: Conversion: this contact is close to every colleague of the team.
        peers: Contacts at the account of `inside` who write to each other before our eyes.
        mailbox: A shared mailbox, many people behind one address.
        bulk: Sends to everybody and is never answered.
        moved: Changed jobs: the old record, and the new one at another account.
        left: A colleague who has left, `left_days` ago; None in most teams.
        shared: Contacts that both CRMs hold.
        leads: Contacts who are leads yet, and are written to in bulk alone.
    """

    number: int
    colleagues: tuple[ExternalId, ...]
    contacts: tuple[ExternalId, ...]
    accounts_of: tuple[int, ...]
    ties: tuple[Tie, ...]
    introductions: tuple[Introduction, ...]
    bridge: Tie | None
    reach: ExternalId
    inside: ExternalId
    peers: tuple[ExternalId, ...]
    mailbox: ExternalId
    bulk: ExternalId
    moved: tuple[ExternalId, ExternalId]
    left: ExternalId | None
    left_days: float
    shared: frozenset[ExternalId]
    leads: frozenset[ExternalId]

    @property
    def audience(self) -> tuple[ExternalId, ...]:
        """The contacts that mail to everybody goes to: all but the leads."""
        return tuple(one for one in self.contacts if one not in self.leads)


REACH, INSIDE, MAILBOX, BULK, MOVED, FIRST_INTRODUCED, FIRST_PLAIN = 0, 1, 2, 3, 4, 5, 8
"""Indices of the contacts that have a part of their own."""

NAMESAKES, TWINS, LEAD_AGAIN, CONVERTED, FIRST_USUAL = (15, 16), (17, 18, 19), 20, 21, 22
"""Indices of two contacts of one name, of those with two records in one CRM, of one who is a lead
too, of one who was a lead, and of the first without anything of that kind."""

SHARED = (REACH, *range(8, 15), NAMESAKES[1])
"""Indices of contacts that both CRMs hold."""


def colleague_id(team: int, index: int) -> ExternalId:
    """Name a colleague."""
    return ExternalId(f"rep-{team}-{index}")


def contact_id(team: int, index: int) -> ExternalId:
    """Name a contact."""
    return ExternalId(f"contact-{team}-{index}")


def twin_id(contact: ExternalId) -> ExternalId:
    """Name the second record that a CRM has of a contact."""
    return ExternalId(f"{contact}-twin")


def lead_id(contact: ExternalId) -> ExternalId:
    """Name the lead that a contact is too, or was."""
    return ExternalId(f"{contact}-lead")


def of_colleague(colleague: ExternalId) -> ExternalId:
    """Name the contact as which a CRM has a colleague too."""
    return ExternalId(f"contact-{colleague}")


def machine_id(team: int) -> ExternalId:
    """Name the mailbox that no person writes from."""
    return ExternalId(f"contact-{team}-machine")


def account_id(team: int, index: int) -> ExternalId:
    """Name an account."""
    return ExternalId(f"account-{team}-{index}")


def account_again(team: int) -> ExternalId:
    """Name the second record of a team's first account, where there is one."""
    return ExternalId(f"account-{team}-0-again")


def above(team: int) -> int:
    """The team that this one hangs from."""
    return (team - 1) // 2


def plan(company: Company, number: int) -> Team:
    """Plan a team: everybody in it and every tie, but no single contact yet."""
    rng = np.random.default_rng([company.seed, number, 0])
    last = number == company.teams - 1
    size = company.people - TEAM * number if last else TEAM
    colleagues = tuple(colleague_id(number, index) for index in range(COLLEAGUES))
    contacts = tuple(contact_id(number, index) for index in range(size - COLLEAGUES))
    left_days = float(rng.uniform(200, 400))
    left = colleagues[-1] if number % LEAVES_EVERY == LEAVES_EVERY - 1 else None
    introductions = tuple(_introductions(rng, colleagues, contacts))
    bridge = _bridge(rng, number)
    ties = [
        *_of_the_mover(rng, colleagues, number),
        *(_regular(rng, colleague, contacts[INSIDE], 10) for colleague in colleagues),
        *(_regular(rng, colleague, contacts[MAILBOX], 45) for colleague in colleagues),
        *(_regular(rng, one.introducer, one.contact, 9) for one in introductions),
        *(
            _plain(rng, colleagues[index % COLLEAGUES], contacts[index])
            for index in range(FIRST_PLAIN, len(contacts))
        ),
        _regular(rng, colleagues[0], contacts[REACH], 12),
    ]
    accounts_of = tuple(rng.choice(ACCOUNTS, len(contacts), p=SHARES).tolist())
    planted = [
        _ended(tie, left_days) if tie.colleague == left else tie for tie in ties if tie is not None
    ]
    usual = frozenset(contacts[FIRST_USUAL:])
    leads = usual & {tie.contact for tie in planted if tie.kind is Kind.OUTREACH}
    return Team(
        number=number,
        colleagues=colleagues,
        contacts=contacts,
        accounts_of=accounts_of,
        ties=tuple(planted),
        introductions=introductions,
        bridge=bridge,
        reach=contacts[REACH],
        inside=contacts[INSIDE],
        peers=_peers(contacts, accounts_of, leads),
        mailbox=contacts[MAILBOX],
        bulk=contacts[BULK],
        moved=(contacts[MOVED], ExternalId(f"{contacts[MOVED]}-new")),
        left=left,
        left_days=left_days,
        shared=frozenset(contacts[index] for index in SHARED),
        leads=leads,
    )


def _peers(
    contacts: tuple[ExternalId, ...], accounts_of: tuple[int, ...], leads: frozenset[ExternalId]
) -> tuple[ExternalId, ...]:
    """The first contacts without a part at the account of the one inside."""
    plain = range(FIRST_PLAIN, len(contacts))
    near = [contacts[index] for index in plain if accounts_of[index] == accounts_of[INSIDE]]
    return tuple([one for one in near if one not in leads][:MOST_PEERS])


def _introductions(
    rng: np.random.Generator, colleagues: tuple[ExternalId, ...], contacts: tuple[ExternalId, ...]
) -> Iterator[Introduction]:
    """The first two colleagues introduce each other; who may have left takes no part."""
    for index in range(FIRST_INTRODUCED, FIRST_PLAIN):
        introducer, colleague = colleagues[index % 2], colleagues[1 - index % 2]
        days = float(rng.uniform(60, 180))
        yield Introduction(colleague, contacts[index], introducer, days)


def _bridge(rng: np.random.Generator, number: int) -> Tie | None:
    """The tie between this team's widest-known contact and the team above."""
    if number == 0:
        return None
    return _regular(rng, colleague_id(above(number), 0), contact_id(number, REACH), 12)


def _of_the_mover(
    rng: np.random.Generator, colleagues: tuple[ExternalId, ...], number: int
) -> Iterator[Tie]:
    """A tie that goes over to the mover's new record on one day."""
    old = contact_id(number, MOVED)
    days = float(rng.uniform(90, 300))
    yield Tie(Kind.ENDED, colleagues[0], old, days + 300, days + 5, 10.0)
    yield Tie(Kind.ACTIVE, colleagues[0], ExternalId(f"{old}-new"), days, 4.0, 10.0)


def _regular(
    rng: np.random.Generator, colleague: ExternalId, contact: ExternalId, every_days: float
) -> Tie:
    """Planted parts are in touch for a year or so, and still are."""
    first, last = rng.uniform(300, 420), rng.uniform(1, every_days)
    return Tie(Kind.ACTIVE, colleague, contact, float(first), float(last), every_days)


def _plain(rng: np.random.Generator, colleague: ExternalId, contact: ExternalId) -> Tie | None:
    """Draw what is between a colleague and a contact of no part; None for nothing."""
    kind = KINDS[int(rng.choice(len(KINDS), p=KIND_SHARES))]
    steady = float(rng.uniform(4, 8))
    life, silent = float(rng.uniform(120, 260)), float(rng.uniform(90, 300))
    match kind:
        case Kind.ACTIVE:
            every = float(np.clip(rng.lognormal(np.log(30), 0.7), 5, 120))
            last = float(rng.uniform(1, every))
            return Tie(kind, colleague, contact, last + float(rng.uniform(60, 700)), last, every)
        case Kind.FADING:
            return Tie(kind, colleague, contact, silent + life, silent, steady)
        case Kind.DORMANT:
            long = float(rng.uniform(380, 900))
            return Tie(kind, colleague, contact, long + life, long, steady)
        case Kind.WEAK:
            last = float(rng.uniform(5, 600))
            return Tie(kind, colleague, contact, last + float(rng.uniform(0, 150)), last, 90.0)
        case Kind.OUTREACH:
            last = float(rng.uniform(5, 300))
            return Tie(kind, colleague, contact, last + 60, last, 10.0)
    return None


def _ended(tie: Tie, left_days: float) -> Tie:
    """The same tie, over when its colleague leaves."""
    last = max(tie.last_days, left_days)
    first = max(tie.first_days, last + 60)
    kind = tie.kind if tie.last_days > left_days else Kind.ENDED
    return Tie(kind, tie.colleague, tie.contact, first, last, tie.every_days)
