"""simple-salesforce on our one transport, and the few calls that Tieline makes with it."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import requests
from requests.adapters import BaseAdapter
from simple_salesforce.api import Salesforce

from connectors._errors import Misconfigured, PermissionMissing
from connectors._records import Quota
from connectors._transport import LOOPBACK, Tokens, Transport, server_time
from connectors.salesforce.credentials import Credentials
from connectors.salesforce.refusals import translated
from connectors.salesforce.signing_in import Grant

HOSTS = ("*.my.salesforce.com", "*.salesforce.com", "*.force.com")

_USAGE = re.compile(r"(?<![\w-])api-usage=(?P<used>\d+)/(?P<limit>\d+)")

_NOT_SENT = frozenset({"authorization", "content-length", "accept-encoding", "connection"})
"""Headers of the SDK's that the transport makes itself."""

_WRITE_HEADERS = {"Sforce-Duplicate-Rule-Header": "allowSave=true", "Sforce-Auto-Assign": "FALSE"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave.

    Attributes:
        is_done: No rows remain behind these, as far as the query's own LIMIT lets it look.
        at: Salesforce's clock when it answered.
    """

    rows: list[Any]
    is_done: bool
    at: datetime


class Client:
    """The calls to one org; every refusal is a `ConnectorError`."""

    def __init__(
        self,
        credentials: Credentials,
        on_refresh: Callable[[Credentials], None],
        *,
        permit: Callable[[], None],
        sleep: Callable[[float], None],
    ) -> None:
        hosts = _hosts(credentials.instance_url)
        self._transport = Transport(
            "Salesforce", hosts, quota_of=_quota, permit=permit, sleep=sleep
        )
        self.grant = Grant(credentials, self._transport, on_refresh)
        self._tokens = Tokens(self.grant.fetch)
        self._adapter = _Adapter(self._transport, self._tokens, credentials.instance_url)
        self._sdk = _sdk(credentials, self._adapter)

    @property
    def calls(self) -> int:
        """How many HTTP requests were made so far."""
        return self._transport.calls

    @property
    def quota(self) -> Quota | None:
        """The calls of the last 24 hours and their limit, as the last answer told them."""
        return self._transport.quota

    def sign_in(self) -> Grant:
        """Make sure that there is an access token, and tell whose it is."""
        self._tokens.current()
        return self.grant

    def query(self, doing: str, soql: str, *, with_deleted: bool = False) -> Answer:
        """Run one statement and give its first batch of rows.

        Args:
            doing: What is done, for a message: ``to read Contact``.
            soql: The statement.
            with_deleted: Deleted, merged and archived rows too.
        """
        with translated(doing):
            found = self._sdk.query(soql, include_deleted=with_deleted)
            return Answer(list(found["records"]), bool(found["done"]), self._adapter.answered_at)

    def describe(self, name: str) -> dict[str, Any]:
        """Describe an object as we see it.

        Raises:
            PermissionMissing: If we do not see it at all.
        """
        try:
            with translated(f"to describe {name}"):
                found = self._sdk.restful(f"sobjects/{name}/describe")
        except Misconfigured as error:
            raise PermissionMissing(
                f"Salesforce does not show us the object {name}: "
                "give the integration user read access to it in a permission set."
            ) from error
        return dict(found or {})

    def create_field(self, full_name: str, metadata: Mapping[str, object]) -> None:
        """Create a custom field through the Tooling API."""
        body = {"FullName": full_name, "Metadata": dict(metadata)}
        with translated(f"to create the field {full_name}"):
            self._sdk.toolingexecute("sobjects/CustomField", method="POST", data=body)

    def create(self, doing: str, name: str, values: Mapping[str, object]) -> str:
        """Create a record and give its id."""
        with translated(doing):
            made = self._sdk.restful(f"sobjects/{name}", method="POST", json=dict(values))
        return str((made or {}).get("id", ""))

    def save_all(
        self, doing: str, method: str, records: list[dict[str, object]]
    ) -> list[dict[str, Any]]:
        """Create (POST) or update (PATCH) up to 200 records; one result per record, in order."""
        body = {"allOrNone": False, "records": records}
        with translated(doing):
            results = self._sdk.restful(
                "composite/sobjects",
                method=method,
                data=json.dumps(body),
                headers=_WRITE_HEADERS,
            )
        return list(results or [])

    def close(self) -> None:
        """Close the connections."""
        self._sdk.session.close()
        self._transport.close()


class _Adapter(BaseAdapter):
    """Sends what requests has prepared through our transport.

    The SDK writes https into every address; the scheme of the connection is put back, and the
    transport decides whether it may be used.

    Attributes:
        answered_at: Salesforce's clock at its last answer.
    """

    def __init__(self, transport: Transport, tokens: Tokens, instance_url: str) -> None:
        super().__init__()
        self.answered_at = datetime.now(UTC)
        self._transport = transport
        self._tokens = tokens
        self._scheme = httpx.URL(instance_url).scheme

    def send(
        self, request: requests.PreparedRequest, *_: object, **__: object
    ) -> requests.Response:
        """Make the call; retries and renewed tokens are the transport's."""
        kept = {k: v for k, v in request.headers.items() if k.lower() not in _NOT_SENT}
        sent = httpx.Request(
            request.method or "GET",
            httpx.URL(request.url or "").copy_with(scheme=self._scheme),
            headers={**kept, "Accept-Encoding": "gzip, deflate"},
            content=request.body or b"",
        )
        answer = self._transport.send(sent, self._tokens)
        if answer.has_redirect_location:
            raise Misconfigured(
                "Salesforce sends us to another address: use the org's My Domain address."
            )
        self.answered_at = server_time(answer)
        return _response(request, answer)

    def close(self) -> None:
        """Do nothing: the transport is closed by whoever made it."""


def _response(request: requests.PreparedRequest, answer: httpx.Response) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status_code
    response.headers.update(answer.headers)
    response.headers.pop("Content-Encoding", None)
    response.encoding = "utf-8"
    response.request = request
    response.url = request.url or ""
    response._content = answer.content  # noqa: SLF001 requests has no other door for a read body
    return response


def _sdk(credentials: Credentials, adapter: _Adapter) -> Salesforce:
    """Make the SDK; the token it is given is replaced by the transport's on every call."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    sdk = Salesforce(
        session_id="signed by the transport",
        instance_url=credentials.instance_url,
        version=credentials.api_version,
        session=session,
        object_pairs_hook=dict,
    )
    sdk.headers.pop("X-PrettyPrint")
    return sdk


def _quota(answer: httpx.Response) -> Quota | None:
    """Read ``api-usage=used/limit``, whatever else the header tells (``per-app-api-usage``)."""
    told = _USAGE.search(str(answer.headers.get("Sforce-Limit-Info", "")))
    return Quota(limit=int(told["limit"]), used=int(told["used"])) if told else None


def _hosts(instance_url: str) -> tuple[str, ...]:
    """Give the hosts that may be called: Salesforce's, or one loopback host and no other.

    Raises:
        Misconfigured: If the address is none of them.
    """
    address = urlsplit(instance_url)
    host = address.hostname or ""
    if host in LOOPBACK and address.scheme in {"http", "https"}:
        return (host,)
    endings = tuple(pattern.lstrip("*") for pattern in HOSTS)
    if address.scheme == "https" and host.endswith(endings):
        return HOSTS
    raise Misconfigured(
        f"Salesforce cannot be at {address.scheme}://{host}: "
        "use the My Domain address, like https://acme.my.salesforce.com."
    )
