"""What an admin does about outbound messages; `levers` offers it."""

from collections.abc import Sequence

from connectors._sandbox import Sandbox
from connectors._sending import Delivery, wait_for
from connectors.salesforce.sandbox import outbound, outbound_queue
from connectors.salesforce.sandbox.org import Org
from connectors.salesforce.sandbox.tables_activities import DERIVED


def send_outbound(
    sandbox: Sandbox,
    sobject: str,
    url: str,
    fields: Sequence[str],
    *,
    on_create: bool = True,
    on_update: bool = True,
) -> str:
    """Set up an outbound message, as an admin does in a flow; gives the id of its action.

    Args:
        sandbox: Whose org.
        sobject: The object whose rows are told of, in its own spelling.
        url: Where to.
        fields: What is told of a row beside its id.
        on_create: Whether of new rows.
        on_update: Whether of changed rows.
    """
    org = Org(sandbox)
    fact = org.objects().get(sobject.lower())
    unknown = [name for name in fields if fact is None or name.lower() not in fact.fields]
    if fact is None or fact.name in DERIVED or unknown:
        raise ValueError(f"There is no such object or field: {sobject} {' '.join(unknown)}")
    named = tuple(fact.fields[name.lower()].name for name in fields)
    made = outbound_queue.add(sandbox.db, fact, url, named, (on_create, on_update))
    return made.action_id


def list_outbound(sandbox: Sandbox) -> Sequence[outbound_queue.Notification]:
    """List what outbound messages have yet to tell, and why it was not taken so far."""
    found = outbound_queue.messages(Org(sandbox).db)
    return [one for message in found for one in outbound_queue.waiting(sandbox.db, message)]


def deliver_outbound(sandbox: Sandbox) -> Sequence[Delivery]:
    """Send the outbound messages that are due, and wait for the answers."""
    return wait_for(outbound.deliver_due(sandbox))


def deliver_outbound_at_once(sandbox: Sandbox, *, is_on: bool = True) -> None:
    """Send what is due after every call, too, not only when `deliver_outbound` is called."""
    Org(sandbox).set("delivers_at_once", is_on)


def disturb_outbound(
    sandbox: Sandbox, *, is_twice: bool = False, is_shuffled: bool = False
) -> None:
    """Send outbound messages twice, or in any order, as Salesforce may."""
    trouble = {"is_twice": is_twice, "is_shuffled": is_shuffled}
    Org(sandbox).set("outbound_trouble", trouble)


def end_outbound(sandbox: Sandbox, action: str) -> None:
    """Take an outbound message down by the id of its action, and what it had yet to tell."""
    for message in outbound_queue.messages(Org(sandbox).db):
        if message.action_id == action:
            outbound_queue.end(sandbox.db, message.number)
