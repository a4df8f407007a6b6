"""SOQL made to run: a statement checked against what the caller sees, then SQL on the state.

Read `soql` (grammar) and `scopes` (what a path means), then `conditions`, `aggregates` and
`shapes`, which this puts together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.salesforce.sandbox import aggregates
from connectors.salesforce.sandbox.conditions import Conditions
from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.org import Org, View
from connectors.salesforce.sandbox.scopes import Column, Parent, Scope
from connectors.salesforce.sandbox.shapes import Choice, Record, Shape, reading
from connectors.salesforce.sandbox.soql import AGGREGATES, parse
from connectors.salesforce.sandbox.syntax import Call, Fields, Item, Path, Query, Typeof

PAGE = 2000

_LARGEST_OFFSET = 2000
_MOST_OF_ALL_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement found: one page of records, and how many there are in all."""

    records: list[Record]
    total: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement, and who asks it of whom.

    Attributes:
        org: Whose rows are asked for.
        view: What the caller sees of them.
        text: The statement.
        version: Of the API, for the addresses of records.
        is_all: Whether deleted and archived rows are found as well.
    """

    org: Org
    view: View
    text: str
    version: str
    is_all: bool = False


def run(asked: Asked, first: int, page: int, total: int | None = None) -> Rows:
    """Run a statement and give the rows from `first` on, at most `page` of them.

    Args:
        asked: What is asked.
        first: The number of the first row to give.
        page: How many to give.
        total: How many rows there are, if that is known from an earlier page.

    Raises:
        Refusal: As Salesforce words it, if the statement is wrong or asks for what is not seen.
    """
    query = parse(asked.text)
    if query.offset > _LARGEST_OFFSET:
        problem = f"Maximum SOQL offset allowed is {_LARGEST_OFFSET}"
        raise Refusal(400, "NUMBER_OUTSIDE_VALID_RANGE", problem)
    if aggregates.is_aggregate(query):
        return _Statement(asked, query).groups(page)
    return _Statement(asked, query).rows(first, page, total)


def is_nested(text: str) -> bool:
    """Tell whether a statement has sub-rows, which make its pages smaller."""
    return bool(parse(text).children)


class _Statement:
    def __init__(self, asked: Asked, query: Query) -> None:
        self._asked = asked
        self._query = query
        self._scope = Scope(asked.org, asked.view, asked.text, query)
        self._selected = {'t."Id"': 0}
        self._shape = Shape(asked.version, 0, {self._scope.fact.prefix: self._scope.fact.name})
        conditions = Conditions(self._scope, self._filterable, self._inner)
        kept = self._scope.kept(is_all=asked.is_all)
        tests = [conditions.sql(query.where), *kept] if query.where else kept
        self._parameters = conditions.parameters
        self._source = f'FROM "{self._scope.fact.name}" t' + _clause(" WHERE ", " AND ", tests)

    def rows(self, first: int, page: int, total: int | None) -> Rows:
        limit = self._query.limit
        if not self._query.items:
            return Rows([], self._count())
        self._shape_rows()
        wanted = page if limit is None else max(0, min(page, limit - first))
        found = self._fetch(
            f"SELECT {', '.join(self._selected)} {self._source}{self._sorting()} LIMIT ? OFFSET ?",
            wanted,
            first + self._query.offset,
        )
        records = self._records(found)
        self._track(found)
        is_short = len(found) < wanted or (limit is not None and first + len(found) >= limit)
        if is_short and total is None:
            return Rows(records, first + len(found))
        return Rows(records, self._count() if total is None else total)

    def groups(self, page: int) -> Rows:
        columns = aggregates.grouped_columns(self._scope, self._query)
        selected = ", ".join(column.sql for column in columns.values())
        keys = [aggregates.column(self._scope, key).compared for key in self._query.group]
        having = Conditions(self._scope, self._total, None)
        tests = [having.sql(self._query.having)] if self._query.having else []
        limit = -1 if self._query.limit is None else self._query.limit
        self._parameters = [*self._parameters, *having.parameters]
        found = self._fetch(
            f"SELECT {selected} {self._source}{_clause(' GROUP BY ', ', ', keys)}"
            f"{_clause(' HAVING ', ' AND ', tests)}{self._sorting(is_grouped=True)} "
            "LIMIT ? OFFSET ?",
            limit,
            self._query.offset,
        )
        if len(found) > page:
            problem = "Aggregate query does not support queryMore(), use LIMIT to restrict the "
            problem += "results to a single batch"
            raise Refusal(400, "EXCEEDED_ID_LIMIT", problem)
        makes = [reading(at, column.field) for at, column in enumerate(columns.values())]
        records: list[Record] = []
        for row in found:
            shown = {name: make(row) for name, make in zip(columns, makes, strict=True)}
            records.append({"attributes": {"type": "AggregateResult"}, **shown})
        return Rows(records, len(records))

    def sub_rows(self, key: str, parents: Sequence[str]) -> dict[str, list[Record]]:
        """Give the rows of a child query by the parent that `key` names."""
        if not self._query.items or aggregates.is_aggregate(self._query):
            problem = "Only root queries support aggregate expressions"
            raise self._refusal(self._query.source_at, problem)
        self._shape_rows()
        at = self._at(f't."{key}"')
        glue = " AND " if " WHERE " in self._source else " WHERE "
        marks = ", ".join("?" * len(parents))
        found = self._fetch(
            f"SELECT {', '.join(self._selected)} {self._source}"
            f'{glue}t."{key}" IN ({marks}){self._sorting()}',
            *parents,
        )
        grouped: dict[str, list[Record]] = {}
        for row, record in zip(found, self._records(found), strict=True):
            grouped.setdefault(row[at], []).append(record)
        return grouped

    def _fetch(self, sql: str, *more: object) -> list[Any]:
        return self._asked.org.db.execute(sql, [*self._parameters, *more]).fetchall()

    def _count(self) -> int:
        limit = -1 if self._query.limit is None else self._query.limit
        counted = f"SELECT count(*) FROM (SELECT 1 {self._source} LIMIT ? OFFSET ?)"  # noqa: S608
        return int(self._fetch(counted, limit, self._query.offset)[0][0])

    def _records(self, found: list[Any]) -> list[Record]:
        records = [record for row in found if (record := self._shape.record(row)) is not None]
        for child in self._query.children:
            self._attach(child, found, records)
        return records

    def _attach(self, child: Query, found: list[Any], records: list[Record]) -> None:
        relation, name, key = self._scope.child(child)
        statement = _Statement(self._asked, replace(child, source=name))
        grouped = statement.sub_rows(key, [row[0] for row in found])
        end = None if child.limit is None else child.offset + child.limit
        for row, record in zip(found, records, strict=True):
            kept = grouped.get(row[0], [])[child.offset : end]
            nested = {"totalSize": len(kept), "done": True, "records": kept}
            record[relation] = nested if kept else None

    def _track(self, found: list[Any]) -> None:
        """Note that these rows were looked at, where FOR VIEW or FOR REFERENCE says so."""
        named = ["LastReferencedDate"] + ["LastViewedDate"] * (self._query.tracking == "view")
        if not self._query.tracking or "lastvieweddate" not in self._scope.fact.fields:
            return
        assigned = ", ".join(f'"{name}" = ?2' for name in named)
        now = self._asked.org.now()
        self._asked.org.db.executemany(
            f'UPDATE "{self._scope.fact.name}" SET {assigned} WHERE "Id" = ?1',  # noqa: S608
            [(row[0], now) for row in found],
        )

    def _shape_rows(self) -> None:
        for item in self._items():
            match item.what:
                case Query() as child:
                    self._scope.child(child)
                case Typeof() as what:
                    self._choose(what)
                case Path() | Call() as what if item.alias or isinstance(what, Call):
                    problem = "only aggregate expressions use field aliasing"
                    raise self._refusal(item.at, problem)
                case Path() as path:
                    self._put(path)

    def _items(self) -> Iterator[Item]:
        for item in self._query.items:
            if isinstance(item.what, Fields):
                yield from self._all_fields(item.what)
            else:
                yield item

    def _all_fields(self, fields: Fields) -> Iterator[Item]:
        limit = self._query.limit
        is_open = limit is None or limit > _MOST_OF_ALL_FIELDS
        if fields.group != "STANDARD" and is_open:
            problem = "The SOQL FIELDS function must have a LIMIT of at most "
            raise self._refusal(fields.at, f"{problem}{_MOST_OF_ALL_FIELDS}")
        for field in self._scope.fact.fields.values():
            if fields.group == "ALL" or field.is_custom == (fields.group == "CUSTOM"):
                yield Item(Path((field.name,), fields.at), at=fields.at)

    def _put(self, path: Path) -> None:
        """Give a selected field its column and its place in the record."""
        shape = self._shape
        for parent in self._scope.parents(path):
            known = shape.parts.get(parent.relation)
            if not isinstance(known, Shape):
                known = self._parent_shape(parent)
                shape.parts[parent.relation] = known
            shape = known
        column = self._scope.column(path)
        if column.field.name in shape.parts:
            problem = f"duplicate field selected: {path}"
            raise self._scope.refusal("INVALID_FIELD", path.at, problem)
        shape.parts[column.field.name] = reading(self._at(column.sql), column.field)

    def _parent_shape(self, parent: Parent) -> Shape:
        objects = {fact.prefix: fact.name for fact in parent.facts}
        shown_as = "Name" if parent.is_polymorphic else ""
        return Shape(self._asked.version, self._at(parent.key), objects, shown_as)

    def _choose(self, what: Typeof) -> None:
        parent = self._scope.path_to(what.path)
        names = {fact.name.lower(): fact for fact in parent.facts}
        shapes: dict[str, Shape] = {}
        otherwise = None
        for branch in what.branches:
            shape = self._parent_shape(parent)
            if not branch.type:
                otherwise = shape
                self._fill_branch(shape, parent, branch.fields)
            elif fact := names.get(branch.type.lower()):
                shape.shown_as = ""
                shapes[fact.prefix] = shape
                only = replace(parent, facts=(fact,), is_polymorphic=False)
                self._fill_branch(shape, only, branch.fields)
            else:
                problem = f"sObject type '{branch.type}' is not supported in TYPEOF {what.path}"
                raise self._scope.refusal("INVALID_TYPE", branch.at, problem)
        self._shape.parts[parent.relation] = Choice(self._at(parent.key), shapes, otherwise)

    def _fill_branch(self, shape: Shape, parent: Parent, fields: tuple[Path, ...]) -> None:
        for path in fields:
            column = self._scope.column_of(parent, path)
            shape.parts[column.field.name] = reading(self._at(column.sql), column.field)

    def _at(self, sql: str) -> int:
        return self._selected.setdefault(sql, len(self._selected))

    def _sorting(self, *, is_grouped: bool = False) -> str:
        keys = []
        for order in self._query.order:
            column = self._total(order.key) if is_grouped else self._sortable(order.key)
            if "S" not in column.field.flags:
                problem = f"field '{column.field.name}' can not be sorted in a query call"
                raise self._scope.refusal("INVALID_FIELD", order.key.at, problem)
            direction = "DESC" if order.is_descending else "ASC"
            nulls = "LAST" if order.nulls_last else "FIRST"
            keys.append(f"{column.compared} {direction} NULLS {nulls}")
        if is_grouped:
            return _clause(" ORDER BY ", ", ", keys)
        return " ORDER BY " + (", ".join(keys) or 't."Id"')

    def _sortable(self, key: Path | Call) -> Column:
        if isinstance(key, Call) and key.function in AGGREGATES:
            problem = f"Ordered field must be grouped or aggregated: {key.path}"
            raise self._refusal(key.at, problem)
        return aggregates.column(self._scope, key)

    def _filterable(self, key: Path | Call) -> Column:
        if isinstance(key, Call) and key.function in AGGREGATES:
            raise self._refusal(key.at, "Aggregate functions are not allowed in WHERE")
        return aggregates.column(self._scope, key)

    def _total(self, key: Path | Call) -> Column:
        """Find what a group can be sorted or chosen by."""
        is_plain = isinstance(key, Path) or key.function not in AGGREGATES
        if is_plain and not aggregates.is_grouped(self._query, key):
            named = key if isinstance(key, Path) else key.path
            problem = f"Ordered field must be grouped or aggregated: {named}"
            raise self._refusal(key.at, problem)
        return aggregates.column(self._scope, key)

    def _inner(self, query: Query) -> tuple[Scope, str, list[object]]:
        """Make the SQL of a semi-join's inner statement."""
        scope = Scope(self._asked.org, self._asked.view, self._asked.text, query)
        what = query.items[0].what
        column = scope.column(what if isinstance(what, Path) else Path(("",)))
        if column.field.type not in {"id", "reference"}:
            problem = "Semi join sub-selects can only query id fields, cannot use: "
            raise self._refusal(query.items[0].at, f"{problem}'{column.field.name}'")
        conditions = Conditions(scope, lambda key: aggregates.column(scope, key), None)
        kept = [f"{column.sql} IS NOT NULL", *scope.kept(is_all=self._asked.is_all)]
        tests = [conditions.sql(query.where), *kept] if query.where else kept
        source = f'FROM "{scope.fact.name}" t WHERE {" AND ".join(tests)}'
        return scope, f"SELECT {column.sql} {source}", conditions.parameters

    def _refusal(self, at: int, problem: str) -> Refusal:
        return self._scope.refusal("MALFORMED_QUERY", at, problem)


def _clause(word: str, glue: str, parts: list[str]) -> str:
    return word + glue.join(parts) if parts else ""
