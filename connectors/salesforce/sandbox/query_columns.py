"""What a query's answer would look like: ``columns=true``, which Salesforce's own tools ask for."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from connectors.salesforce.sandbox import aggregates, queries
from connectors.salesforce.sandbox.asked import Asked
from connectors.salesforce.sandbox.objects import NUMERIC, FieldFact, ObjectFact
from connectors.salesforce.sandbox.queries import PAGE
from connectors.salesforce.sandbox.scopes import Parent, Scope
from connectors.salesforce.sandbox.soql import parse
from connectors.salesforce.sandbox.syntax import Call, Fields, Path, Query, Typeof

_Column = dict[str, Any]

_APEX_TYPES = {
    "id": "Id",
    "reference": "Id",
    "boolean": "Boolean",
    "int": "Integer",
    "double": "Decimal",
    "currency": "Decimal",
    "percent": "Decimal",
    "date": "Date",
    "datetime": "Datetime",
}
"""Types of Apex by type; everything else is a String."""


def columns(asked: Asked) -> dict[str, Any]:
    """Tell a statement's columns, in the order selected; parents and child rows hold theirs.

    Raises:
        Refusal: If the statement is wrong.
    """
    queries.run(asked, 0, PAGE)
    query = parse(asked.text)
    scope = Scope(asked.org, asked.view, asked.text, query)
    shown = _columns(scope, query)
    return {
        "columnMetadata": shown,
        "entityName": scope.fact.name,
        "groupBy": bool(query.group),
        "idSelected": any(column["columnName"] == "Id" for column in shown),
        "keyPrefix": scope.fact.prefix,
    }


def _columns(scope: Scope, query: Query) -> list[_Column]:
    shown: list[_Column] = []
    unnamed = 0
    for item in query.items:
        match item.what:
            case Path() as path:
                _put(scope, shown, path)
            case Call() as call:
                shown.append(_of_call(scope, call, item.alias or f"expr{unnamed}"))
                unnamed += not item.alias
            case Fields() as fields:
                shown += [_of_field(field) for field in _group(scope.fact, fields)]
            case Typeof() as what:
                shown.append(_of_choice(scope, what))
            case Query() as child:
                shown.append(_of_children(scope, child))
    return shown


def _put(scope: Scope, shown: list[_Column], path: Path) -> None:
    """Add a field, below the parents that its path leads through."""
    fact = scope.fact
    for parent in scope.parents(path):
        shown = _parent(shown, fact, parent)["joinColumns"]
        fact = parent.facts[0]
    shown.append(_of_field(scope.column(path).field))


def _parent(shown: list[_Column], fact: ObjectFact, parent: Parent) -> _Column:
    known = next((one for one in shown if one["columnName"] == parent.relation), None)
    if known is None:
        links = (f.name for f in fact.fields.values() if f.relationship == parent.relation)
        known = _column(parent.relation, foreignKeyName=next(links, None))
        shown.append(known)
    return known


def _of_field(field: FieldFact) -> _Column:
    apex = _APEX_TYPES.get(field.type, "String")
    return _column(
        field.name,
        apexType=apex,
        booleanType=apex == "Boolean",
        custom=field.is_custom,
        insertable="C" in field.flags,
        numberType=field.type in NUMERIC,
        textType=apex == "String",
        updatable="U" in field.flags,
    )


def _of_call(scope: Scope, call: Call, name: str) -> _Column:
    field = aggregates.column(scope, call).field
    shown_as = f"{call.function.lower()}({scope.column(call.path).field.name})"
    is_number = field.type in NUMERIC
    return _column(name, aggregate=True, displayName=shown_as, numberType=is_number)


def _of_children(scope: Scope, child: Query) -> _Column:
    relation, name, _ = scope.child(child)
    query = replace(child, source=name)
    inner = Scope(scope.org, scope.view, scope.text, query)
    return _column(relation, aggregate=True, joinColumns=_columns(inner, query))


def _of_choice(scope: Scope, what: Typeof) -> _Column:
    parent = scope.path_to(what.path)
    facts = {fact.name.lower(): fact for fact in parent.facts}
    found = (
        facts.get(branch.type.lower(), parent.facts[0]).fields.get(path.names[-1].lower())
        for branch in what.branches
        for path in branch.fields
    )
    fields = {field.name: field for field in found if field is not None}
    return _column(parent.relation, joinColumns=[_of_field(field) for field in fields.values()])


def _group(fact: ObjectFact, fields: Fields) -> Iterator[FieldFact]:
    for field in fact.fields.values():
        if fields.group == "ALL" or field.is_custom == (fields.group == "CUSTOM"):
            yield field


def _column(name: str, **known: object) -> _Column:
    return {
        "aggregate": False,
        "apexType": None,
        "booleanType": False,
        "columnName": name,
        "custom": False,
        "displayName": name,
        "foreignKeyName": None,
        "insertable": False,
        "joinColumns": [],
        "numberType": False,
        "textType": False,
        "updatable": False,
        **known,
    }
