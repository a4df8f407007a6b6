"""The objects that `facts` tells of, as values."""

import functools
import re
from dataclasses import dataclass

from connectors.salesforce.sandbox.facts import LABELS, NAME, OBJECTS, SETUP, TABLES, UNIQUE
from connectors.salesforce.sandbox.picklists import picklists

WIRE_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "datetime": "xsd:dateTime",
    "date": "xsd:date",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
}
"""Describe's ``soapType`` by type; everything else is ``xsd:string``."""

NUMERIC = frozenset({"int", "double", "currency", "percent"})
TIMED = frozenset({"datetime", "date"})
EXACT = frozenset({"id", "reference"})
"""Types whose values are compared with their case; all other text is not."""


@dataclass(frozen=True, slots=True)
class FieldFact:
    """A field as describe shows it.

    Attributes:
        child_relation: The name of the child relationship at what it refers to, or empty.
        parent_relation: The name of the parent in a path, where it does not follow from the
            field's; ``-`` if there is none.
        label: Empty where it follows from the name.
        options: The values of a picklist; no other is taken if it `is_restricted`.
        default: What a new row holds if nothing is said.
    """

    name: str
    type: str
    length: int = 0
    flags: str = ""
    refers_to: tuple[str, ...] = ()
    child_relation: str = ""
    parent_relation: str = ""
    label: str = ""
    precision: int = 0
    scale: int = 0
    options: tuple[str, ...] = ()
    is_restricted: bool = True
    default: str | None = None
    is_custom: bool = False
    is_external_id: bool = False
    is_unique: bool = False

    @property
    def relationship(self) -> str | None:
        """The name of the parent in a path: ``Account`` for ``AccountId``."""
        if not self.refers_to or self.parent_relation == "-":
            return None
        if self.is_custom:
            return self.name.removesuffix("__c") + "__r"
        return self.parent_relation or self.name.removesuffix("Id")


@dataclass(frozen=True, slots=True)
class ObjectFact:
    """An object: its id prefix, its fields by lower-case name, and its child relationships.

    Attributes:
        children: Child object and its field that points here, by relationship name.
        flags: What may be done with its rows; see `facts.OBJECTS`.
        unique: Fields that together occur once.
        setup_permission: What a user needs to write it, for objects of the org's set-up.
    """

    name: str
    prefix: str
    fields: dict[str, FieldFact]
    children: dict[str, tuple[str, str]]
    flags: str = ""
    unique: tuple[str, ...] = ()
    setup_permission: str = ""


_LABELS = {"IsDeleted": "Deleted", "LastActivityDate": "Last Activity"}


@functools.cache
def standard_objects() -> dict[str, ObjectFact]:
    """The objects by lower-case name, without custom fields."""
    fields = {name: _fields(name, system + TABLES[name]) for name, _, system, _ in OBJECTS}
    facts = (
        ObjectFact(
            name=name,
            prefix=prefix,
            fields=fields[name],
            children=_children(name, fields),
            flags=flags,
            unique=UNIQUE.get(name, ()),
            setup_permission=SETUP.get(name, ""),
        )
        for name, prefix, _, flags in OBJECTS
    )
    return {fact.name.lower(): fact for fact in facts}


@functools.cache
def name_object() -> ObjectFact:
    """What stands for a parent that can be of several objects."""
    return ObjectFact("Name", "", _fields("Name", NAME), {})


def _children(name: str, fields: dict[str, dict[str, FieldFact]]) -> dict[str, tuple[str, str]]:
    return {
        field.child_relation: (child, field.name)
        for child, known in fields.items()
        for field in known.values()
        if name in field.refers_to and field.child_relation
    }


def _fields(owner: str, table: str) -> dict[str, FieldFact]:
    facts = (_field(owner, line.split()) for line in table.splitlines() if line.strip())
    return {fact.name.lower(): fact for fact in facts}


def _field(owner: str, words: list[str]) -> FieldFact:
    name, kind, size, flags, *reference = words
    targets, child, parent = [*reference, "", "", ""][:3]
    options, default, is_restricted = _picklist(owner, name)
    length, _, scale = size.partition(".")
    return FieldFact(
        name=name,
        type=kind,
        length=0 if scale else int(length),
        precision=int(length) if scale else 0,
        scale=int(scale or 0),
        flags=flags,
        refers_to=tuple(targets.split(",")) if targets else (),
        child_relation=child.removeprefix("-"),
        parent_relation=parent,
        label=_label(owner, name),
        options=options,
        default=default,
        is_restricted=is_restricted,
    )


def _picklist(owner: str, name: str) -> tuple[tuple[str, ...], str | None, bool]:
    known = _picklists()
    return known.get(f"{owner}.{name}") or known.get(f"*.{name}") or ((), None, False)


_picklists = functools.cache(picklists)


def _label(owner: str, name: str) -> str:
    own = LABELS.get(f"{owner}.{name}") or _LABELS.get(name, "")
    return own or (f"{spaced(owner)} ID" if name == "Id" else "")


def spaced(name: str) -> str:
    """Make a label of a name: ``AccountId`` is "Account ID"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace(" Id", " ID")
