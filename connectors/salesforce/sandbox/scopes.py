"""What a statement's paths mean: columns as SQL, looked up through parents of any object."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.objects import (
    EXACT,
    NUMERIC,
    FieldFact,
    ObjectFact,
    name_object,
)
from connectors.salesforce.sandbox.org import Org, View
from connectors.salesforce.sandbox.syntax import Path, Query
from connectors.salesforce.sandbox.tokens import located

MOST_LEVELS = 5
"""Relationships that one path may go up."""

ARCHIVED_AFTER = timedelta(days=365)

_CUSTOM = (
    " If you are attempting to use a custom {0}, be sure to append the '{1}' after the {2}. Please "
    "reference your WSDL or the describe call for the appropriate names."
)
_OF_FIELD = _CUSTOM.format("field", "__c", "custom field name")
_OF_RELATION = _CUSTOM.format("relationship", "__r", "custom relationship name")
_OF_TYPE = _CUSTOM.format("object", "__c", "entity name")


@dataclass(frozen=True, slots=True)
class Column:
    """A field as SQL."""

    sql: str
    field: FieldFact

    @property
    def compared(self) -> str:
        """The SQL to compare and sort by: text other than ids without its case."""
        exact = EXACT | NUMERIC | {"boolean", "date", "datetime"}
        if self.field.type in exact or not self.sql.startswith("("):
            return self.sql
        return f"{self.sql} COLLATE NOCASE"


@dataclass(frozen=True, slots=True)
class Parent:
    """The row a relationship leads to; `facts` are the objects it can be of, at least one."""

    relation: str
    key: str
    facts: tuple[ObjectFact, ...]
    is_polymorphic: bool


class Scope:
    """One object's rows, called ``t`` in SQL, and what can be reached from them."""

    def __init__(self, org: Org, view: View, text: str, query: Query) -> None:
        self.org = org
        self.view = view
        self.text = text
        fact = view.objects.get(query.source.lower())
        if fact is None:
            problem = f"sObject type '{query.source}' is not supported.{_OF_TYPE}"
            raise self.refusal("INVALID_TYPE", query.source_at, problem)
        self.fact = fact
        self._aliases = {query.source.lower(): (), **dict(query.aliases)}

    def refusal(self, code: str, at: int, problem: str) -> Refusal:
        """Refuse the statement because of the word at a place."""
        return Refusal(400, code, located(self.text, at, problem))

    def kept(self, *, is_all: bool) -> list[str]:
        """Give the conditions that hide deleted and archived rows."""
        if is_all:
            return []
        hidden = [f for f in self.fact.fields.values() if f.name in {"IsDeleted", "IsArchived"}]
        return [f"{self._read(self.fact, field, 't')} = 0" for field in hidden]

    def owned(self, whose: str) -> list[str]:
        """Give the condition that USING SCOPE stands for.

        Raises:
            Refusal: If there is no such scope of the object.
        """
        if whose in {"", "everything"}:
            return []
        if whose != "mine" or "ownerid" not in self.fact.fields:
            problem = f"invalid scope '{whose}' for sobject {self.fact.name}"
            raise Refusal(400, "INVALID_QUERY_SCOPE", problem)
        return [f"t.\"OwnerId\" = '{self.view.user_id}'"]

    def column(self, path: Path) -> Column:
        """Find the column that a path names.

        Raises:
            Refusal: INVALID_FIELD, if there is none that the caller sees.
        """
        parents = list(self.parents(path))
        if parents:
            return self.column_of(parents[-1], path)
        field = self.field(self.fact, path)
        return Column(self._read(self.fact, field, "t"), field)

    def column_of(self, parent: Parent, path: Path) -> Column:
        """Find the column of a parent that a path ends in.

        Raises:
            Refusal: INVALID_FIELD, if there is none that the caller sees.
        """
        if parent.is_polymorphic:
            field = self.field(name_object(), path)
            return Column(self._by_type(parent, field), field)
        (fact,) = parent.facts
        field = self.field(fact, path)
        return Column(self._through(fact, field, parent.key), field)

    def parents(self, path: Path) -> Iterator[Parent]:
        """Give the rows that a path leads through, from the nearest on.

        Raises:
            Refusal: INVALID_FIELD, if a relationship is not known, or there are too many.
        """
        names = self._unaliased(path)[:-1]
        if len(names) > MOST_LEVELS:
            problem = f"SOQL statements cannot reference more than {MOST_LEVELS} levels of parents"
            raise self.refusal("INVALID_FIELD", path.at, problem)
        fact, parent = self.fact, None
        for name in names:
            parent = self._parent(fact, parent, name, path)
            yield parent
            fact = name_object() if parent.is_polymorphic else parent.facts[0]

    def field(self, fact: ObjectFact, path: Path) -> FieldFact:
        """Find the field of an object that a path ends in.

        Raises:
            Refusal: INVALID_FIELD, if there is none that the caller sees.
        """
        name = path.names[-1]
        field = fact.fields.get(name.lower())
        if field is None:
            problem = f"No such column '{name}' on entity '{fact.name}'.{_OF_FIELD}"
            raise self.refusal("INVALID_FIELD", path.at, problem)
        return field

    def child(self, query: Query) -> tuple[str, str, str]:
        """Find a child relationship: its name, the object behind it, the field that points here.

        Raises:
            Refusal: INVALID_TYPE, if there is none that the caller sees.
        """
        wanted = query.source.lower().rpartition(".")[2]
        for relation, (name, key) in self.fact.children.items():
            if relation.lower() == wanted:
                return relation, name, key
        problem = f"Didn't understand relationship '{query.source}' in FROM part of query call."
        raise self.refusal("INVALID_TYPE", query.source_at, problem + _OF_RELATION)

    def path_to(self, path: Path) -> Parent:
        """Find the row that a whole path leads to: ``What``, ``Account.Owner``.

        Raises:
            Refusal: INVALID_FIELD, if there is none.
        """
        *_, parent = self.parents(Path((*path.names, ""), path.at))
        return parent

    def _unaliased(self, path: Path) -> tuple[str, ...]:
        first = path.names[0].lower()
        if len(path.names) > 1 and first in self._aliases:
            return (*self._aliases[first], *path.names[1:])
        return path.names

    def _parent(self, fact: ObjectFact, below: Parent | None, name: str, path: Path) -> Parent:
        links = (f for f in fact.fields.values() if (f.relationship or "").lower() == name.lower())
        link = next(links, None)
        seen = [self.view.objects.get(target.lower()) for target in link.refers_to] if link else []
        facts = tuple(target for target in seen if target is not None)
        if link is None or not facts:
            problem = f"Didn't understand relationship '{name}' in field path."
            raise self.refusal("INVALID_FIELD", path.at, problem + _OF_RELATION)
        key = self._read(fact, link, "t")
        if below is not None and below.is_polymorphic:
            key = self._by_type(below, link)
        elif below is not None:
            key = self._through(fact, link, below.key)
        return Parent(link.relationship or name, key, facts, len(link.refers_to) > 1)

    def _through(self, fact: ObjectFact, field: FieldFact, key: str) -> str:
        read = self._read(fact, field, "p")
        return f'(SELECT {read} FROM "{fact.name}" p WHERE p."Id" = {key})'  # noqa: S608 own names

    def _by_type(self, parent: Parent, field: FieldFact) -> str:
        if field.name == "Id":
            return parent.key
        cases = [
            f"WHEN '{fact.prefix}' THEN {self._of_type(fact, known, parent.key)}"
            for fact in parent.facts
            if (known := fact.fields.get(field.name.lower())) or field.name == "Type"
        ]
        return f"(CASE substr({parent.key}, 1, 3) {' '.join(cases)} END)" if cases else "(NULL)"

    def _of_type(self, fact: ObjectFact, field: FieldFact | None, key: str) -> str:
        if field is None or field.name == "Type":
            return f"'{fact.name}'"
        return self._through(fact, field, key)

    def _read(self, fact: ObjectFact, field: FieldFact, row: str) -> str:
        """Give the SQL of a field of a row; whether an activity is archived, time tells."""
        if field.name != "IsArchived":
            return f'{row}."{field.name}"'
        last = (self.org.clock.now() - ARCHIVED_AFTER).date().isoformat()
        if fact.name == "Event":
            return f"""(coalesce({row}."ActivityDate", '9999') <= '{last}')"""
        on = f'coalesce({row}."ActivityDate", substr({row}."CreatedDate", 1, 10))'
        return f"""({row}."IsClosed" = 1 AND {on} <= '{last}')"""
