"""A server for each file of tests, and on it an empty org or portal for each test."""

from collections.abc import Iterator

import httpx
import pytest

from connectors._sandbox import Server, open_server
from connectors.hubspot.sandbox import state
from tests.connectors.hubspot_fixtures import Portal, open_portal
from tests.connectors.salesforce_fixtures import Org, open_org


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with open_server() as opened:
        yield opened


@pytest.fixture
def org(server: Server) -> Iterator[Org]:
    with open_org(server) as opened:
        yield opened


@pytest.fixture
def portal(server: Server) -> Iterator[Portal]:
    with open_portal(server) as opened:
        yield opened


@pytest.fixture
def http(portal: Portal) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {state.STATIC_TOKEN}"}
    with httpx.Client(base_url=portal.url, headers=headers) as client:
        yield client
