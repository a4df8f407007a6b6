"""Salesforce, through simple-salesforce on our one transport.

Read `credentials`, `mapping` (rows and records), `reading` (queries and bookmarks), `fields`,
`packaging` and `writing`, `hints` (what it sends by itself), then what carries them: `client`,
`signing_in`, `refusals`. `sandbox` is a local Salesforce to try it all on.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from pydantic import BaseModel

from connectors._contract import Renewing, alone
from connectors._errors import Misconfigured
from connectors._hints import Heard, Hint, Signer
from connectors._records import (
    Bookmark,
    ExternalId,
    Field,
    FieldCheck,
    FieldUpdate,
    FieldValue,
    Finding,
    Identity,
    Page,
    Presence,
    Quota,
    Stream,
    Target,
    WriteResult,
)
from connectors.salesforce.by_id import ById
from connectors.salesforce.checking import check_fields, choices
from connectors.salesforce.client import Client
from connectors.salesforce.consent import revoke
from connectors.salesforce.credentials import Credentials
from connectors.salesforce.examining import examine
from connectors.salesforce.fields import create_fields
from connectors.salesforce.hints import hints
from connectors.salesforce.holding import Holdings
from connectors.salesforce.listening import Subscriber
from connectors.salesforce.mapping import own_name, record_url
from connectors.salesforce.packaging import package
from connectors.salesforce.reading import Reader
from connectors.salesforce.rights import visible
from connectors.salesforce.tellings import TELLINGS
from connectors.salesforce.ways import WAYS
from connectors.salesforce.writing import Writer

__all__ = [
    "LISTENS",
    "SIGNER",
    "STREAMS",
    "SWEPT",
    "TARGETS",
    "TELLINGS",
    "TITLE",
    "WAYS",
    "Credentials",
    "SalesforceConnector",
    "connect",
    "hints",
    "own_name",
    "package",
    "record_url",
    "revoke",
]

TITLE = "Salesforce"
STREAMS = (
    Stream.COLLEAGUES,
    Stream.ACCOUNTS,
    Stream.CONTACTS,
    Stream.LEADS,
    Stream.DEALS,
    Stream.EMAILS,
    Stream.MEETINGS,
    Stream.TASKS,
)
SWEPT = STREAMS[1:]
SIGNER = Signer.TIELINE
LISTENS = True
TARGETS = (Target.CONTACT, Target.LEAD, Target.ACCOUNT, Target.DEAL)


class SalesforceConnector:
    """One authenticated link to a Salesforce org; see `connectors._contract.Connector`."""

    def __init__(self, client: Client, subscriber: Subscriber) -> None:
        self._client = client
        self._subscriber = subscriber
        self._reader = Reader(client)
        self._by_id = ById(client)
        self._holdings = Holdings(client)
        self._writer = Writer(client)

    @property
    def calls(self) -> int:
        """How many HTTP requests it has made so far, failed ones and renewed tokens included."""
        return self._client.calls

    @property
    def quota(self) -> Quota | None:
        """The calls of the last 24 hours, and their limit."""
        return self._client.quota

    def examine(self) -> Iterator[Finding]:
        """Look at everything that the connection needs."""
        return examine(self, self._client)

    def identify(self) -> Identity:
        """Sign in and read the org's name."""
        found = self._client.query("to read the org", "SELECT Id, Name FROM Organization").rows
        org = found[0] if found else {}
        tenant = str(org.get("Id") or self._client.grant.tenant)
        return Identity(tenant, str(org.get("Name") or tenant), self._client.site)

    def read(self, bookmarks: Mapping[Stream, Bookmark]) -> Sequence[Page]:
        """Read the next page of each of these streams, five to a call."""
        return self._reader.read(bookmarks)

    def present(self, stream: Stream, bookmark: Bookmark) -> Presence:
        """Read the ids of up to 2,000 records that are there."""
        return self._by_id.present(stream, bookmark)

    def read_again(self, stream: Stream, ids: Sequence[ExternalId]) -> Sequence[Page]:
        """Read records by their ids, 2,000 to a call."""
        return self._by_id.read_again(stream, ids)

    def taken_part(self, people: Sequence[ExternalId]) -> Mapping[Hint, Collection[ExternalId]]:  # noqa: ARG002 the contract's
        """Give nothing: what is deleted with a person comes back with them, and says so."""
        return {}

    def check_fields(self, fields: Sequence[Field]) -> Sequence[FieldCheck]:
        """See how custom fields stand in the org."""
        return check_fields(self._client, fields)

    def choices(self, target: Target) -> Sequence[Field]:
        """Give the org's own custom fields that we may write."""
        return choices(self._client, target)

    def create_fields(self, fields: Sequence[Field]) -> Sequence[Field]:
        """Create the custom fields that are missing, and grant them to our user."""
        return create_fields(self._client, fields)

    def held(
        self, target: Target, ids: Sequence[ExternalId], names: Sequence[str]
    ) -> Mapping[ExternalId, Mapping[str, FieldValue]]:
        """Read what fields of records hold now, 2,000 records to a call."""
        return self._holdings.held(target, ids, names)

    def visible(
        self, user: ExternalId, target: Target, ids: Sequence[ExternalId]
    ) -> Mapping[ExternalId, bool]:
        """Ask what a user may read, 200 records to a call; it knows records of all kinds."""
        del target  # an id of Salesforce's says what it is of
        return visible(self._client, user, ids)

    def calls_to_write(self, counts: Mapping[Target, int]) -> int:
        """Predict the calls that so many records take."""
        return self._writer.calls_for(counts)

    def write(self, updates: Sequence[FieldUpdate]) -> Iterator[Sequence[WriteResult]]:
        """Write values of custom fields, up to 1,000 records to a call."""
        return self._writer.write(updates)

    def listen(self, place: str) -> Iterator[Heard]:
        """Give what changes, as change events tell it."""
        return self._subscriber.listen(place)

    def close(self) -> None:
        """Close the connections to Salesforce."""
        self._subscriber.close()
        self._client.close()


def connect(
    credentials: BaseModel,
    *,
    on_refresh: Callable[[BaseModel], None],
    permit: Callable[[], None] = lambda: None,
    renewing: Renewing = alone,
    sleep: Callable[[float], None] = time.sleep,
) -> SalesforceConnector:
    """Make a connector; nothing is called before its first use.

    Raises:
        Misconfigured: If the address in the credentials cannot be Salesforce's.
    """
    if not isinstance(credentials, Credentials):
        raise Misconfigured("These are not credentials for Salesforce: connect it again.")
    client = Client(credentials, on_refresh, permit=permit, renewing=renewing, sleep=sleep)
    subscriber = Subscriber(client, credentials.pubsub_address, credentials.instance_url)
    return SalesforceConnector(client, subscriber)
