"""The lists of exclusions -> who is left out: what they touch is resolved and scored again."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from app.pipeline.exclusions import SUGGESTED, Kind, Rule, Rules
from app.pipeline.mailboxes import canonical
from app.store import erasing, exclusions, networks, people, resolving, retention, tables


@dataclass
class Lists:
    """All rules that hold: those of the company, and each colleague's own."""

    company: Rules = field(default_factory=lambda: Rules(()))
    own: Mapping[int, Rules] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session) -> "Lists":
        """Read the lists as they stand."""
        found: dict[int | None, list[Rule]] = {}
        for row in exclusions.holding(session):
            found.setdefault(row.colleague_id, []).append(rule_of(row))
        own = {one: Rules(rules) for one, rules in found.items() if one is not None}
        return cls(Rules(found.get(None, ())), own)

    def settle(self, session: Session, of: Mapping[int, Iterable[str]]) -> set[int]:
        """Say of some people, by their addresses, who is left out.

        Returns:
            Of whom that is another answer than before.
        """
        before = people.left_out(session, of)
        now = {person: self.company.of_any(listed).value for person, listed in of.items()}
        differing = {one: what for one, what in now.items() if what != before.get(one, "")}
        people.leave_out(session, differing)
        return set(differing)


def rule_of(row: tables.Exclusion) -> Rule:
    """Give a kept exclusion as a rule."""
    return Rule(Kind(row.kind), row.value, row.takes_activity)


def settle_lists(session: Session) -> bool:
    """Account for what changed of the lists since the last run; nothing happens if nothing did.

    What anybody concerned took part in is to be resolved again, their names are taken out of what
    was written, and the day's network is found anew.

    Returns:
        Whether anything had changed.
    """
    suggest(session)
    changed = exclusions.unsettled(session)
    if not changed:
        return False
    rules = Rules([rule_of(row) for row in changed])
    of: dict[int, set[str]] = {}
    for person, address in people.every_address(session):
        of.setdefault(person, set()).add(address)
    differing = Lists.of(session).settle(session, of)
    concerned = differing | {one for one, listed in of.items() if rules.of_any(listed)}
    reopen(session, concerned, rules)
    if differing:
        out = people.left_out(session, differing)
        erasing.forget_words(session, set(people.names_of(session, out).values()) - {""})
        networks.forget(session)
    _forget_own_past(session, changed, of)
    exclusions.settle(session)
    return True


def _forget_own_past(
    session: Session, changed: Iterable[tables.Exclusion], of: Mapping[int, Iterable[str]]
) -> None:
    """Forget what colleagues' own lists keep from them of what is kept by the day only."""
    for row in changed:
        if row.colleague_id is not None and row.is_on and not row.is_lifted:
            rules = Rules([rule_of(row)])
            theirs = {one for one, listed in of.items() if rules.of_any(listed)}
            retention.forget_between(session, row.colleague_id, theirs)


def reopen(session: Session, concerned: Collection[int], rules: Rules) -> None:
    """Have all activities resolved again that name one of these people, or an address by a rule."""
    of = people.addresses_of(session, concerned)
    addresses = {canonical(address) for listed in of.values() for address in listed}
    records = people.records_behind(session, concerned)

    def is_concerned(connection_id: int, participants: list[list[str | None]]) -> bool:
        return any(
            (connection_id, record or "") in records
            or (address and (canonical(address) in addresses or rules.of(address)))
            for _, record, address in participants
        )

    resolving.reopen_where(session, is_concerned)


def suggest(session: Session) -> None:
    """Put the rules that we suggest on the company's list, once and for good."""
    state = exclusions.state(session)
    if state.has_suggested:
        return
    state.has_suggested = True
    at = exclusions.SUGGESTED_AT
    for one in SUGGESTED:
        row = tables.Exclusion(
            kind=one.kind.value,
            value=one.value,
            takes_activity=one.takes_activity,
            is_on=one.is_on,
            reason=one.reason,
            author=exclusions.BY_DEFAULT,
            set_at=at,
        )
        session.add(row)
    session.flush()
