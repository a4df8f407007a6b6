"""The objects that `facts` tells of, as values."""

import functools
from dataclasses import dataclass

from connectors.salesforce.sandbox.facts import MERGEABLE, OBJECTS, SETUP, TABLES, UNIQUE

WIRE_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "datetime": "xsd:dateTime",
    "date": "xsd:date",
    "int": "xsd:int",
    "double": "xsd:double",
}
"""Describe's ``soapType`` by type; everything else is ``xsd:string``."""

NUMERIC = frozenset({"int", "double"})
TIMED = frozenset({"datetime", "date"})
EXACT = frozenset({"id", "reference"})
"""Types whose values are compared with their case; all other text is not."""


@dataclass(frozen=True, slots=True)
class FieldFact:
    """A field as describe shows it; `label` is empty where it follows from the name."""

    name: str
    type: str
    length: int = 0
    flags: str = ""
    refers_to: tuple[str, ...] = ()
    label: str = ""
    precision: int = 0
    scale: int = 0
    options: tuple[str, ...] = ()
    is_custom: bool = False

    @property
    def relationship(self) -> str | None:
        """The name of the parent in a path: ``Account`` for ``AccountId``."""
        return self.name.removesuffix("Id") if self.refers_to else None


@dataclass(frozen=True, slots=True)
class ObjectFact:
    """An object: its id prefix, its fields by lower-case name, and its child relationships.

    Attributes:
        children: Child object and its field that points here, by relationship name.
        unique: Fields that together occur once.
        setup_permission: What a user needs to write it, for objects of the org's set-up.
    """

    name: str
    prefix: str
    fields: dict[str, FieldFact]
    children: dict[str, tuple[str, str]]
    unique: tuple[str, ...] = ()
    setup_permission: str = ""
    is_mergeable: bool = False


_LABELS = {"Id": "ID", "IsDeleted": "Deleted", "LastActivityDate": "Last Activity"}


@functools.cache
def standard_objects() -> dict[str, ObjectFact]:
    """The objects by lower-case name, without custom fields."""
    facts = (
        ObjectFact(
            name=name,
            prefix=prefix,
            fields=_fields(system + TABLES[name]),
            children=children,
            unique=UNIQUE.get(name, ()),
            setup_permission=SETUP.get(name, ""),
            is_mergeable=name in MERGEABLE,
        )
        for name, prefix, system, children in OBJECTS
    )
    return {fact.name.lower(): fact for fact in facts}


def _fields(table: str) -> dict[str, FieldFact]:
    facts = (_field(line.split()) for line in table.splitlines() if line.strip())
    return {fact.name.lower(): fact for fact in facts}


def _field(words: list[str]) -> FieldFact:
    name, kind, length, flags, *refers_to = words
    return FieldFact(
        name=name,
        type=kind,
        length=int(length),
        flags=flags,
        refers_to=tuple(refers_to[0].split(",")) if refers_to else (),
        label=_LABELS.get(name, ""),
    )
