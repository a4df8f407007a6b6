"""SOQL made to run: a statement checked against what the caller sees, then SQL on the state.

Read `soql` (grammar) and `scopes` (what a path means), then `conditions`, `selections` and
`aggregates`, which this puts together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.salesforce.sandbox import aggregates, child_pages, record_access
from connectors.salesforce.sandbox.asked import Asked
from connectors.salesforce.sandbox.conditions import Conditions
from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.scopes import Column, Scope
from connectors.salesforce.sandbox.selections import Selection
from connectors.salesforce.sandbox.shapes import Record, reading
from connectors.salesforce.sandbox.soql import parse
from connectors.salesforce.sandbox.syntax import AGGREGATES, SHOWN, Call, Order, Path, Query

PAGE = 2000

_LARGEST_OFFSET = 2000


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement found: one page of records, and how many there are in all."""

    records: list[Record]
    total: int


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
    if record_access.asks(asked.text):
        found = record_access.rows(asked)
        return Rows(found, len(found))
    query = parse(asked.text)
    if query.offset > _LARGEST_OFFSET:
        problem = f"Maximum SOQL offset allowed is {_LARGEST_OFFSET}"
        raise Refusal(400, "NUMBER_OUTSIDE_VALID_RANGE", problem)
    if aggregates.is_aggregate(query):
        return _Statement(asked, query).groups(page)
    return _Statement(asked, query).rows(first, page, total)


def sub_rows(asked: Asked, place: child_pages.Place) -> list[Record]:
    """Give all rows that a child query has for one parent.

    Raises:
        Refusal: As `run`.
    """
    statement = _Statement(asked, parse(asked.text))
    key = ""
    for number in place.path:
        _, key, statement = statement.child(number)
    return statement.sub_rows(key, [place.parent]).get(place.parent, [])


def is_nested(text: str) -> bool:
    """Tell whether a statement has sub-rows, which make its pages smaller."""
    return bool(parse(text).children)


class _Statement:
    def __init__(self, asked: Asked, query: Query, path: tuple[int, ...] = ()) -> None:
        self._asked = asked
        self._query = query
        self._path = path
        self._scope = Scope(asked.org, asked.view, asked.text, query)
        self._selection = Selection(self._scope, query, asked.version)
        conditions = Conditions(self._scope, self._filterable, self._inner)
        kept = [*self._scope.kept(is_all=asked.is_all), *self._scope.owned(query.whose)]
        tests = [conditions.sql(query.where), *kept] if query.where else kept
        self._parameters = conditions.parameters
        self._source = f'FROM "{self._scope.fact.name}" t' + _clause(" WHERE ", " AND ", tests)

    def rows(self, first: int, page: int, total: int | None) -> Rows:
        limit = self._query.limit
        if not self._query.items:
            return Rows([], self._count())
        self._selection.shape_rows()
        wanted = page if limit is None else max(0, min(page, limit - first))
        found = self._fetch(
            f"SELECT {self._selection.sql()} {self._source}{self._sorting()} LIMIT ? OFFSET ?",
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
        limit = -1 if self._query.limit is None else self._query.limit
        parts = [self._grouped(gone) for gone in aggregates.taken_together(self._query)]
        found = self._asked.org.db.execute(
            f"{' UNION ALL '.join(sql for sql, _ in parts)}"
            f"{self._order_of_groups(len(columns))} LIMIT ? OFFSET ?",
            [*(value for _, values in parts for value in values), limit, self._query.offset],
        ).fetchall()
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

    def _grouped(self, gone: frozenset[str]) -> tuple[str, list[object]]:
        """Give the groups, or those of one total, as SQL: what is shown, then what sorts them."""

        def total(key: Path | Call) -> Column:
            return self._total(key, gone)

        shown = aggregates.grouped_columns(self._scope, self._query, gone).values()
        group = [key for key in self._query.group if aggregates.name_of(key) not in gone]
        keys = [aggregates.column(self._scope, key).compared for key in group]
        having = Conditions(self._scope, total, None)
        tests = [having.sql(self._query.having)] if self._query.having else []
        sorted_by = [self._checked(order, total(order.key)) for order in self._query.order]
        flags = [
            column
            for key in self._query.group
            if self._query.totals and not self._query.order
            for column in (str(int(aggregates.name_of(key) in gone)), total(key).compared)
        ]
        selected = ", ".join([*(one.sql for one in shown), *sorted_by, *flags])
        grouping = _clause(" GROUP BY ", ", ", keys) + _clause(" HAVING ", " AND ", tests)
        return f"SELECT {selected} {self._source}{grouping}", [
            *self._parameters,
            *having.parameters,
        ]

    def _order_of_groups(self, shown: int) -> str:
        """Sort by what was selected behind what is shown; totals stand behind their groups."""
        keys = [
            f"{number} {_direction(order)}"
            for number, order in enumerate(self._query.order, shown + 1)
        ]
        if self._query.totals and not keys:
            keys = [str(shown + 1 + at) for at in range(2 * len(self._query.group))]
        return _clause(" ORDER BY ", ", ", keys)

    def sub_rows(self, key: str, parents: Sequence[str]) -> dict[str, list[Record]]:
        """Give the rows of a child query by the parent that `key` names."""
        if not self._query.items or aggregates.is_aggregate(self._query):
            problem = "Only root queries support aggregate expressions"
            raise self._refusal(self._query.source_at, problem)
        self._selection.shape_rows()
        at = self._selection.at(f't."{key}"')
        glue = " AND " if " WHERE " in self._source else " WHERE "
        marks = ", ".join("?" * len(parents))
        found = self._fetch(
            f"SELECT {self._selection.sql()} {self._source}"
            f'{glue}t."{key}" IN ({marks}){self._sorting()}',
            *parents,
        )
        grouped: dict[str, list[Record]] = {}
        for row, record in zip(found, self._records(found), strict=True):
            grouped.setdefault(row[at], []).append(record)
        first, limit = self._query.offset, self._query.limit
        if not first and limit is None:
            return grouped
        end = None if limit is None else first + limit
        return {parent: records[first:end] for parent, records in grouped.items()}

    def _fetch(self, sql: str, *more: object) -> list[Any]:
        return self._asked.org.db.execute(sql, [*self._parameters, *more]).fetchall()

    def _count(self) -> int:
        limit = -1 if self._query.limit is None else self._query.limit
        counted = f"SELECT count(*) FROM (SELECT 1 {self._source} LIMIT ? OFFSET ?)"  # noqa: S608
        return int(self._fetch(counted, limit, self._query.offset)[0][0])

    def _records(self, found: list[Any]) -> list[Record]:
        records = [
            record for row in found if (record := self._selection.shape.record(row)) is not None
        ]
        for number in range(len(self._query.children)):
            self._attach(number, found, records)
        return records

    def child(self, number: int) -> "tuple[str, str, _Statement]":
        """Give a child query: its name in a record, the field that names the parent, itself."""
        child, path = self._query.children[number], (*self._path, number)
        relation, name, key = self._scope.child(child)
        return relation, key, _Statement(self._asked, replace(child, source=name), path)

    def _attach(self, number: int, found: list[Any], records: list[Record]) -> None:
        relation, key, statement = self.child(number)
        grouped = statement.sub_rows(key, [row[0] for row in found])
        for row, record in zip(found, records, strict=True):
            kept = grouped.get(row[0])
            place = child_pages.Place((*self._path, number), row[0])
            record[relation] = child_pages.first(self._asked, place, kept) if kept else None

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

    def _sorting(self) -> str:
        keys = [
            f"{self._checked(order, self._sortable(order.key))} {_direction(order)}"
            for order in self._query.order
        ]
        return " ORDER BY " + (", ".join(keys) or 't."Id"')

    def _checked(self, order: Order, column: Column) -> str:
        """Give what is sorted by as SQL, if it can be."""
        if "S" not in column.field.flags:
            problem = f"field '{column.field.name}' can not be sorted in a query call"
            raise self._scope.refusal("INVALID_FIELD", order.key.at, problem)
        return column.compared

    def _sortable(self, key: Path | Call) -> Column:
        if isinstance(key, Call) and key.function in SHOWN:
            raise self._refusal(key.at, f"{key.function} cannot be used in ORDER BY")
        if isinstance(key, Call) and key.function in AGGREGATES:
            problem = f"Ordered field must be grouped or aggregated: {key.path}"
            raise self._refusal(key.at, problem)
        return aggregates.column(self._scope, key)

    def _filterable(self, key: Path | Call) -> Column:
        if isinstance(key, Call) and key.function in AGGREGATES:
            raise self._refusal(key.at, "Aggregate functions are not allowed in WHERE")
        if isinstance(key, Call) and key.function in SHOWN - {"TOLABEL"}:
            raise self._refusal(key.at, f"{key.function} is not allowed in WHERE")
        return aggregates.column(self._scope, key)

    def _total(self, key: Path | Call, gone: frozenset[str]) -> Column:
        """Find what a group can be sorted or chosen by."""
        is_plain = isinstance(key, Path) or key.function not in AGGREGATES
        if is_plain and not aggregates.is_grouped(self._query, key):
            named = key if isinstance(key, Path) else key.path
            problem = f"Ordered field must be grouped or aggregated: {named}"
            raise self._refusal(key.at, problem)
        return aggregates.column(self._scope, key, gone)

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


def _direction(order: Order) -> str:
    direction = "DESC" if order.is_descending else "ASC"
    return f"{direction} NULLS {'LAST' if order.nulls_last else 'FIRST'}"


def _clause(word: str, glue: str, parts: list[str]) -> str:
    return word + glue.join(parts) if parts else ""
