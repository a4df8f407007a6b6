"""HubSpot behind the contract.

Read `mapping`, `activities`, `emails` and `deals` (a row becomes a record), `streams`, `places` and
`reading`, `fields`, `writing`, `examining`, `hints` (webhooks), then `client` (the SDK on our
transport), `pacing`, `access` (tokens) and `refusals` (what HubSpot says no with).
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from pydantic import BaseModel

from connectors._contract import Connector, Renewing, alone
from connectors._errors import Misconfigured
from connectors._hints import Hint, Signer
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
from connectors.hubspot.checking import check_fields, choices
from connectors.hubspot.client import Client
from connectors.hubspot.consent import revoke
from connectors.hubspot.credentials import Credentials
from connectors.hubspot.examining import examine
from connectors.hubspot.fields import create_fields, package
from connectors.hubspot.hints import hints
from connectors.hubspot.holding import Holdings
from connectors.hubspot.mapping import own_name, record_url
from connectors.hubspot.reading import Reader
from connectors.hubspot.rights import visible
from connectors.hubspot.tellings import TELLINGS
from connectors.hubspot.ways import WAYS
from connectors.hubspot.writing import calls_to_write, write

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
    "connect",
    "hints",
    "own_name",
    "package",
    "record_url",
    "revoke",
]

TITLE = "HubSpot"

STREAMS = (
    Stream.COLLEAGUES,
    Stream.ACCOUNTS,
    Stream.CONTACTS,
    Stream.DEALS,
    Stream.EMAILS,
    Stream.MEETINGS,
    Stream.CALLS,
    Stream.MESSAGES,
    Stream.TASKS,
)
SWEPT = tuple(stream for stream in STREAMS if stream is not Stream.COLLEAGUES)
SIGNER = Signer.CRM
LISTENS = False
TARGETS = (Target.CONTACT, Target.ACCOUNT, Target.DEAL)


def connect(
    credentials: BaseModel,
    *,
    on_refresh: Callable[[BaseModel], None],
    permit: Callable[[], None] = lambda: None,
    renewing: Renewing = alone,
    sleep: Callable[[float], None] = time.sleep,
) -> Connector:
    """Make a connector to one portal; see `Module.connect`."""
    if not isinstance(credentials, Credentials):
        raise Misconfigured("These are not HubSpot's credentials: enter them again.")
    client = Client(
        credentials, on_refresh=on_refresh, permit=permit, renewing=renewing, sleep=sleep
    )
    return _HubSpot(client)


class _HubSpot:
    """A portal: each call of the contract is answered by the module of its name."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._reader = Reader(client)
        self._holdings = Holdings(client)

    @property
    def calls(self) -> int:
        return self._client.transport.calls

    @property
    def quota(self) -> Quota | None:
        return self._client.transport.quota

    def examine(self) -> Iterator[Finding]:
        return examine(self, self._client)

    def identify(self) -> Identity:
        answer = self._client.get("/account-info/v3/details")
        portal, domain = answer.body.get("portalId"), answer.body.get("uiDomain")
        if portal is None:
            raise Misconfigured("HubSpot does not say which portal this is: check the address.")
        if self._client.portal not in {None, str(portal)}:
            raise Misconfigured(
                f"HubSpot's token is for portal {self._client.portal}, but portal {portal} "
                "answers: reconnect the OAuth app in the right portal."
            )
        return Identity(
            tenant=str(portal),
            name=f"portal {portal} ({domain or 'app.hubspot.com'})",
            site=f"https://{domain or 'app.hubspot.com'}/contacts/{portal}",
        )

    def read(self, bookmarks: Mapping[Stream, Bookmark]) -> Sequence[Page]:
        return self._reader.read(bookmarks)

    def present(self, stream: Stream, bookmark: Bookmark) -> Presence:
        return self._reader.present(stream, bookmark)

    def read_again(self, stream: Stream, ids: Sequence[ExternalId]) -> Sequence[Page]:
        return self._reader.read_again(stream, ids)

    def taken_part(self, people: Sequence[ExternalId]) -> Mapping[Hint, Collection[ExternalId]]:
        return self._reader.taken_part(people)

    def check_fields(self, fields: Sequence[Field]) -> Sequence[FieldCheck]:
        return check_fields(self._client, fields)

    def choices(self, target: Target) -> Sequence[Field]:
        return choices(self._client, target)

    def create_fields(self, fields: Sequence[Field]) -> Sequence[Field]:
        return create_fields(self._client, fields)

    def held(
        self, target: Target, ids: Sequence[ExternalId], names: Sequence[str]
    ) -> Mapping[ExternalId, Mapping[str, FieldValue]]:
        return self._holdings.held(target, ids, names)

    def visible(
        self, user: ExternalId, target: Target, ids: Sequence[ExternalId]
    ) -> Mapping[ExternalId, bool]:
        return visible(self._holdings, user, target, ids)

    def calls_to_write(self, counts: Mapping[Target, int]) -> int:
        return calls_to_write(counts)

    def write(self, updates: Sequence[FieldUpdate]) -> Iterator[Sequence[WriteResult]]:
        return write(self._client, updates)

    def close(self) -> None:
        self._client.transport.close()
