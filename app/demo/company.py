"""A sales company whose truth is known: records to fill CRMs with, for 100 to 1,000,000 people.

Read `teams` (what is planted), `exchanges` and `rhythm` (how it happens), and `truth` (what is told
of it). Everything streams: accounts, then people, then activities, team by team, and the same
company gives the same records. Deals are in the truth alone: records have none yet.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.demo import truth
from app.demo.exchanges import CHIEF, NEWSLETTER, activities
from app.demo.names import NAMES, address, pseudonym
from app.demo.teams import (
    ACCOUNTS,
    COLLEAGUES,
    MAILBOX,
    TEAM,
    Company,
    Team,
    account_id,
    plan,
)
from connectors import (
    Account,
    Activity,
    ExternalId,
    Person,
    PersonKind,
    Record,
    names,
)
from connectors._worlds import write

OURS = "ours.example"
_TREES = (
    "Alder",
    "Birch",
    "Cedar",
    "Elm",
    "Fir",
    "Hazel",
    "Larch",
    "Maple",
    "Oak",
    "Pine",
    "Rowan",
)
_TRADES = ("Foods", "Freight", "Glass", "Labs", "Mutual", "Paper", "Power", "Textiles", "Tools")
_ROLES = ("Buyer", "Engineer", "Analyst", "Director", "Head of Operations", "CFO", "Assistant")
_BEGUN_DAYS = 1600.0


def world(company: Company, crm: str | None = None) -> Iterator[Record]:
    """Give the company's records: accounts, then people, then activities.

    Args:
        company: Which.
        crm: Only what this CRM holds: every colleague, every other team's contacts and accounts,
            and the contacts that both CRMs hold, as duplicates; None for everything once.
    """
    begun = company.until - timedelta(days=_BEGUN_DAYS)
    for held in _held(company, crm):
        yield from _accounts(held, begun)
    yield Person(CHIEF, PersonKind.COLLEAGUE, "Ada Chief", (f"chief@{OURS}",), "CEO", None, None)
    yield Person(NEWSLETTER, PersonKind.COLLEAGUE, "Our Newsletter", (f"news@{OURS}",))
    for held in _held(company, crm):
        yield from _people(held, begun)
    for held in _held(company, crm):
        yield from (one for one in activities(company, held.team) if held.has(one))


def save(company: Company, file: Path, *, is_per_crm: bool = False) -> Mapping[Path, int]:
    """Write the company as world files, and its truth beside them.

    Args:
        company: Which.
        file: The world file (``acme.ndjson.gz``); the truth goes into ``acme.truth.json``.
        is_per_crm: Write one world file per CRM instead (``acme.<crm>.ndjson.gz``).

    Returns:
        How many records went into each world file.
    """
    stem, ending = _split(file)
    truth.write(company, stem.with_name(f"{stem.name}.truth.json"))
    if not is_per_crm:
        return {file: write(world(company), file)}
    files = {crm: stem.with_name(f"{stem.name}.{crm}{ending}") for crm in names()}
    return {part: write(world(company, crm), part) for crm, part in files.items()}


def _split(file: Path) -> tuple[Path, str]:
    """Give a file's path without its endings, and its endings: ``acme`` and ``.ndjson.gz``."""
    endings = [suffix for suffix in file.suffixes[-2:] if suffix in {".ndjson", ".gz", ".json"}]
    ending = "".join(endings)
    return file.with_name(file.name.removesuffix(ending)), ending


@dataclass(frozen=True, slots=True)
class _Held:
    """A team, as one CRM holds it."""

    team: Team
    is_home: bool
    contacts: frozenset[ExternalId]

    def has(self, activity: Activity) -> bool:
        """An activity is where all its contacts are; one without any is at home."""
        outside = [p.person_id for p in activity.participants if _is_outside(p.person_id)]
        return self.is_home or (bool(outside) and self.contacts.issuperset(outside))


def _held(company: Company, crm: str | None) -> Iterator[_Held]:
    for number in range(company.teams):
        team = plan(company, number)
        is_home = crm is None or names().index(crm) == number % len(names())
        everybody = frozenset((*team.contacts, team.moved[1]))
        yield _Held(team, is_home, everybody if is_home else team.shared)


def _is_outside(person: ExternalId | None) -> bool:
    return person is not None and person.startswith("contact-")


def _accounts(held: _Held, begun: datetime) -> Iterator[Account]:
    number = held.team.number
    needed = {
        held.team.accounts_of[index]
        for index, contact in enumerate(held.team.contacts)
        if contact in held.contacts
    }
    for index in range(ACCOUNTS):
        if held.is_home or index in needed:
            name, domain = account_name(number, index)
            yield Account(account_id(number, index), name, domain, begun)


def account_name(team: int, index: int) -> tuple[str, str]:
    """Give an account's name and domain."""
    place = team * ACCOUNTS + index
    name = f"{_TREES[place % len(_TREES)]} {_TRADES[place // len(_TREES) % len(_TRADES)]}"
    round_ = place // (len(_TREES) * len(_TRADES))
    name = f"{name} {round_ + 1}" if round_ else name
    return name, name.lower().replace(" ", "-") + ".example"


def _people(held: _Held, begun: datetime) -> Iterator[Person]:
    team = held.team
    for index, colleague in enumerate(team.colleagues):
        name = _name(team.number * TEAM + index)
        yield Person(
            colleague,
            PersonKind.COLLEAGUE,
            name,
            (address(name, OURS),),
            "Account Executive",
            f"Team {team.number}",
            is_active=colleague != team.left,
            modified_at=begun,
        )
    for index, contact in enumerate(team.contacts):
        if contact in held.contacts:
            yield _contact(team, index, contact, team.accounts_of[index], begun)
            if contact == team.moved[0] and team.moved[1] in held.contacts:
                other = (team.accounts_of[index] + 1) % ACCOUNTS
                yield _contact(team, index, team.moved[1], other, begun)


def _contact(team: Team, index: int, contact: ExternalId, account: int, at: datetime) -> Person:
    name, domain = (
        _name(team.number * TEAM + COLLEAGUES + index),
        account_name(team.number, account)[1],
    )
    own = f"info@{domain}" if index == MAILBOX else address(name, domain)
    return Person(
        contact,
        PersonKind.CONTACT,
        f"Info {domain}" if index == MAILBOX else name,
        (own,),
        None if index == MAILBOX else _ROLES[(team.number + index) % len(_ROLES)],
        account_id=account_id(team.number, account),
        modified_at=at,
    )


def _name(number: int) -> str:
    """Give a pseudonym; people beyond the last one are told apart by a number."""
    again, place = divmod(number, NAMES)
    return f"{pseudonym(place)}-{again + 1}" if again else pseudonym(place)
