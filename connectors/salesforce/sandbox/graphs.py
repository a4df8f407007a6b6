"""Composite graphs: several transactions in one call, each of requests that refer to each other."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.salesforce.sandbox import composite
from connectors.salesforce.sandbox.composite import Call
from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.visits import Visit

MOST_GRAPHS, MOST_NODES, MOST_KINDS, MOST_DEPTH, MOST_FAILURES = 75, 500, 15, 15, 14

_GRAPH_ID = re.compile(r"[A-Za-z0-9][^.]{0,38}")
_ROW = re.compile(r"/services/data/(v\d+\.0)/sobjects/(\w+)(?:/.+)?/?", re.IGNORECASE)

_Graph = tuple[str, list[dict[str, Any]]]


def graphs(visit: Visit, call: Call) -> dict[str, Any]:
    """Answer ``POST /composite/graph``: each graph is done as a whole, or not at all.

    Raises:
        Refusal: If the request as a whole cannot be read, or is too large; then nothing was done.
    """
    wanted = list(_read(visit.json()))
    _check(wanted)
    answered: list[dict[str, Any]] = []
    failures = 0
    for graph_id, nodes in wanted:
        if failures > MOST_FAILURES:
            answers, is_done = list(map(_halted, nodes)), False
        else:
            answers, is_done = composite.together(visit, call, nodes, is_all_or_none=True)
        failures += not is_done
        response = {"compositeResponse": answers}
        answered.append({"graphId": graph_id, "graphResponse": response, "isSuccessful": is_done})
    return {"graphs": answered}


def _read(body: object) -> Iterator[_Graph]:
    wanted = body.get("graphs") if isinstance(body, dict) else None
    if not isinstance(wanted, list) or not wanted:
        raise Refusal(400, "JSON_PARSER_ERROR", "Missing or empty graphs")
    for graph in wanted:
        nodes = graph.get("compositeRequest") if isinstance(graph, dict) else None
        if not isinstance(nodes, list) or not nodes or not all(isinstance(n, dict) for n in nodes):
            raise Refusal(400, "JSON_PARSER_ERROR", "Missing or empty compositeRequest")
        composite.check_names(nodes)
        yield str(graph.get("graphId", "")), nodes


def _check(wanted: list[_Graph]) -> None:
    ids = [graph_id for graph_id, _ in wanted]
    if len(set(ids)) < len(ids) or not all(map(_GRAPH_ID.fullmatch, ids)):
        problem = "Provide a unique graphId of at most 39 characters for every graph"
        raise Refusal(400, "INVALID_INPUT", problem)
    nodes = [node for _, nodes in wanted for node in nodes]
    kinds = {_kind(node) for node in nodes}
    depth = max(_depth(nodes) for _, nodes in wanted)
    for name, number, most in (
        ("graphs", len(wanted), MOST_GRAPHS),
        ("nodes", len(nodes), MOST_NODES),
        ("different nodes", len(kinds), MOST_KINDS),
        ("levels", depth, MOST_DEPTH),
    ):
        if number > most:
            problem = f"The number of {name} exceeds the limit of {most}"
            raise Refusal(400, "LIMIT_EXCEEDED", problem)


def _kind(node: Mapping[str, Any]) -> tuple[str, str, str]:
    """Give what makes a node different from others: its version, method and object."""
    found = _ROW.fullmatch(str(node.get("url", "")).partition("?")[0])
    if found is None:
        problem = f"The url is not supported in a composite graph: {node.get('url')}"
        raise Refusal(400, "INVALID_INPUT", problem)
    return found[1].lower(), str(node.get("method", "GET")).upper(), found[2].lower()


def _depth(nodes: list[dict[str, Any]]) -> int:
    """Count the nodes of the longest chain of references."""
    depths: dict[str, int] = {}
    for node in nodes:
        text = json.dumps([node.get("url"), node.get("body")])
        above = (depths.get(found[1], 0) for found in composite.REFERENCE.finditer(text))
        depths[str(node["referenceId"])] = 1 + max(above, default=0)
    return max(depths.values())


def _halted(node: Mapping[str, Any]) -> dict[str, Any]:
    problem = f"Processing was halted because more than {MOST_FAILURES} graphs failed."
    return composite.told(str(node["referenceId"]), Refusal(400, "PROCESSING_HALTED", problem))
