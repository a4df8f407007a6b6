"""What contacts take part in, asked from their side.

HubSpot hides the associations of an archived contact and shows them again when it is restored. It
calls neither a change of the activity, and so it is with an association that somebody adds.
"""

from collections.abc import Collection, Mapping, Sequence

from connectors._errors import Misconfigured, PermissionMissing
from connectors._hints import Hint
from connectors._records import ExternalId, Stream
from connectors.hubspot.associations import links_of
from connectors.hubspot.by_id import numbers_of
from connectors.hubspot.client import Client
from connectors.hubspot.mapping import CONTACT, external_id
from connectors.hubspot.streams import SOURCES


def taken_part(
    client: Client, people: Sequence[ExternalId], *, refused: Collection[Stream]
) -> Mapping[Hint, Collection[ExternalId]]:
    """Name what contacts take part in; see `Connector.taken_part`.

    A call for each kind, deals among them, for a thousand contacts with at most 500 of it each.

    Args:
        client: The portal.
        people: Contacts; others are left out.
        refused: Streams that need not be asked for.
    """
    numbers = numbers_of(CONTACT, people)
    found: dict[Hint, set[ExternalId]] = {}
    for stream, source in SOURCES.items():
        if CONTACT not in source.linked or stream in refused:
            continue
        try:
            links = links_of(client, CONTACT, source.type_id, numbers)
        except (PermissionMissing, Misconfigured):
            continue  # a gap, of which `read` tells
        for number, ends in links.items():
            for link in ends:
                hint = Hint(stream, external_id(source.type_id, link.number))
                found.setdefault(hint, set()).add(external_id(CONTACT, number))
    return found
