"""What a user of the org may read: `UserRecordAccess`, as the sharing rules have it."""

import re
from collections.abc import Mapping, Sequence

from connectors._records import ExternalId
from connectors.salesforce.client import Client

MOST_RECORDS = 200
"""Records that Salesforce takes in one question about access."""

_ASKED = (
    "SELECT RecordId, HasReadAccess FROM UserRecordAccess "
    "WHERE UserId = '{user}' AND RecordId IN ({listed})"
)
_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")


def visible(
    client: Client, user: ExternalId, ids: Sequence[ExternalId]
) -> Mapping[ExternalId, bool]:
    """Ask what a user may read; see `Connector.visible`.

    Salesforce passes over records that we may not read ourselves: nobody is shown those.
    """
    known = [one for one in ids if _ID.fullmatch(one)]
    if not _ID.fullmatch(user):
        return {}
    found = dict.fromkeys(known, False)
    for begin in range(0, len(known), MOST_RECORDS):
        listed = ", ".join(f"'{one}'" for one in known[begin:][:MOST_RECORDS])
        soql = _ASKED.format(user=user, listed=listed)
        for row in client.query("to ask what a user may read", soql).rows:
            found[ExternalId(str(row["RecordId"]))] = row.get("HasReadAccess") is True
    return found
