"""Which contacts an activity is associated with, a thousand activities a call."""

from collections.abc import Mapping, Sequence

from connectors._errors import Unavailable
from connectors.hubspot.client import Answer, Client
from connectors.hubspot.mapping import CONTACT
from connectors.hubspot.refusals import UNREADABLE, complaints, refusal

INPUTS_PER_CALL = 1000
MOST_CALLS = 10_000
NONE_ASSOCIATED = "NO_ASSOCIATIONS_FOUND"


def contacts_of(client: Client, type_id: str, ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Find the contacts of each of these activities, all of them, each once.

    HubSpot gives a part of a long list and a cursor for each activity by itself; those are asked
    for again, together with what is still to be asked, until none is left.

    Raises:
        ConnectorError: If HubSpot does not say for one of them; having none is an answer.
    """
    found: dict[str, dict[str, None]] = {object_id: {} for object_id in ids}
    waiting: list[dict[str, str]] = [{"id": object_id} for object_id in found]
    for _ in range(MOST_CALLS):
        if not waiting:
            return {object_id: tuple(contacts) for object_id, contacts in found.items()}
        asked, waiting = waiting[:INPUTS_PER_CALL], waiting[INPUTS_PER_CALL:]
        answer = client.ask(client.associations_api.get_page, type_id, CONTACT, {"inputs": asked})
        _check(answer)
        try:
            waiting.extend(_gather(found, answer))
        except (AttributeError, KeyError, TypeError) as error:
            raise Unavailable(UNREADABLE) from error
    raise Unavailable(UNREADABLE)


def _gather(found: Mapping[str, dict[str, None]], answer: Answer) -> list[dict[str, str]]:
    """Add an answer's contacts to those found; gives what is still to be asked for."""
    rest = []
    for row in answer.rows():
        object_id = str(row["from"]["id"])
        found[object_id].update((str(link["toObjectId"]), None) for link in row["to"])
        after = ((row.get("paging") or {}).get("next") or {}).get("after")
        if after:
            rest.append({"id": object_id, "after": str(after)})
    return rest


def _check(answer: Answer) -> None:
    """Accept that some have no contacts; anything else that went wrong is wrong."""
    if not all(c.code.endswith(NONE_ASSOCIATED) for c in complaints(answer.response)):
        raise refusal(answer.response)
