"""Five signs of a useful contact: what the records tell of each, and what they cannot know."""

from dataclasses import dataclass

LEAST, MOST = -7, 10
"""The range of all five together."""

SHARED_BEST = (0.2, 0.3)
SHARED_MUCH, SHARED_MOST = 0.5, 0.8
REGULAR_DAYS = 12
BALANCED, IMBALANCED = 0.5, 0.2


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs, each None where nothing on record tells it.

    Attributes:
        known: Title and company are known: 2, one of them: 1, none: 0.
        appreciated: Their work is, by us, or ours by them: +2 or -2. No record tells it.
        friend: +2, too close -1. No record tells it.
        shared: Of those either knows, 20 to 30 per cent in common: 2, over 50: -1, over 80: -2.
        regular: In touch on twelve days a year, both about as much: 2, one-sided: -2, else 0.
    """

    known: int
    shared: int
    regular: int
    appreciated: int | None = None
    friend: int | None = None

    @property
    def total(self) -> int:
        """All that is known together, -7 to 10; what is not known adds nothing."""
        told = (self.known, self.appreciated, self.friend, self.shared, self.regular)
        return sum(part for part in told if part is not None)

    @property
    def in_words(self) -> str:
        """The five parts in one line."""
        parts = {
            "title and company known": self.known,
            "work appreciated": self.appreciated,
            "friend": self.friend,
            "people in common": self.shared,
            "regular and balanced": self.regular,
        }
        return ", ".join(
            f"{name} {'not on record' if part is None else f'{part:+d}'}"
            for name, part in parts.items()
        )


@dataclass(frozen=True, slots=True)
class Contact:
    """What a tie tells of how two are in touch.

    Attributes:
        days_a_year: Days with contact, over the years they have been in touch.
        balance: The smaller direction over the larger one, 0 to 1; None where no direction is told.
        overlap: Neighbourhood overlap, 0 to 1.
    """

    days_a_year: float
    balance: float | None
    overlap: float


def signs(*, has_title: bool, has_account: bool, contact: Contact) -> Signs:
    """Read the five signs.

    Source:
        The list of five signs is the product's own (`docs/model.md`).
    """
    return Signs(
        known=int(has_title) + int(has_account),
        shared=_shared(contact.overlap),
        regular=_regular(contact),
    )


def _shared(overlap: float) -> int:
    low, high = SHARED_BEST
    if overlap > SHARED_MUCH:
        return -2 if overlap > SHARED_MOST else -1
    return 2 if low <= overlap <= high else 0


def _regular(contact: Contact) -> int:
    if contact.balance is not None and contact.balance < IMBALANCED:
        return -2
    is_balanced = contact.balance is None or contact.balance >= BALANCED
    return 2 if is_balanced and contact.days_a_year >= REGULAR_DAYS else 0
