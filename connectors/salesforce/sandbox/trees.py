"""Records and those below them, made in one call: ``/composite/tree``, all of them or none."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.salesforce.sandbox import rows
from connectors.salesforce.sandbox.errors import Refusal, RowRefusal
from connectors.salesforce.sandbox.objects import ObjectFact
from connectors.salesforce.sandbox.org import View
from connectors.salesforce.sandbox.visits import Answer, Visit, as_json

MOST_RECORDS, MOST_TYPES, MOST_LEVELS = 200, 5, 5


@dataclass(frozen=True, slots=True)
class _Node:
    """A record to make.

    Attributes:
        name: What the caller calls it.
        fact: The object that its place in the tree is for.
        type: The object that the caller says it is of.
        below: Records below it, raw, with the object each is of and the field that points up.
        above: What the record above it is called, and the field that will point there.
    """

    name: str
    fact: ObjectFact
    type: str
    values: Mapping[str, Any]
    below: tuple[tuple[ObjectFact, str, Any], ...]
    above: tuple[str, str] | None = None


class _Failed(Exception):
    """Records that could not be made; `problems` are theirs, by what the caller calls them."""

    def __init__(self, problems: list[tuple[str, RowRefusal]]) -> None:
        super().__init__()
        self.problems = problems


def create(visit: Visit) -> Answer:
    """Answer ``POST /composite/tree/{name}``: 201 with every id, or 400 with what is wrong.

    Records are made level by level and, on a level, object by object; the answer lists them so. The
    first such group with a mistake ends it: nothing is made, and only its mistakes are told.

    Raises:
        Refusal: If the request as a whole cannot be read.
    """
    body = visit.json()
    fact = rows.fact_for(visit.view, visit.part("name"))
    levels = _levels(visit.view, fact, body.get("records") if isinstance(body, dict) else None)
    try:
        _check_names([node for level in levels for node in level])
        with visit.org.step():
            ids = _made(visit, levels)
    except _Failed as failed:
        wrong = [{"referenceId": name, "errors": row.errors()} for name, row in failed.problems]
        return as_json({"hasErrors": True, "results": wrong}, 400)
    results = [{"referenceId": name, "id": row_id} for name, row_id in ids.items()]
    return as_json({"hasErrors": False, "results": results}, 201)


def _levels(view: View, fact: ObjectFact, records: object) -> list[list[_Node]]:
    levels = [list(_nodes(view, fact, records))]
    while below := [child for node in levels[-1] for child in _children(view, node)]:
        if len(levels) == MOST_LEVELS:
            problem = f"A tree can have at most {MOST_LEVELS} levels."
            raise Refusal(400, "INVALID_INPUT", problem)
        levels.append(below)
    nodes = [node for level in levels for node in level]
    if len(nodes) > MOST_RECORDS:
        problem = f"The number of records in the request exceeds the limit of {MOST_RECORDS}."
        raise Refusal(400, "INVALID_INPUT", problem)
    if len({node.fact.name for node in nodes}) > MOST_TYPES:
        problem = f"The request can have records of at most {MOST_TYPES} different types."
        raise Refusal(400, "INVALID_INPUT", problem)
    return levels


def _children(view: View, node: _Node) -> Iterator[_Node]:
    for fact, key, records in node.below:
        yield from _nodes(view, fact, records, (node.name, key))


def _nodes(
    view: View, fact: ObjectFact, records: object, above: tuple[str, str] | None = None
) -> Iterator[_Node]:
    if not isinstance(records, list) or not records:
        raise Refusal(400, "JSON_PARSER_ERROR", "Missing or empty records")
    for record in records:
        about = record.get("attributes") if isinstance(record, dict) else None
        if not isinstance(about, dict) or not about.get("referenceId"):
            problem = "Include a reference ID for each record in the request."
            raise Refusal(403, "INVALID_INPUT", problem)
        lists = dict(_lists(view, fact, record))
        yield _Node(
            name=str(about["referenceId"]),
            fact=fact,
            type=str(about.get("type", "")),
            values={k: v for k, v in record.items() if k != "attributes" and k not in lists},
            below=tuple(lists.values()),
            above=above,
        )


def _lists(
    view: View, fact: ObjectFact, record: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[ObjectFact, str, Any]]]:
    """Give the records below a record: under which name, of which object, by which field."""
    relations = {name.lower(): child for name, child in fact.children.items()}
    for name, value in record.items():
        child, key = relations.get(name.lower(), ("", ""))
        if child.lower() in view.objects and isinstance(value, dict):
            yield name, (view.objects[child.lower()], key, value.get("records"))


def _check_names(nodes: Iterable[_Node]) -> None:
    counts = Counter(node.name for node in nodes)
    problem = "Duplicate ReferenceId provided in the request."
    twice = [
        (name, RowRefusal("INVALID_INPUT", problem))
        for name, count in counts.items()
        for _ in range(count)
        if count > 1
    ]
    if twice:
        raise _Failed(twice)


def _made(visit: Visit, levels: list[list[_Node]]) -> dict[str, str]:
    """Make every record, and give its id by what the caller calls it, in the order made."""
    ids: dict[str, str] = {}
    for level in levels:
        for fact in {node.fact.name: node.fact for node in level}.values():
            problems: list[tuple[str, RowRefusal]] = []
            for node in (one for one in level if one.fact is fact):
                try:
                    ids[node.name] = _make(visit, node, ids)
                except RowRefusal as refusal:
                    problems.append((node.name, refusal))
                except Refusal as refusal:
                    problems.append((node.name, RowRefusal(refusal.code, str(refusal))))
            if problems:
                raise _Failed(problems)
    return ids


def _make(visit: Visit, node: _Node, ids: Mapping[str, str]) -> str:
    fact = node.fact
    is_possible = "C" in fact.flags and not fact.setup_permission
    if node.type.lower() != fact.name.lower() or not is_possible:
        problem = f"Invalid entity type provided in the request: {node.type}"
        raise RowRefusal("INVALID_INPUT", problem)
    rows.check_known(fact, node.values, rows.junctions(visit.view, fact))
    link = {node.above[1]: ids[node.above[0]]} if node.above else {}
    return rows.create(visit.org, visit.view, fact, {**node.values, **link})
