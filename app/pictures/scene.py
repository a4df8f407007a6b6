"""What a picture shows, before it is known where: people in groups, and the ties among them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["outward", "inward", "outside"]
"""A tie of a colleague with somebody outside, of two colleagues, of two people outside."""

IN_WORDS: Mapping[Kind, str] = {
    "outward": "a colleague and a contact",
    "inward": "two colleagues",
    "outside": "two contacts",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of people beside their ties; whoever is left out has no name to show.

    Attributes:
        names: What people are called.
        accounts: The name of the account that each works at, where known.
        titles: What they are at work, where known.
        bridges: For pairs (a < b) that are bridges, what the two far sides are called.
    """

    names: Mapping[int, str] = field(default_factory=dict)
    accounts: Mapping[int, str] = field(default_factory=dict)
    titles: Mapping[int, str] = field(default_factory=dict)
    bridges: Mapping[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dot:
    """A person: `note` is a line in small type, `is_reached` whether any tie leads there."""

    person: int
    name: str
    note: str = ""
    is_colleague: bool = False
    is_reached: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """People who are written one below the other, under a heading."""

    heading: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A tie; `a` < `b`.

    Attributes:
        points: Strength as shown, 0 to 100.
        last_days: Days since the last contact.
        bridge: What it is the bridge to; None if it is none.
    """

    a: int
    b: int
    kind: Kind
    points: int
    last_days: int
    bridge: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One tie in words: a row of the table that stands for the picture."""

    one: str
    other: str
    kind: str
    strength: int
    last_days: int
    bridge: str


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a picture shows.

    Attributes:
        title: What it is, in a few words.
        summary: What there is to see, in sentences.
        centre: Whose picture it is; None where it is nobody's.
        left: Groups from the top down, as is `right`.
        lines: Sorted, the weakest first, so that the strong lie on top.
    """

    title: str
    summary: str
    centre: Dot | None
    left: tuple[Group, ...]
    right: tuple[Group, ...]
    lines: tuple[Line, ...]

    @property
    def dots(self) -> tuple[Dot, ...]:
        """Everybody, the centre first."""
        sides = (*self.left, *self.right)
        around = tuple(dot for group in sides for dot in group.dots)
        return (self.centre, *around) if self.centre else around

    @property
    def rows(self) -> tuple[Row, ...]:
        """The ties in words, the strongest first."""
        names = {dot.person: dot.name for dot in self.dots}
        ours = {dot.person for dot in self.dots if dot.is_colleague}
        told = []
        for line in sorted(self.lines, key=lambda one: (-one.points, one.a, one.b)):
            one, other = sorted((line.a, line.b), key=lambda end: (end not in ours, end))
            told.append(
                Row(
                    one=names[one],
                    other=names[other],
                    kind=IN_WORDS[line.kind],
                    strength=line.points,
                    last_days=line.last_days,
                    bridge=line.bridge or "",
                )
            )
        return tuple(told)
