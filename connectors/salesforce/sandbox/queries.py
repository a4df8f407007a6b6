"""SOQL made to run: a statement checked against what the caller sees, then SQL on the state."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.facts import TOOLING
from connectors.salesforce.sandbox.ids import is_id, normal_id
from connectors.salesforce.sandbox.objects import EXACT, NUMERIC, FieldFact, ObjectFact
from connectors.salesforce.sandbox.org import Org, View, stamp
from connectors.salesforce.sandbox.soql import located, parse
from connectors.salesforce.sandbox.syntax import Comparison, Condition, Path, Query, Value

PAGE = 2000

_NO_TYPE = (
    "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to "
    "append the '__c' after the entity name. Please reference your WSDL or the describe call for "
    "the appropriate names."
)
_NO_COLUMN = (
    "No such column '{}' on entity '{}'. If you are attempting to use a custom field, be sure to "
    "append the '__c' after the custom field name. Please reference your WSDL or the describe call "
    "for the appropriate names."
)
_NO_RELATION = (
    "Didn't understand relationship '{}' in FROM part of query call. If you are attempting to use "
    "a custom relationship, be sure to append the '__r' after the custom relationship name. Please "
    "reference your WSDL or the describe call for the appropriate names."
)
_WRONG_TYPE = (
    "value of filter criterion for field '{}' must be of type {} and should {}be enclosed in quotes"
)
_OFFSET_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement found: one page of records, and how many there are in all."""

    records: list[dict[str, Any]]
    total: int


@dataclass(frozen=True, slots=True)
class _Column:
    """A selected expression; `parent` is the relationship a parent's field came through."""

    sql: str
    field: FieldFact
    parent: str = ""
    parent_object: str = ""


def run(
    org: Org, view: View, text: str, *, is_all: bool, version: str, first: int, page: int
) -> Rows:
    """Run a statement and give the rows from `first` on, at most `page` of them.

    Raises:
        Refusal: As Salesforce words it, if the statement is wrong or asks for what is not seen.
    """
    query = parse(text)
    statement = _Statement(org, view, text, query, is_all=is_all, version=version)
    return statement.rows(first, page)


def is_nested(text: str) -> bool:
    """Tell whether a statement has sub-rows, which make its pages smaller."""
    return bool(parse(text).children)


class _Statement:
    def __init__(
        self, org: Org, view: View, text: str, query: Query, *, is_all: bool, version: str
    ) -> None:
        self._org = org
        self._view = view
        self._text = text
        self._query = query
        self._is_all = is_all
        self._version = version
        self._fact = self._object()
        self._parameters: list[object] = []
        self._where = self._condition(query.where) if query.where else ""
        self._columns = [self._column(path) for path in query.fields]
        self._order = self._sorting()

    def rows(self, first: int, page: int) -> Rows:
        limit = self._query.limit
        wanted = page if limit is None else max(0, min(page, limit - first))
        source = f'FROM "{self._fact.name}" t {self._filter()}'
        if not (self._columns or self._query.children):
            count = self._org.db.execute(f"SELECT count(*) {source}", self._parameters)
            return Rows([], count.fetchone()[0])
        selected = ", ".join(['t."Id"', *(column.sql for column in self._columns)])
        found = self._org.db.execute(
            f"SELECT {selected} {source} {self._order} LIMIT ? OFFSET ?",
            [*self._parameters, wanted, first + self._query.offset],
        ).fetchall()
        records = [self._record(row) for row in found]
        self._attach_children(found, records)
        is_short = len(found) < wanted or (limit is not None and first + len(found) >= limit)
        return Rows(records, first + len(found) if is_short else self._count(source))

    def sub_rows(self, key: str, parents: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """Give the rows of a child query by the parent that `key` names."""
        marks = ", ".join("?" * len(parents))
        selected = ", ".join(['t."Id"', *(c.sql for c in self._columns), f't."{key}"'])
        glue = "AND" if self._filter() else "WHERE"
        found = self._org.db.execute(
            f'SELECT {selected} FROM "{self._fact.name}" t {self._filter()} '  # noqa: S608
            f'{glue} t."{key}" IN ({marks}) {self._order}',
            [*self._parameters, *parents],
        )
        grouped: dict[str, list[dict[str, Any]]] = {}
        for row in found:
            grouped.setdefault(row[-1], []).append(self._record(row))
        return grouped

    def _count(self, source: str) -> int:
        limit = -1 if self._query.limit is None else self._query.limit
        counted = f"SELECT count(*) FROM (SELECT 1 {source} LIMIT ? OFFSET ?)"  # noqa: S608
        row = self._org.db.execute(counted, [*self._parameters, limit, self._query.offset])
        return int(row.fetchone()[0])

    def _object(self) -> ObjectFact:
        fact = self._view.objects.get(self._query.source.lower())
        if fact is None:
            problem = _NO_TYPE.format(self._query.source)
            raise self._refusal("INVALID_TYPE", self._query.source_at, problem)
        return fact

    def _filter(self) -> str:
        parts = [f"({self._where})"] if self._where else []
        if not self._is_all:
            kept = (name for name in ("isdeleted", "isarchived") if name in self._fact.fields)
            parts += [f't."{self._fact.fields[name].name}" = 0' for name in kept]
        return "WHERE " + " AND ".join(parts) if parts else ""

    def _sorting(self) -> str:
        keys = []
        for key in self._query.order:
            column = self._column(key.path)
            if "S" not in column.field.flags:
                problem = f"field '{column.field.name}' can not be sorted in a query call"
                raise self._refusal("INVALID_FIELD", key.path.at, problem)
            direction = "DESC" if key.is_descending else "ASC"
            keys.append(f"{column.sql} {direction} NULLS {'LAST' if key.nulls_last else 'FIRST'}")
        if self._query.offset > _OFFSET_LIMIT:
            raise Refusal(400, "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
        return "ORDER BY " + ", ".join(keys) if keys else 'ORDER BY t."Id"'

    def _column(self, path: Path) -> _Column:
        if len(path.names) == 1:
            field = self._field(self._fact, path.names[0], path)
            return _Column(f't."{field.name}"', field)
        relation, name = path.names[0], path.names[-1]
        link = next((f for f in self._fact.fields.values() if f.relationship == relation), None)
        if link is None or len(path.names) > 2 or len(link.refers_to) != 1:  # noqa: PLR2004 one level
            problem = _NO_RELATION.replace("FROM part of query call", "field path")
            raise self._refusal("INVALID_FIELD", path.at, problem.format(".".join(path.names[:-1])))
        parent = self._view.objects[link.refers_to[0].lower()]
        field = self._field(parent, name, path)
        sql = f'(SELECT p."{field.name}" FROM "{parent.name}" p WHERE p."Id" = t."{link.name}")'  # noqa: S608
        return _Column(sql, field, relation, parent.name)

    def _field(self, fact: ObjectFact, name: str, path: Path) -> FieldFact:
        field = fact.fields.get(name.lower())
        if field is None:
            raise self._refusal("INVALID_FIELD", path.at, _NO_COLUMN.format(name, fact.name))
        return field

    def _condition(self, condition: Condition, *, is_negated: bool = False) -> str:
        if isinstance(condition, Comparison):
            sql = self._comparison(condition)
            return f"coalesce({sql}, 0)" if is_negated else sql
        if condition.word == "NOT":
            return f"NOT ({self._condition(condition.parts[0], is_negated=True)})"
        parts = (self._condition(part, is_negated=is_negated) for part in condition.parts)
        return "(" + f" {condition.word} ".join(parts) + ")"

    def _comparison(self, comparison: Comparison) -> str:
        column = self._column(comparison.path)
        if "F" not in column.field.flags:
            problem = f"field '{column.field.name}' can not be filtered in a query call"
            raise self._refusal("INVALID_FIELD", comparison.path.at, problem)
        values = [self._literal(column.field, value) for value in comparison.values]
        if values == [None] and comparison.operator in {"=", "!="}:
            return f"{column.sql} IS {'NOT ' * (comparison.operator == '!=')}NULL"
        self._parameters += values
        match comparison.operator:
            case "in":
                return f"{column.sql} IN ({', '.join('?' * len(values))})"
            case "not in":
                listed = ", ".join("?" * len(values))
                return f"({column.sql} NOT IN ({listed}) OR {column.sql} IS NULL)"
            case "like":
                return f"{column.sql} LIKE ? ESCAPE '\\'"
            case "!=":
                return f"{column.sql} IS NOT ?"
            case operator:
                return f"{column.sql} {operator} ?"

    def _literal(self, field: FieldFact, value: Value) -> object:
        kind = _literal_kind(field)
        if value.kind == "null":
            return None
        if value.kind != kind:
            quoted = "" if kind == "string" else "not "
            worded = {"datetime": "dateTime", "number": field.type}.get(kind, kind)
            problem = _WRONG_TYPE.format(field.name, worded, quoted)
            raise self._refusal("INVALID_FIELD", value.at, problem)
        if field.type in EXACT:
            if not is_id(str(value.value)):
                problem = f"invalid ID field: {value.value}"
                raise self._refusal("INVALID_QUERY_FILTER_OPERATOR", value.at, problem)
            return normal_id(str(value.value))
        return _instant(str(value.value)) if kind == "datetime" else value.value

    def _record(self, row: Sequence[Any]) -> dict[str, Any]:
        record: dict[str, Any] = {"attributes": self._attributes(self._fact.name, row[0])}
        for column, value in zip(self._columns, row[1:], strict=False):
            shown = value == 1 if column.field.type == "boolean" else value
            if not column.parent:
                record[column.field.name] = shown
            elif value is None:
                record.setdefault(column.parent, None)
            else:
                parent = record.get(column.parent) or {"attributes": {"type": column.parent_object}}
                record[column.parent] = {**parent, column.field.name: shown}
        return record

    def _attributes(self, name: str, row_id: str) -> dict[str, str]:
        tooling = "tooling/" if name in TOOLING else ""
        url = f"/services/data/v{self._version}/{tooling}sobjects/{name}/{row_id}"
        return {"type": name, "url": url}

    def _attach_children(self, found: list[Any], records: list[dict[str, Any]]) -> None:
        for child in self._query.children:
            relation = self._relation(child)
            name, key = self._fact.children[relation]
            aimed = _renamed(child, name)
            statement = _Statement(
                self._org, self._view, self._text, aimed, is_all=self._is_all, version=self._version
            )
            grouped = statement.sub_rows(key, [row[0] for row in found])
            for row, record in zip(found, records, strict=True):
                record[relation] = _nested(grouped.get(row[0], []), child.limit)

    def _relation(self, child: Query) -> str:
        wanted = child.source.lower()
        found = next((name for name in self._fact.children if name.lower() == wanted), None)
        if found is None:
            problem = _NO_RELATION.format(child.source)
            raise self._refusal("INVALID_TYPE", child.source_at, problem)
        return found

    def _refusal(self, code: str, at: int, problem: str) -> Refusal:
        return Refusal(400, code, located(self._text, at, problem))


def _renamed(child: Query, name: str) -> Query:
    return Query(child.fields, child.children, name, child.source_at, child.where, child.order)


def _nested(rows: list[dict[str, Any]], limit: int | None) -> dict[str, Any] | None:
    kept = rows[:limit]
    return {"totalSize": len(kept), "done": True, "records": kept} if kept else None


def _literal_kind(field: FieldFact) -> str:
    if field.type in {"datetime", "date", "boolean"}:
        return field.type
    return "number" if field.type in NUMERIC else "string"


def _instant(text: str) -> str:
    """Give a datetime literal as rows are stamped."""
    at = datetime.fromisoformat(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text))
    return stamp(at.astimezone(UTC)).replace(".000", f".{at.microsecond // 1000:03d}")
