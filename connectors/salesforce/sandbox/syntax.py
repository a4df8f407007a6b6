"""The tree that a SOQL statement is read into; positions are for error messages."""

from dataclasses import dataclass
from typing import Literal

AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"})

SHOWN = frozenset({"TOLABEL", "FORMAT", "CONVERTCURRENCY"})
"""Functions that show a field otherwise."""

GROUPING = "GROUPING"
"""The function that tells the totals of groups from the groups."""

DATE_PARTS = {
    "CALENDAR_YEAR": "%Y",
    "CALENDAR_MONTH": "%m",
    "DAY_IN_MONTH": "%d",
    "DAY_IN_YEAR": "%j",
    "HOUR_IN_DAY": "%H",
    "DAY_ONLY": "%Y-%m-%d",
}
"""Functions of a date, and the `strftime` format that gives them."""


@dataclass(frozen=True, slots=True)
class Value:
    """A literal; `kind` is string, number, boolean, null, date, datetime or period.

    A period is a range of days by name: ``TODAY``, ``LAST_N_DAYS:30``.
    """

    kind: str
    value: str | float | bool | None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Path:
    """A field, or a field of a parent: ``("Account", "Name")``."""

    names: tuple[str, ...]
    at: int = 0

    def __str__(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of a field; the name is in upper case, and that of one inside it, too."""

    function: str
    path: Path
    at: int = 0
    inside: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """What TYPEOF asks of a parent of one object; of all others where `type` is empty."""

    type: str
    fields: tuple[Path, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Typeof:
    """Fields that depend on which object a parent is of."""

    path: Path
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """``FIELDS(ALL)``, ``FIELDS(STANDARD)`` or ``FIELDS(CUSTOM)``; the group is in upper case."""

    group: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One thing selected, and the name it is given."""

    what: "Path | Call | Typeof | Fields | Query"
    alias: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field against literals, or against what an inner statement finds.

    `operator` is in lower case; more than one value only for lists.
    """

    left: Path | Call
    operator: str
    values: tuple[Value, ...] = ()
    inner: "Query | None" = None


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions joined by ``AND``, ``OR``, or one under ``NOT``."""

    word: Literal["AND", "OR", "NOT"]
    parts: "tuple[Condition, ...]"


Condition = Comparison | Junction


@dataclass(frozen=True, slots=True)
class Order:
    """One sort key."""

    key: Path | Call
    is_descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT statement; `items` is empty when it only counts.

    Attributes:
        aliases: Names given in FROM, in lower case, and the path each stands for.
        tracking: What FOR says: empty, ``view`` or ``reference``.
        whose: What USING SCOPE says, in lower case.
        totals: ``rollup`` or ``cube``, where groups of groups are asked for, too.
    """

    items: tuple[Item, ...]
    source: str
    source_at: int
    aliases: tuple[tuple[str, tuple[str, ...]], ...] = ()
    where: Condition | None = None
    group: tuple[Path | Call, ...] = ()
    having: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    tracking: str = ""
    whose: str = ""
    totals: str = ""

    @property
    def children(self) -> "tuple[Query, ...]":
        """The statements nested in SELECT."""
        return tuple(item.what for item in self.items if isinstance(item.what, Query))
