"""Conditions of SOQL as SQL: what each operator takes, and what it makes of nothing."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime

from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.ids import is_id, normal_id
from connectors.salesforce.sandbox.objects import EXACT, NUMERIC, FieldFact
from connectors.salesforce.sandbox.org import stamp
from connectors.salesforce.sandbox.periods import days
from connectors.salesforce.sandbox.scopes import Column, Scope
from connectors.salesforce.sandbox.syntax import (
    Call,
    Comparison,
    Condition,
    Junction,
    Path,
    Query,
    Value,
)

MOST_SEMI_JOINS = 2

_NO_INNER = frozenset({"Event", "Task"})
_EQUAL = frozenset({"=", "!=", "in", "not in"})
_ORDERED = _EQUAL | {"<", "<=", ">", ">="}
_TAKEN = {
    "boolean": frozenset({"=", "!="}),
    "multipicklist": _EQUAL | {"includes", "excludes"},
}
_TEXTUAL = _ORDERED | {"like"}
_WRONG_TYPE = (
    "value of filter criterion for field '{}' must be of type {} and should {}be enclosed in quotes"
)

Inner = Callable[[Query], tuple[Scope, str, list[object]]]


class Conditions:
    """The conditions of one statement, and the parameters their SQL takes, in order."""

    def __init__(
        self, scope: Scope, column: Callable[[Path | Call], Column], inner: Inner | None
    ) -> None:
        self.parameters: list[object] = []
        self._scope = scope
        self._column = column
        self._inner = inner
        self._semi_joins = 0

    def sql(self, condition: Condition, *, is_negated: bool = False) -> str:
        """Give a condition as SQL, and keep its parameters.

        Args:
            condition: What to give.
            is_negated: It stands under NOT: what is unknown is untrue, not unknown.

        Raises:
            Refusal: If it compares what cannot be compared so.
        """
        if isinstance(condition, Comparison):
            sql = self._comparison(condition)
            return f"coalesce({sql}, 0)" if is_negated else sql
        if condition.word == "NOT":
            return f"NOT ({self.sql(condition.parts[0], is_negated=True)})"
        if condition.word == "OR":
            self._refuse_semi_joins(condition.parts)
        parts = [self.sql(part, is_negated=is_negated) for part in condition.parts]
        return "(" + f" {condition.word} ".join(parts) + ")"

    def _comparison(self, comparison: Comparison) -> str:
        left, operator = comparison.left, comparison.operator
        column = self._column(left)
        if "F" not in column.field.flags:
            problem = f"field '{column.field.name}' can not be filtered in a query call"
            raise self._refusal("INVALID_FIELD", left.at, problem)
        if comparison.inner is not None:
            return self._semi_join(comparison, column)
        self._check_operator(column.field, operator, left.at)
        is_list = operator in {"in", "not in"} and column.field.type != "multipicklist"
        if is_list and all(value.kind != "period" for value in comparison.values):
            return self._member(column, operator, comparison.values)
        tests = [self._test(column, operator, value) for value in comparison.values]
        return f"({(' AND ' if operator in _EXCLUDING else ' OR ').join(tests)})"

    def _check_operator(self, field: FieldFact, operator: str, at: int) -> None:
        if operator not in _TAKEN.get(field.type, _TEXTUAL if _is_text(field) else _ORDERED):
            problem = f"invalid operator on {field.type} field"
            raise self._refusal("INVALID_QUERY_FILTER_OPERATOR", at, problem)

    def _member(self, column: Column, operator: str, values: tuple[Value, ...]) -> str:
        literals = [self._literal(column.field, value) for value in values]
        listed = [literal for literal in literals if literal is not None]
        self.parameters += listed
        is_in = operator == "in"
        has_empty = is_in == (len(listed) < len(literals))
        test = f"{column.compared} {'' if is_in else 'NOT '}IN ({', '.join('?' * len(listed))})"
        return f"({test} OR {column.sql} IS NULL)" if has_empty else test

    def _test(self, column: Column, operator: str, value: Value) -> str:
        """Compare with one value; a list is the caller's to join."""
        simple = {"in": "=", "not in": "!="}.get(operator, operator)
        if value.kind == "null" and simple in {"=", "!="}:
            return f"{column.sql} IS {'NOT ' * (simple == '!=')}NULL"
        if value.kind == "period":
            return self._in_period(column, simple, value)
        literal = self._literal(column.field, value)
        if column.field.type == "multipicklist":
            return self._in_list(column, simple, str(literal))
        self.parameters.append(literal)
        sql = {"like": "LIKE ? ESCAPE '\\'", "!=": "IS NOT ?"}.get(simple, f"{simple} ?")
        return f"{column.compared} {sql}"

    def _in_list(self, column: Column, operator: str, wanted: str) -> str:
        """Compare a field that holds several values, joined by semicolons, with some of them."""
        if operator in {"=", "!="}:
            self.parameters.append(wanted)
            return f"{column.compared} {'IS NOT' if operator == '!=' else '='} ?"
        held = f"';' || {column.sql} || ';'"
        parts = wanted.split(";")
        self.parameters += [f"%;{part};%" for part in parts]
        found = " AND ".join([f"{held} LIKE ?"] * len(parts))
        return f"coalesce({found}, 0)" if operator == "includes" else f"NOT coalesce({found}, 0)"

    def _in_period(self, column: Column, operator: str, value: Value) -> str:
        if column.field.type not in {"date", "datetime"}:
            raise self._wrong_type(column.field, value)
        name, _, number = str(value.value).partition(":")
        first, behind = days(name, int(number or 0), self._scope.org.clock.now().date())
        start, end = (_day(column.field, day) for day in (first, behind))
        inside = f"({column.sql} >= '{start}' AND {column.sql} < '{end}')"
        return {
            "=": inside,
            "!=": f"NOT coalesce({inside}, 0)",
            "<": f"{column.sql} < '{start}'",
            "<=": f"{column.sql} < '{end}'",
            ">": f"{column.sql} >= '{end}'",
            ">=": f"{column.sql} >= '{start}'",
        }[operator]

    def _semi_join(self, comparison: Comparison, column: Column) -> str:
        if comparison.inner is None or self._inner is None:
            problem = "Nesting of semi join sub-selects is not supported"
            raise self._malformed(comparison.left.at, problem)
        self._semi_joins += 1
        if self._semi_joins > MOST_SEMI_JOINS:
            problem = f"Maximum {MOST_SEMI_JOINS} semi join sub-selects are allowed"
            raise self._malformed(comparison.left.at, problem)
        if column.field.type not in EXACT:
            problem = "The left operand field in the where expression for outer query should be an"
            problem += f" id field, cannot use: '{column.field.name}'"
            raise self._malformed(comparison.left.at, problem)
        scope, sql, parameters = self._inner(comparison.inner)
        self._check_inner(scope, comparison.inner)
        self.parameters += parameters
        if comparison.operator == "in":
            return f"{column.sql} IN ({sql})"
        return f"({column.sql} IS NULL OR {column.sql} NOT IN ({sql}))"

    def _check_inner(self, scope: Scope, inner: Query) -> None:
        if scope.fact.name in _NO_INNER:
            problem = f"Entity '{scope.fact.name}' is not supported for semi join inner selects"
            raise self._malformed(inner.source_at, problem)
        if scope.fact.name == self._scope.fact.name:
            problem = "The inner and outer selects should not be on the same object type"
            raise self._malformed(inner.source_at, problem)

    def _refuse_semi_joins(self, parts: Iterable[Condition]) -> None:
        for part in parts:
            if isinstance(part, Junction):
                self._refuse_semi_joins(part.parts)
            elif part.inner is not None:
                problem = "Semi join sub-selects are not allowed with the 'OR' operator"
                raise self._malformed(part.left.at, problem)

    def _literal(self, field: FieldFact, value: Value) -> object:
        kind = _literal_kind(field)
        if value.kind == "null":
            return None
        if value.kind != kind:
            raise self._wrong_type(field, value)
        if field.type in EXACT:
            if not is_id(str(value.value)):
                problem = f"invalid ID field: {value.value}"
                raise self._refusal("INVALID_QUERY_FILTER_OPERATOR", value.at, problem)
            return normal_id(str(value.value))
        return self._instant(value) if kind in {"datetime", "date"} else value.value

    def _instant(self, value: Value) -> str:
        """Give a date or datetime literal as rows hold it."""
        text = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", str(value.value))
        try:
            if value.kind == "date":
                return date.fromisoformat(text).isoformat()
            at = datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise self._malformed(value.at, f"invalid {value.kind}: {value.value}") from error
        return stamp(at).replace(".000", f".{at.microsecond // 1000:03d}")

    def _wrong_type(self, field: FieldFact, value: Value) -> Refusal:
        kind = _literal_kind(field)
        quoted = "" if kind == "string" else "not "
        worded = {"datetime": "dateTime", "number": field.type}.get(kind, kind)
        problem = _WRONG_TYPE.format(field.name, worded, quoted)
        return self._refusal("INVALID_FIELD", value.at, problem)

    def _refusal(self, code: str, at: int, problem: str) -> Refusal:
        return self._scope.refusal(code, at, problem)

    def _malformed(self, at: int, problem: str) -> Refusal:
        return self._refusal("MALFORMED_QUERY", at, problem)


_EXCLUDING = frozenset({"not in", "excludes"})


def _is_text(field: FieldFact) -> bool:
    return _literal_kind(field) == "string" and field.type not in EXACT


def _literal_kind(field: FieldFact) -> str:
    if field.type in {"datetime", "date", "boolean"}:
        return field.type
    return "number" if field.type in NUMERIC else "string"


def _day(field: FieldFact, day: date) -> str:
    return day.isoformat() + ("T00:00:00.000+0000" if field.type == "datetime" else "")
