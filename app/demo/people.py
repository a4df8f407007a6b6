"""The accounts and people of a team, as one world file holds them.

A file is everything once (`crm` is None), as any CRM can hold it, or the part of one CRM: teams are
at home in one of them, and the other one holds some of their contacts too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.demo import names
from app.demo.identities import CRMS, By, Face, Identities, home
from app.demo.teams import (
    ACCOUNTS,
    CONVERTED,
    LEAD_AGAIN,
    MAILBOX,
    MOVED,
    TEAM,
    TWINS,
    Team,
    account_again,
    account_id,
    lead_id,
    machine_id,
    of_colleague,
    twin_id,
)
from connectors import Account, Activity, ExternalId, Person, PersonKind

OURS = "ours.example"
COLLEAGUE_TOO_EVERY, UNFOLLOWED_EVERY, ACCOUNT_TWICE_EVERY = 3, 8, 3
"""In every so many teams a colleague is stored as a contact too, nobody has noted that the contact
who changed jobs is the same, and an account is stored twice."""

_ROLES = ("Buyer", "Engineer", "Analyst", "Director", "Head of Operations", "CFO", "Assistant")
_ONCE, _TWICE = CRMS


@dataclass(frozen=True, slots=True)
class Kept:
    """A record of a person: whose it is, and what it has in common with their other records."""

    record: Person
    person: ExternalId
    by: By | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A team, as one file holds it; `begun` is when its records were last changed."""

    team: Team
    identities: Identities
    crm: str | None
    begun: datetime

    @property
    def is_home(self) -> bool:
        """The file holds the whole team."""
        return self.crm is None or self.crm == home(self.team.number)

    @property
    def has_one_mover(self) -> bool:
        """Who changed jobs has one record, with both addresses."""
        is_noted = self.team.number // len(CRMS) % UNFOLLOWED_EVERY < UNFOLLOWED_EVERY - 1
        return self.crm == _ONCE and is_noted

    @property
    def instead(self) -> Mapping[ExternalId, ExternalId]:
        """What stands in this file for records that it does not hold."""
        contacts = self.team.contacts
        held = {twin_id(contacts[index]) for index in self._twins()}
        every = {twin_id(contacts[index]): contacts[index] for index in TWINS}
        missing = {record: heir for record, heir in every.items() if record not in held}
        if self.has_one_mover:
            missing |= dict([self.team.moved])
        return missing

    def has(self, activity: Activity) -> bool:
        """An activity is where all its contacts are; one without any is at home."""
        if self.is_home:
            return True
        outside = {p.person_id for p in activity.participants if _is_outside(p.person_id)}
        held = self.team.shared | {self.team.moved[1]} if self.has_one_mover else self.team.shared
        return bool(outside) and held.issuperset(outside)

    def accounts(self) -> Iterator[Account]:
        """Give the accounts, one of them twice in some teams."""
        team = self.team
        needed = {team.accounts_of[team.contacts.index(one)] for one in team.shared}
        needed |= {_new_account(team)} if self.has_one_mover else set()
        for index in range(ACCOUNTS) if self.is_home else sorted(needed):
            name, domain = names.account_name(team.number * ACCOUNTS + index)
            yield Account(account_id(team.number, index), name, domain, self.begun)
        if self.is_home and is_account_twice(team.number):
            name, domain = names.account_name(team.number * ACCOUNTS)
            forms: tuple[tuple[str, str | None], ...] = (
                (f"{name} Inc.", domain),
                (f"{name} Europe", f"eu.{domain}"),
                (name, None),
            )
            other_name, other_domain = forms[account_form(team.number)]
            yield Account(account_again(team.number), other_name, other_domain, self.begun)

    def people(self) -> Iterator[Kept]:
        """Give the records of people: colleagues, then contacts and leads."""
        team = self.team
        yield from self._colleagues()
        if self.is_home:
            for index, contact in enumerate(team.contacts):
                if index != MOVED:
                    yield Kept(self._contact(index), contact)
            yield from self._again()
            yield Kept(self._machine(), machine_id(team.number))
        else:
            for index, face in self.identities.elsewhere.items():
                yield Kept(self._contact(index, face), team.contacts[index], face.by)
        yield from self._mover()

    def _colleagues(self) -> Iterator[Kept]:
        team = self.team
        for index, colleague in enumerate(team.colleagues):
            name = names.full_name(team.number * TEAM + index)
            own = (names.address(name, OURS),)
            yield Kept(
                Person(
                    colleague,
                    PersonKind.COLLEAGUE,
                    name,
                    own,
                    "Account Executive",
                    f"Team {team.number}",
                    is_active=colleague != team.left,
                    modified_at=self.begun,
                ),
                colleague,
                By.ADDRESS,
            )
            if self.is_home and index == 1 and has_colleague_too(team.number):
                record = of_colleague(colleague)
                too = Person(record, PersonKind.CONTACT, name, own, modified_at=self.begun)
                yield Kept(too, colleague, By.ADDRESS)

    def _contact(
        self, index: int, face: Face | None = None, record: ExternalId | None = None
    ) -> Person:
        team, who = self.team, self.identities
        contact = record or team.contacts[index]
        own = face.addresses if face else who.addresses[index]
        if self.crm == _TWICE and index in who.desks and not face:
            own = who.addresses[MAILBOX]
        is_lead = contact in team.leads
        account = account_id(team.number, team.accounts_of[index])
        if record and team.accounts_of[index] == 0 and is_account_twice(team.number):
            account = account_again(team.number)
        return Person(
            contact,
            PersonKind.LEAD if is_lead else PersonKind.CONTACT,
            face.name if face else who.names[index],
            own,
            None if index == MAILBOX else _ROLES[(team.number + index) % len(_ROLES)],
            account_id=None if is_lead else account,
            modified_at=self.begun,
        )

    def _twins(self) -> Iterator[int]:
        """The contacts whose second record this file holds: not all can be held by every CRM."""
        for index, face in self.identities.twins.items():
            is_same = face.by in {By.ADDRESS, By.CAPITALS}
            if self.is_home and (self.crm == _TWICE or not is_same):
                yield index

    def _again(self) -> Iterator[Kept]:
        """Give the second records of contacts, as contacts and as leads."""
        team, who = self.team, self.identities
        for index in self._twins():
            face, contact = who.twins[index], team.contacts[index]
            yield Kept(self._contact(index, face, twin_id(contact)), contact, face.by)
        if self.crm == _TWICE:
            yield Kept(self._lead(LEAD_AGAIN), team.contacts[LEAD_AGAIN], By.ADDRESS)
        if self.crm != _ONCE:
            yield Kept(self._lead(CONVERTED), team.contacts[CONVERTED], By.CONVERTED)

    def _lead(self, index: int) -> Person:
        contact, is_converted = self.team.contacts[index], index == CONVERTED
        return Person(
            lead_id(contact),
            PersonKind.LEAD,
            self.identities.names[index],
            self.identities.addresses[index],
            modified_at=self.begun,
            is_deleted=is_converted,
            merged_into=contact if is_converted else None,
        )

    def _machine(self) -> Person:
        team = self.team
        name, domain = names.account_name(team.number * ACCOUNTS)
        account, own = account_id(team.number, 0), (f"noreply@{domain}",)
        return Person(
            machine_id(team.number),
            PersonKind.CONTACT,
            f"{name} Notifications",
            own,
            account_id=account,
            modified_at=self.begun,
        )

    def _mover(self) -> Iterator[Kept]:
        """Give the records of who changed jobs: the old one and the new, or one of both."""
        team, who = self.team, self.identities
        old, new = team.moved
        if self.is_home and not self.has_one_mover:
            yield Kept(self._contact(MOVED), old)
        if not self.is_home and not self.has_one_mover:
            return
        domain = names.account_name(team.number * ACCOUNTS + _new_account(team))[1]
        now = (names.address(who.names[MOVED], domain),)
        record = Person(
            new,
            PersonKind.CONTACT,
            who.names[MOVED],
            now + who.addresses[MOVED] if self.has_one_mover else now,
            _ROLES[(team.number + MOVED + 1) % len(_ROLES)],
            account_id=account_id(team.number, _new_account(team)),
            modified_at=self.begun,
        )
        yield Kept(record, old, By.SECOND if self.has_one_mover else By.JOB)


def is_account_twice(team: int) -> bool:
    """Tell whether a team's first account has two records."""
    return team % ACCOUNT_TWICE_EVERY == 0


def account_form(team: int) -> int:
    """Give what the two have in common: the domain, a part of it, or the name."""
    return team // ACCOUNT_TWICE_EVERY % 3


def has_colleague_too(team: int) -> bool:
    """Tell whether a colleague is stored as a contact too."""
    return team % COLLEAGUE_TOO_EVERY == 1


def _new_account(team: Team) -> int:
    return (team.accounts_of[MOVED] + 1) % ACCOUNTS


def _is_outside(person: ExternalId | None) -> bool:
    return person is not None and person.startswith("contact-")
