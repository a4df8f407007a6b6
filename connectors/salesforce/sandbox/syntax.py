"""The tree that a SOQL statement is read into; positions are for error messages."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Value:
    """A literal; `kind` is string, number, boolean, null, date or datetime."""

    kind: str
    value: str | float | bool | None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Path:
    """A field, or a field of a parent: ``("Account", "Name")``."""

    names: tuple[str, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field against literals; more than one only for IN and NOT IN."""

    path: Path
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions joined by ``AND``, ``OR``, or one under ``NOT``."""

    word: Literal["AND", "OR", "NOT"]
    parts: "tuple[Condition, ...]"


Condition = Comparison | Junction


@dataclass(frozen=True, slots=True)
class Order:
    """One sort key."""

    path: Path
    is_descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT statement; `fields` is empty when it only counts."""

    fields: tuple[Path, ...]
    children: "tuple[Query, ...]"
    source: str
    source_at: int
    where: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
