"""simple-salesforce made to speak through our one transport."""

from datetime import UTC, datetime

import httpx
import requests
from requests.adapters import BaseAdapter
from simple_salesforce.api import Salesforce

from connectors._errors import Misconfigured
from connectors._transport import Tokens, Transport, retry_after_s, server_time
from connectors.salesforce.credentials import Credentials

_NOT_SENT = frozenset({"authorization", "content-length", "accept-encoding", "connection"})
"""Headers of the SDK's that the transport makes itself."""


class Adapter(BaseAdapter):
    """Sends what requests has prepared through our transport.

    The SDK writes https into every address; the scheme of the connection is put back, and the
    transport decides whether it may be used.

    Attributes:
        answered_at: Salesforce's clock at its last answer.
        retry_after_s: How long its last answer asks us to wait.
    """

    def __init__(self, transport: Transport, tokens: Tokens, instance_url: str) -> None:
        super().__init__()
        self.answered_at = datetime.now(UTC)
        self.retry_after_s: float | None = None
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
        self.retry_after_s = retry_after_s(answer)
        return _response(request, answer)

    def close(self) -> None:
        """Do nothing: the transport is closed by whoever made it."""


def sdk_on(adapter: Adapter, credentials: Credentials) -> Salesforce:
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
