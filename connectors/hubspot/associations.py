"""What objects are associated with, a thousand objects a call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors._errors import Unavailable
from connectors.hubspot.client import Answer, Client
from connectors.hubspot.refusals import UNREADABLE, complaints, refusal

INPUTS_PER_CALL = 1000
MOST_CALLS = 10_000
NONE_ASSOCIATED = "NO_ASSOCIATIONS_FOUND"


@dataclass(frozen=True, slots=True)
class Link:
    """An association: the other object's number, and what people call it to the one."""

    number: str
    labels: tuple[str, ...] = ()


Links = Mapping[str, Sequence[Link]]
"""The associations of one object, by the type at the other end."""


def links_of(
    client: Client, from_type: str, to_type: str, numbers: Sequence[str]
) -> Mapping[str, tuple[Link, ...]]:
    """Find what each of these objects is associated with, all of it, each once.

    HubSpot gives a part of a long list and a cursor for each object by itself; those are asked
    for again, together with what is still to be asked, until none is left.

    Raises:
        ConnectorError: If HubSpot does not say for one of them; having none is an answer.
    """
    found: dict[str, dict[str, dict[str, None]]] = {number: {} for number in numbers}
    waiting: list[dict[str, str]] = [{"id": number} for number in found]
    for _ in range(MOST_CALLS):
        if not waiting:
            return {number: _links(ends) for number, ends in found.items()}
        asked, waiting = waiting[:INPUTS_PER_CALL], waiting[INPUTS_PER_CALL:]
        get_page = client.associations_api.get_page
        answer = client.ask(get_page, from_type, to_type, {"inputs": asked})
        _check(answer)
        try:
            waiting.extend(_gather(found, answer))
        except (AttributeError, KeyError, TypeError) as error:
            raise Unavailable(UNREADABLE) from error
    raise Unavailable(UNREADABLE)


def _links(ends: Mapping[str, Mapping[str, None]]) -> tuple[Link, ...]:
    return tuple(Link(number, tuple(labels)) for number, labels in ends.items())


def _gather(
    found: Mapping[str, dict[str, dict[str, None]]], answer: Answer
) -> list[dict[str, str]]:
    """Add an answer's associations to those found; gives what is still to be asked for."""
    rest = []
    for row in answer.rows():
        number = str(row["from"]["id"])
        for link in row["to"]:
            labels = found[number].setdefault(str(link["toObjectId"]), {})
            labels.update(dict.fromkeys(_labels(link)))
        after = ((row.get("paging") or {}).get("next") or {}).get("after")
        if after:
            rest.append({"id": number, "after": str(after)})
    return rest


def _labels(link: Mapping[str, Any]) -> list[str]:
    kinds = link.get("associationTypes") or ()
    return [kind["label"] for kind in kinds if isinstance(kind.get("label"), str)]


def _check(answer: Answer) -> None:
    """Accept that some have none; anything else that went wrong is wrong."""
    if not all(c.code.endswith(NONE_ASSOCIATED) for c in complaints(answer.response)):
        raise refusal(answer.response)
