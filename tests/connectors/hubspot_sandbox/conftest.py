"""A portal with HubSpot's own client, unmodified."""

import pytest
from hubspot import HubSpot

from connectors.hubspot.sandbox import state
from tests.connectors.hubspot_fixtures import Portal


@pytest.fixture
def sdk(portal: Portal) -> HubSpot:
    return HubSpot(access_token=state.STATIC_TOKEN, host=portal.url, base_url=portal.url)
