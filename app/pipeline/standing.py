"""How records stand by their people's ties: what the custom fields are made from.

People are read page by page; what their accounts and deals need of them is kept as they pass.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.engine import BANDS, STATUSES
from app.engine.calibre import calibre
from app.engine.deals import Link, Picture, Risk, Task, picture, risk_of, task_of
from app.engine.signs import Contact, Signs, signs
from app.engine.worth import Worth, worth
from app.store.cards import Card, CardAdvice, CardTie
from app.store.standings import DealRow, Standing

YEAR_DAYS = 365.0


@dataclass(frozen=True, slots=True)
class PersonStanding:
    """A contact or lead with whom at least one colleague has a tie.

    Attributes:
        best: The strongest of them, as the contact sees it.
        row: The record: title and account, and the place in the network.
    """

    best: CardTie
    card: Card
    row: Standing

    @classmethod
    def of(cls, row: Standing) -> "PersonStanding | None":
        """Read a record's card; None where nobody has a tie, or is to."""
        card = Card.model_validate_json(row.card) if row.card and not row.is_left_out else None
        if card is None or card.best is None:
            return None
        return cls(card.best, card, row)

    @property
    def links(self) -> list[Link]:
        """The ties of us with this person, but for those of a crowd."""
        ours = (tie for tie in self.card.ties if tie.other.is_colleague and tie.is_personal)
        return [_link(self.card.person.id, tie) for tie in ours]

    @property
    def advice(self) -> CardAdvice | None:
        """The most pressing of what is recommended about them; not what they are to do themselves.

        A colleague may have a record as a contact, and what they are told is on their card too.
        """
        who = self.card.person.id
        return next((one for one in self.card.recommendations if one.contact.id == who), None)

    @property
    def signs(self) -> Signs:
        """The five signs of a useful contact, by the strongest tie."""
        best = self.best
        years = max((best.last_contact - best.first_contact).days / YEAR_DAYS, 1.0)
        both = sorted((best.sent, best.received))
        told = Contact(
            days_a_year=best.active_days / years,
            balance=both[0] / both[1] if both[1] else None,
            overlap=best.overlap,
        )
        return signs(
            has_title=bool(self.row.title),
            has_account=self.row.account_id is not None,
            contact=told,
        )


@dataclass(frozen=True, slots=True)
class AccountStanding:
    """What the people of an account add up to.

    Attributes:
        best: The strongest tie of a colleague with somebody there, as that somebody sees it.
        contact: Their name.
        threads: How many people there have a tie that is at least weak and not off the radar.
        coverage: Share of the people on record there with whom one of us has at least a weak tie.
        risk: How much hangs on one person.
        worth: Calibre x quality x number.
    """

    best: CardTie
    contact: str
    threads: int
    coverage: float
    risk: Risk
    worth: Worth


@dataclass(frozen=True, slots=True)
class DealStanding:
    """How an open deal stands.

    Attributes:
        best: The strongest tie with somebody on it or at its account; None without any.
        contact: Their name; "" without any.
        action: What is recommended, and why; None for nothing.
    """

    picture: Picture
    best: CardTie | None
    contact: str
    action: tuple[str, str] | None


@dataclass(slots=True)
class _Member:
    """What an account or deal needs of one of its people."""

    person: int
    name: str
    best: CardTie
    links: list[Link]
    calibre: float | None
    advice: CardAdvice | None


@dataclass(slots=True)
class Passed:
    """The people that have passed, by record and by account.

    Attributes:
        on_deals: The records that are on a deal: they are kept by themselves too.
    """

    on_deals: frozenset[str] = frozenset()
    _of_account: dict[str, list[_Member]] = field(default_factory=dict)
    _sizes: dict[str, int] = field(default_factory=dict)
    _of_record: dict[str, _Member] = field(default_factory=dict)
    _left_out: set[str] = field(default_factory=set)

    def add(self, row: Standing, standing: PersonStanding | None) -> None:
        """Keep what is needed of a person who is there."""
        if row.is_left_out:
            self._left_out.add(row.external_id)
            return
        if row.account_id is not None:
            self._sizes[row.account_id] = self._sizes.get(row.account_id, 0) + 1
        if standing is None:
            return
        member = _member(standing)
        if row.account_id is not None:
            self._of_account.setdefault(row.account_id, []).append(member)
        if row.external_id in self.on_deals:
            self._of_record[row.external_id] = member

    def account(self, external_id: str) -> AccountStanding | None:
        """How an account stands; None where nobody there has a tie with us."""
        people = self._of_account.get(external_id)
        if not people:
            return None
        strongest = max(people, key=lambda one: one.best.strength)
        known = sum(one.best.band != BANDS[0] for one in people)
        links = [link for one in people for link in one.links]
        live = [link for link in links if link.is_live]
        return AccountStanding(
            best=strongest.best,
            contact=strongest.name,
            threads=len({link.contact for link in live}),
            coverage=known / self._sizes[external_id],
            risk=risk_of(live),
            worth=worth(links, _calibres(people)),
        )

    def deal(self, row: DealRow, tasks: "Tasks", action: tuple[str, str] | None) -> DealStanding:
        """How a deal stands."""
        on_it = [self._of_record[one] for one in row.contacts if one in self._of_record]
        there = self._of_account.get(row.account_id or "", [])
        people = list({one.person: one for one in [*there, *on_it]}.values())
        # Who is on the deal and has no tie is somebody too, though we need no more than the number.
        known = self._of_record.keys() | self._left_out
        strangers = [-n for n, one in enumerate(row.contacts, 1) if one not in known]
        found = picture(
            tasks.of(row.stage),
            [link for one in people for link in one.links],
            involved={*strangers, *(one.person for one in on_it)},
            calibres=_calibres(people),
        )
        strongest = max(people, key=lambda one: one.best.strength, default=None)
        return DealStanding(
            picture=found,
            best=strongest.best if strongest else None,
            contact=strongest.name if strongest else "",
            action=action or _pressing(on_it),
        )


@dataclass(frozen=True, slots=True)
class Tasks:
    """What there is to do in each stage: as an admin said, else by its name or its place."""

    order: Sequence[str] = ()
    chosen: Mapping[str, Task] = field(default_factory=dict)

    def of(self, stage: str) -> Task:
        """What there is to do in one stage."""
        return task_of(stage, self.order, self.chosen)


def is_live(tie: CardTie) -> bool:
    """Whether a tie is at least weak, and neither off the radar nor dormant."""
    return tie.band != BANDS[0] and tie.status in STATUSES[:2]


def _link(person: int, tie: CardTie) -> Link:
    is_known = tie.band != BANDS[0]
    return Link(tie.other.id, person, tie.strength, tie.alive, is_known, is_live(tie))


def _member(standing: PersonStanding) -> _Member:
    who = standing.card.person
    return _Member(
        person=who.id,
        name=who.name,
        best=standing.best,
        links=standing.links,
        calibre=calibre(standing.row.title),
        advice=standing.advice,
    )


def _calibres(people: Iterable[_Member]) -> dict[int, float]:
    return {one.person: one.calibre for one in people if one.calibre is not None}


def _pressing(people: Iterable[_Member]) -> tuple[str, str] | None:
    """The most pressing of what is recommended about these people."""
    told = [one.advice for one in people if one.advice]
    first = max(told, key=lambda one: (one.priority, one.rule), default=None)
    return (first.rule, f"{first.colleague.name}: {first.reason}") if first else None
