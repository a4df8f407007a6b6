"""How an admin lets Tieline into a portal: the steps in HubSpot, and what is entered."""

from connectors._ways import Way
from connectors.hubspot.consent import CONSENT
from connectors.hubspot.scopes import READS, WRITES

_SCOPES = (
    f"For reading, add the scopes {', '.join(READS)}.",
    f"For writing scores back and creating their fields, add the scopes {', '.join(WRITES)}.",
)
_KEY = (
    "In HubSpot, open Development, Keys, Service keys, and choose Create service key. You have "
    "to be a super admin."
)
_APP = "In HubSpot, open Development, and create an app with OAuth; or open one that you have."
_REDIRECT = "Add the redirect URL {redirect} to the app."
_COPY = (
    "On the app's Auth page, copy the client ID and the client secret into the boxes here. Then "
    "go on as a super admin of the portal."
)

WAYS = (
    Way(
        name="key",
        title="Service key",
        about="A key of this portal alone. The simplest; the token of a private app works too.",
        steps=(_KEY, *_SCOPES, "Create the key, choose Show, and copy it into the box here."),
        asked=("access_token",),
        also=("base_url", "api_version"),
    ),
    Way(
        name="consent",
        title="OAuth",
        about="An app of your own is installed in the portal; it can have webhooks too.",
        steps=(_APP, *_SCOPES, _REDIRECT, _COPY),
        asked=("client_id", "client_secret"),
        also=("base_url", "api_version"),
        consent=CONSENT,
    ),
)
