"""Who is who among a team's contacts: names and addresses, and the people with several records.

Shares are of what is planted: of the people whom both CRMs hold, four in five records have an
address in common with the other one and the rest mostly an alias at the same domain. Where nothing
but name, title and account agree, or the name alone after a change of jobs, no rule that is never
wrong can tell; that is one pair in twenty. Beside them stand those who look alike and are not:
people of one name, and people who share a mailbox.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from app.demo import names
from app.demo.teams import (
    ACCOUNTS,
    COLLEAGUES,
    FIRST_USUAL,
    MAILBOX,
    NAMESAKES,
    SHARED,
    TEAM,
    TWINS,
    Company,
    Team,
)

CRMS = ("hubspot", "salesforce")
"""The first one holds an address once; in the other one it may stand in several records."""


class By(StrEnum):
    """What two records of one person have in common, beside most of the name."""

    ADDRESS = "same address"
    CAPITALS = "same address in capitals"
    SECOND = "second address"
    ALIAS = "alias at the same domain"
    PRIVATE = "same title and account, private address"
    NO_ADDRESS = "same title and account, no address"
    JOB = "name alone, other job"
    CONVERTED = "converted lead"


_BOTH = {
    By.ADDRESS: 0.6,
    By.CAPITALS: 0.12,
    By.SECOND: 0.12,
    By.ALIAS: 0.14,
    By.PRIVATE: 0.01,
    By.NO_ADDRESS: 0.01,
}
_TWICE_WITH_ADDRESS = {
    By.ADDRESS: 0.4,
    By.CAPITALS: 0.2,
    By.ALIAS: 0.36,
    By.PRIVATE: 0.02,
    By.NO_ADDRESS: 0.02,
}
_TWICE = {By.ALIAS: 0.94, By.PRIVATE: 0.03, By.NO_ADDRESS: 0.03}
MISSPELT = {By.ADDRESS: 0.33, By.CAPITALS: 0.33, By.SECOND: 0.33, By.ALIAS: 0.1}
"""How often the name is spelt otherwise, by what else is the same."""

PRIVATE_ONLY, WITH_ALIAS, WITH_PRIVATE = 0.08, 0.18, 0.22
"""Shares of usual contacts, each on top of the ones before."""


@dataclass(frozen=True, slots=True)
class Face:
    """How another record shows a person."""

    name: str
    addresses: tuple[str, ...]
    by: By


@dataclass(frozen=True, slots=True)
class Identities:
    """The people of a team, by the index of the contact.

    Attributes:
        names: Of the contacts.
        addresses: Of the contacts, as the CRM at home has them, the main one first.
        elsewhere: How the other CRM shows those whom both hold.
        twins: How the CRM at home shows some a second time.
        desks: Contacts who use the team's shared mailbox.
    """

    names: tuple[str, ...]
    addresses: tuple[tuple[str, ...], ...]
    elsewhere: Mapping[int, Face]
    twins: Mapping[int, Face]
    desks: tuple[int, ...]


def home(team: int) -> str:
    """The CRM that holds a team whole."""
    return CRMS[team % len(CRMS)]


def domain_of(team: Team, index: int) -> str:
    """The domain of a contact's account."""
    return names.account_name(team.number * ACCOUNTS + team.accounts_of[index])[1]


def identify(company: Company, team: Team) -> Identities:
    """Draw the names and addresses of a team's contacts."""
    rng = np.random.default_rng([company.seed, team.number, 3])
    draft = _Draft(team)
    chance = rng.random(len(team.contacts)).tolist()
    own = [draft.addresses(index, share) for index, share in enumerate(chance)]
    elsewhere = {index: draft.face(rng, index, _BOTH) for index in SHARED}
    for index, face in elsewhere.items():
        if face.by is By.SECOND:
            own[index] = (*own[index], face.addresses[0])
    table = _TWICE if home(team.number) == CRMS[0] else _TWICE_WITH_ADDRESS
    account = team.accounts_of[MAILBOX]
    usual = range(FIRST_USUAL, len(team.contacts))
    near = [index for index in usual if team.accounts_of[index] == account]
    return Identities(
        names=draft.names,
        addresses=tuple(own),
        elsewhere=elsewhere,
        twins={index: draft.face(rng, index, table) for index in TWINS},
        desks=tuple(near[:2]),
    )


class _Draft:
    """Names of a team, and the addresses that are made of them."""

    def __init__(self, team: Team) -> None:
        first = team.number * TEAM + COLLEAGUES
        known = [names.full_name(first + index) for index in range(len(team.contacts))]
        known[NAMESAKES[1]] = known[NAMESAKES[0]]
        self._team = team
        self._initials = Counter(map(_with_initial, known))
        known[MAILBOX] = f"Info {domain_of(team, MAILBOX)}"
        self.names = tuple(known)

    def addresses(self, index: int, chance: float) -> tuple[str, ...]:
        """Give somebody's own addresses."""
        name, domain = self.names[index], domain_of(self._team, index)
        if index == MAILBOX:
            return (f"info@{domain}",)
        if index == NAMESAKES[1]:  # whoever came second got a number
            return (names.address(f"{name}2", domain),)
        own = names.address(name, domain)
        if index < FIRST_USUAL or chance > WITH_PRIVATE:
            return (own,)
        if chance < PRIVATE_ONLY:
            return (self._private(index),)
        return (own, self._alias(index) if chance < WITH_ALIAS else self._private(index))

    def face(self, rng: np.random.Generator, index: int, table: Mapping[By, float]) -> Face:
        """Draw how another record shows somebody; one of two namesakes never becomes both."""
        by = list(table)[int(rng.choice(len(table), p=list(table.values())))]
        is_misspelt, way = rng.random() < MISSPELT.get(by, 0), int(rng.integers(names.SPELLINGS))
        (own,) = self.addresses(index, 1.0)
        if index in NAMESAKES:
            by, is_misspelt = By.ADDRESS, False
        addresses = {
            By.ADDRESS: (own,),
            By.CAPITALS: (names.in_capitals(own),),
            By.SECOND: (self._alias(index), own),
            By.ALIAS: (self._alias(index),),
            By.PRIVATE: (self._private(index),),
        }
        name = names.misspelt(self.names[index], way) if is_misspelt else self.names[index]
        return Face(name, addresses.get(by, ()), by)

    def _alias(self, index: int) -> str:
        name = self.names[index]
        has_initial = self._initials[_with_initial(name)] == 1
        return names.alias(name, domain_of(self._team, index), has_initial=has_initial)

    def _private(self, index: int) -> str:
        return names.private_address(self.names[index], self._team.number + index)


def _with_initial(name: str) -> str:
    first, _, last = name.partition(" ")
    return f"{first[0]} {last}"
