"""Who of an activity's participants has met anybody, after all that is left out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from app.pipeline.exclusions import LeftOut, Rules
from app.pipeline.leaving_out import Lists
from app.store import people
from connectors import Role


@dataclass(frozen=True, slots=True)
class Named:
    """A participant: the person, if it is known who; the address, if the activity names one."""

    role: Role
    person: int | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Present:
    """The participants of one activity.

    Attributes:
        parts: All who took part; a stand-in below 0 for somebody who is not to be known.
        left_out: Those of them who are excluded.
        kept_apart: Whom each colleague's own list keeps from them.
    """

    parts: Sequence[tuple[Role, int]]
    left_out: Collection[int]
    kept_apart: Mapping[int, Collection[int]]

    def has_met(self, one: int, other: int) -> bool:
        """Whether it counts that these two met."""
        return not (
            one in self.left_out
            or other in self.left_out
            or other in self.kept_apart.get(one, ())
            or one in self.kept_apart.get(other, ())
        )


@dataclass
class Presence:
    """Says who takes part in the activities of a batch.

    Args:
        session: Nothing is changed.
        lists: All exclusions.
        who: Everybody who may be named.
    """

    session: Session
    lists: Lists
    who: Collection[int]
    _of_company: Mapping[int, str] = field(init=False)
    _of_own: Mapping[int, Mapping[int, LeftOut]] = field(init=False)

    def __post_init__(self) -> None:
        self._of_company = people.left_out(self.session, self.who)
        own = {one: rules for one, rules in self.lists.own.items() if one in self.who}
        addresses = people.addresses_of(self.session, self.who) if own else {}
        self._of_own = {one: _matched(rules, addresses) for one, rules in own.items()}

    def of(self, named: Sequence[Named]) -> Present:
        """Say who takes part in one activity; nobody where a rule takes all of it."""
        parts: list[tuple[Role, int]] = []
        out: dict[int, LeftOut] = {}
        addresses: dict[int, str] = {}
        for number, one in enumerate(named, 1):
            what = self._company(one)
            person = one.person if one.person is not None and not what else -number
            if one.person is None:
                what = what or LeftOut.PERSON  # who objected: only that they were there is known
            parts.append((one.role, person))
            addresses[person] = one.address or ""
            if what:
                out[person] = what
        if LeftOut.ACTIVITY in out.values():
            return Present((), (), {})
        return Present(parts, out.keys(), self._apart(addresses))

    def _company(self, one: Named) -> LeftOut:
        """What the company's list leaves out for a participant."""
        by_address = self.lists.company.of(one.address) if one.address else LeftOut.NOTHING
        by_person = LeftOut(self._of_company.get(one.person or 0, ""))
        return (
            LeftOut.ACTIVITY
            if LeftOut.ACTIVITY in (by_address, by_person)
            else (by_address or by_person)
        )

    def _apart(self, addresses: Mapping[int, str]) -> dict[int, Collection[int]]:
        """Whom the colleagues' own lists keep from them; everybody if a rule takes all of it."""
        found: dict[int, Collection[int]] = {}
        for colleague in self._of_own.keys() & addresses.keys():
            others = {one for one in addresses if one != colleague}
            told = {one: self._own(colleague, one, addresses[one]) for one in others}
            if LeftOut.ACTIVITY in told.values():
                found[colleague] = others
            else:
                found[colleague] = {one for one, what in told.items() if what}
        return found

    def _own(self, colleague: int, other: int, address: str) -> LeftOut:
        return self._of_own[colleague].get(other) or self.lists.own[colleague].of(address)


def _matched(rules: Rules, addresses: Mapping[int, set[str]]) -> dict[int, LeftOut]:
    """Whom a list leaves out, by all addresses that they have."""
    found = {person: rules.of_any(listed) for person, listed in addresses.items()}
    return {person: what for person, what in found.items() if what}
