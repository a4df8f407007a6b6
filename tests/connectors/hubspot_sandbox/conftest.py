"""A portal with HubSpot's own client, unmodified, and with plain HTTP."""

from collections.abc import Iterator

import httpx
import pytest
from hubspot import HubSpot

from connectors.hubspot.sandbox import state
from tests.connectors.hubspot_fixtures import Portal, Server, open_portal, open_server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with open_server() as server:
        yield server


@pytest.fixture
def portal(server: Server) -> Iterator[Portal]:
    with open_portal(server) as portal:
        yield portal


@pytest.fixture
def sdk(portal: Portal) -> HubSpot:
    return HubSpot(access_token=state.STATIC_TOKEN, host=portal.url, base_url=portal.url)


@pytest.fixture
def http(portal: Portal) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {state.STATIC_TOKEN}"}
    with httpx.Client(base_url=portal.url, headers=headers) as client:
        yield client
