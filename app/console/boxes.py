"""The numbers of the model that an admin can set, as boxes of a form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.engine import CHANNELS, DEFAULT
from app.store.weights import (
    HALF_LIVES,
    HEAVIEST,
    LONGEST_DAYS,
    SHORTEST_DAYS,
    SILENCE,
    STARTS,
    numbers_of,
)


@dataclass(frozen=True, slots=True)
class Box:
    """One number: its name, what people call it, and what it can be."""

    name: str
    label: str
    least: float
    most: float
    form: str = "{} {:g}"

    def told(self, number: float) -> str:
        """What it is, in a list with others."""
        return self.form.format(self.label, number)


@dataclass(frozen=True, slots=True)
class Group:
    """Numbers of one kind, and what people should know of them; `one` is what each is."""

    one: str
    title: str
    lead: str
    boxes: tuple[Box, ...]


LABELS: Final = {"sms": "SMS", "linkedin": "LinkedIn"}
PLACES: Final = ("First", "Second", "Third", "Fourth", "Fifth")

GROUPS: Final = (
    Group(
        "channel",
        "Channels",
        "What a message counts, or a minute of talk.",
        tuple(Box(name, LABELS.get(name, name.capitalize()), 0, HEAVIEST) for name in CHANNELS),
    ),
    Group(
        "half-life in days",
        "Half-lives in days",
        "Contact fades by five of them at once, for no single one fits everywhere: half of what it "
        "counts by the first, a third by the second, the rest more and more slowly. Silence is "
        "that of the quieter of the two, towards anybody.",
        (
            *(
                Box(name, place, SHORTEST_DAYS, LONGEST_DAYS, "{} half-life {:g} days")
                for name, place in zip(HALF_LIVES, PLACES, strict=True)
            ),
            Box(SILENCE, "Silence", SHORTEST_DAYS, LONGEST_DAYS, "{} halves in {:g} days"),
        ),
    ),
    Group(
        "from so many points on",
        "Bands, from so many points on",
        "These words stand in your CRMs, and lists and workflows are built on them. At 30 points a "
        "tie of two busy people is as likely as not to be alive next quarter, at 60 in three cases "
        "of four.",
        tuple(Box(name, name.capitalize(), 1, 99, "{} from {:g}") for name in STARTS),
    ),
)

BOXES: Final = tuple(box for group in GROUPS for box in group.boxes)


def told(numbers: Mapping[str, float]) -> list[str]:
    """What is set: every channel, and of the rest what is not as by default."""
    usual = numbers_of(DEFAULT)
    return [
        box.told(numbers[box.name])
        for box in BOXES
        if box.name in CHANNELS or numbers[box.name] != usual[box.name]
    ]


def changes(
    before: Mapping[str, float], after: Mapping[str, float]
) -> list[tuple[Group, Box, float, float]]:
    """What is other than it was, with both numbers."""
    return [
        (group, box, before[box.name], after[box.name])
        for group in GROUPS
        for box in group.boxes
        if before[box.name] != after[box.name]
    ]
