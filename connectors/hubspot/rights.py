"""What a user of the portal may read, as far as HubSpot tells: what they own.

HubSpot has no question for what somebody else may see; teams and permission sets are not shown.
"""

from collections.abc import Mapping, Sequence

from connectors._records import ExternalId, Target
from connectors.hubspot.holding import Holdings
from connectors.hubspot.mapping import owner_id

OWNER = "hubspot_owner_id"


def visible(
    holdings: Holdings, user: ExternalId, target: Target, ids: Sequence[ExternalId]
) -> Mapping[ExternalId, bool]:
    """Say of the records that a user owns that they may read them; see `Connector.visible`."""
    held = holdings.held(target, ids, [OWNER])
    return {one: True for one, values in held.items() if owner_id(str(values[OWNER])) == user}
