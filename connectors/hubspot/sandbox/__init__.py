"""A HubSpot portal of one's own, for tests and for the demo.

A real HTTP server whose state is one SQLite file. Read `facts` and `kinds` (what is so in HubSpot),
`endpoints` (the table of addresses), `app` (what stands before them), then the endpoints by noun.
Every change of an object is made in `changes`, which keeps its history and tells the webhooks;
`sending` delivers what they were told. `filling` puts records in, and `levers` do what happens to a
portal from outside. Whatever has no endpoint here answers 404 as HubSpot does.
"""

from pydantic import BaseModel

from connectors.hubspot.credentials import Credentials
from connectors.hubspot.sandbox import signing_in, state
from connectors.hubspot.sandbox.app import create_app
from connectors.hubspot.sandbox.filling import fill
from connectors.hubspot.sandbox.levers import custom_values
from connectors.hubspot.sandbox.truth import records

__all__ = ["create_app", "credentials", "custom_values", "fill", "oauth_credentials", "records"]


def credentials(url: str) -> BaseModel:
    """Give a service key with all scopes; see `SandboxModule`."""
    return Credentials.model_validate({"access_token": state.STATIC_TOKEN, "base_url": url})


def oauth_credentials(url: str) -> BaseModel:
    """Give an OAuth app with all scopes, installed in the portal."""
    return Credentials.model_validate(
        {
            "client_id": signing_in.CLIENT_ID,
            "client_secret": signing_in.CLIENT_SECRET,
            "refresh_token": state.REFRESH_TOKEN,
            "base_url": url,
        }
    )
