"""simple-salesforce, unmodified: its calls to any Salesforce host are carried to the sandbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

from tests.connectors.salesforce_fixtures import Org


class Road(HTTPAdapter):
    """Carries https calls to whatever host over http to one address, the host's name kept."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(
        self, request: requests.PreparedRequest, *args: object, **kwargs: object
    ) -> requests.Response:
        """Carry one call."""
        parts = urlsplit(request.url or "")
        if parts.netloc not in self._url:
            request.headers["Host"] = parts.netloc
        request.url = self._url + (request.url or "").split(parts.netloc, 1)[1]
        return super().send(request, *args, **kwargs)


@contextmanager
def road(org: Org) -> Iterator[requests.Session]:
    """Open a session whose every call ends at the org."""
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", Road(org.url))
        yield session


@contextmanager
def sdk(org: Org) -> Iterator[Salesforce]:
    """Open the SDK, signed in."""
    token = org.http().headers["Authorization"].removeprefix("Bearer ")
    with road(org) as session:
        yield Salesforce(session_id=token, instance_url=org.url, version="67.0", session=session)
