"""The custom fields: what each is called, what it means, and where its value comes from.

To add one, add a line: code, docs and console are made from this table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.engine import BAND_CUTS, BANDS, STATUSES, recommendations
from app.store.cards import Card, CardAdvice, CardTie
from connectors import Field, FieldType, FieldValue, Target

LONGEST_TEXT = 255
NUMBER, TEXT, PICKLIST, DATE = FieldType.NUMBER, FieldType.TEXT, FieldType.PICKLIST, FieldType.DATE

StandingT = TypeVar("StandingT")


@dataclass(frozen=True, slots=True)
class PersonStanding:
    """A contact or lead with whom at least one colleague has a tie.

    Attributes:
        best: The strongest of them, as the contact sees it.
    """

    best: CardTie
    card: Card


@dataclass(frozen=True, slots=True)
class AccountStanding:
    """What the people of an account add up to.

    Attributes:
        best: The strongest tie of a colleague with somebody there, as that somebody sees it.
        contact: Their name.
        threads: How many people there have a tie that is at least weak and not off the radar.
    """

    best: CardTie
    contact: str
    threads: int

    @classmethod
    def of(cls, people: Sequence[PersonStanding]) -> "AccountStanding":
        """Add up the people of an account, at least one; of equal ties the first counts."""
        strongest = max(people, key=lambda person: person.best.strength)
        threads = [
            person
            for person in people
            if person.best.band != BANDS[0] and person.best.status in STATUSES[:2]
        ]
        return cls(strongest.best, strongest.card.person.name, len(threads))


@dataclass(frozen=True, slots=True)
class Column(Generic[StandingT]):
    """A custom field and where its value comes from.

    Attributes:
        value: What to show, None to leave the field empty.
        dead_band: A number that moved by less than this is left as it is.
        follows: Rewritten only when another field of the record is, because it moves by itself.
    """

    name: str
    label: str
    type: FieldType
    description: str
    value: Callable[[StandingT], FieldValue]
    length: int = LONGEST_TEXT
    options: tuple[str, ...] = ()
    dead_band: int = 0
    follows: bool = False

    def on(self, target: Target) -> Field:
        """The field as a connector creates it on one kind of record."""
        return Field(
            target=target,
            name=self.name,
            label=self.label,
            type=self.type,
            description=self.description,
            length=self.length,
            options=self.options,
        )


def _shown(word: str) -> str:
    return word.replace("_", " ").capitalize()


_BANDS, _STATUSES = tuple(map(_shown, BANDS)), tuple(map(_shown, STATUSES))
_CUTS = (
    ", ".join(f"{band} below {cut:g}" for band, cut in zip(BANDS, BAND_CUTS, strict=False))
    + f", else {BANDS[-1]}"
)
_ACTIONS = {name: recommendations.rule(name).TITLE for name in recommendations.names()}


def _route(standing: PersonStanding) -> str | None:
    """One line: whom to ask for an introduction, and whom else."""
    known = [tie for tie in standing.card.ties if tie.band != BANDS[0]]
    ours = [tie for tie in known if tie.other.is_colleague]
    if not ours:
        return None
    first, *others = ours
    line = f"Ask {first.other.name} ({_shown(first.band).lower()} tie"
    line += f", last in touch {first.last_contact:%-d %b %Y})"
    return f"{line}, or {others[0].other.name}" if others else line


def _advice(standing: PersonStanding) -> CardAdvice | None:
    return standing.card.recommendations[0] if standing.card.recommendations else None


PERSON: tuple[Column[PersonStanding], ...] = (
    Column(
        "strength",
        "Tie strength",
        NUMBER,
        "How strong the strongest tie with one of us is, 0 to 100. Empty: no contact on record.",
        lambda standing: standing.best.strength,
        length=3,
        dead_band=2,
    ),
    Column(
        "band",
        "Tie band",
        PICKLIST,
        f"Tie strength in words: {_CUTS}.",
        lambda standing: _shown(standing.best.band),
        options=_BANDS,
    ),
    Column(
        "status",
        "Tie status",
        PICKLIST,
        "Silence against the pair's own rhythm: cooling at 3 times, off the radar at 8 times, "
        "dormant after a year.",
        lambda standing: _shown(standing.best.status),
        options=_STATUSES,
    ),
    Column(
        "trend",
        "Tie trend (points in 30 days)",
        NUMBER,
        "What tie strength gained in the last 30 days; below 0 if it lost some.",
        lambda standing: standing.best.trend,
        length=3,
        dead_band=5,
    ),
    Column(
        "alive",
        "Alive next quarter (%)",
        NUMBER,
        "Chance of contact both ways within the next 90 days, in per cent.",
        lambda standing: round(standing.best.alive * 100),
        length=3,
        dead_band=5,
    ),
    Column(
        "confidence",
        "Tie confidence (%)",
        NUMBER,
        "How far the contacts on record carry the score, in per cent.",
        lambda standing: round(standing.best.confidence * 100),
        length=3,
        dead_band=5,
    ),
    Column(
        "best_colleague",
        "Best-connected colleague",
        TEXT,
        "Who of us knows this person best.",
        lambda standing: standing.best.other.name,
    ),
    Column(
        "route",
        "Introduction route",
        TEXT,
        "Whom to ask for an introduction. Empty: nobody has a tie that would carry one.",
        _route,
    ),
    Column(
        "last_touch",
        "Last touch",
        DATE,
        "When any of us was last in contact, by the calendar of UTC.",
        lambda standing: standing.card.last_contact and standing.card.last_contact.date(),
    ),
    Column(
        "next_action",
        "Next action",
        PICKLIST,
        "What Tieline recommends. Empty: nothing now.",
        lambda standing: _ACTIONS[advice.rule] if (advice := _advice(standing)) else None,
        options=tuple(_ACTIONS.values()),
    ),
    Column(
        "next_action_reason",
        "Next action: reason",
        TEXT,
        "Why, from the contacts on record.",
        lambda standing: advice.reason if (advice := _advice(standing)) else None,
        follows=True,
    ),
)

ACCOUNT: tuple[Column[AccountStanding], ...] = (
    Column(
        "strength",
        "Strongest tie",
        NUMBER,
        "How strong the strongest tie of one of us with somebody there is, 0 to 100.",
        lambda standing: standing.best.strength,
        length=3,
        dead_band=2,
    ),
    Column(
        "band",
        "Strongest tie: band",
        PICKLIST,
        f"The strongest tie in words: {_CUTS}.",
        lambda standing: _shown(standing.best.band),
        options=_BANDS,
    ),
    Column(
        "best_colleague",
        "Best-connected colleague",
        TEXT,
        "Who of us has the strongest tie there.",
        lambda standing: standing.best.other.name,
    ),
    Column(
        "best_contact",
        "Best-connected contact",
        TEXT,
        "With whom there the strongest tie is.",
        lambda standing: standing.contact,
    ),
    Column(
        "threads",
        "Threads",
        NUMBER,
        "How many people there have a tie with us that is at least weak and not off the radar.",
        lambda standing: standing.threads,
        length=6,
    ),
)

COLUMNS: Mapping[Target, Sequence[Column[Any]]] = {
    Target.CONTACT: PERSON,
    Target.LEAD: PERSON,
    Target.ACCOUNT: ACCOUNT,
}


def fields(target: Target) -> tuple[Field, ...]:
    """The custom fields of one kind of record."""
    return tuple(column.on(target) for column in COLUMNS.get(target, ()))
