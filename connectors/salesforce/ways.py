"""How an admin lets Tieline into an org: the steps in Salesforce's Setup, and what is entered."""

from connectors._ways import Way
from connectors.salesforce.consent import CONSENT

_USER = (
    "In Setup, Users, make an integration user for Tieline alone: the license Salesforce "
    "Integration, the profile for API-only integrations, and the permission set license "
    "Salesforce API Integration."
)
_PERMISSIONS = (
    "Give this user a permission set with Read and View All Records on Account, Contact and "
    "Lead and Read on activities; Edit on Account, Contact, Lead and Opportunity; and, until "
    "the fields are created, Customize Application, Manage Profiles and Permission Sets and "
    "Assign Permission Sets."
)
_MACHINE_APP = (
    "In Setup, External Client App Manager, choose New External Client App. Enable OAuth, enter "
    "any https address as callback, and add the scope Manage user data via APIs (api)."
)
_RUN_AS = (
    "Under Flow Enablement, tick Enable Client Credentials Flow. After creating the app, open "
    "its Policies, tick the flow there too, and choose the integration user as Run As."
)
_COPY = (
    "In the app's Settings, OAuth Settings, choose Consumer Key and Secret, and copy both into "
    "the boxes here."
)
_CONSENT_APP = (
    "In Setup, External Client App Manager, choose New External Client App. Enable OAuth, enter "
    "the callback address {redirect}, and add the scopes Manage user data via APIs (api) and "
    "Perform requests at any time (refresh_token, offline_access)."
)
_PKCE = (
    "Under Security, tick Require Proof Key for Code Exchange (PKCE) and Require Secret for Web "
    "Server Flow. Refresh token rotation may be on."
)
_AS_USER = (
    "Go on from here in a browser in which the integration user is signed in: Tieline acts as "
    "whoever chooses Allow."
)
_DRAW_KEY = (
    "Make a key and its certificate: openssl req -x509 -newkey rsa:2048 -nodes -days 730 "
    "-subj /CN=tieline -keyout tieline.key -out tieline.crt"
)
_KEY_APP = (
    "In Setup, External Client App Manager, choose New External Client App. Enable OAuth, enter "
    "any https address as callback, add the scopes Manage user data via APIs (api) and Perform "
    "requests at any time (refresh_token, offline_access), tick Enable JWT Bearer Flow, and "
    "upload tieline.crt."
)
_APPROVED = (
    "In the app's Policies, choose Admin approved users are pre-authorized, and add a permission "
    "set of the integration user."
)
_ENTER_KEY = (
    "Enter the consumer key, the integration user's username, and all of tieline.key; then delete "
    "that file."
)

WAYS = (
    Way(
        name="machine",
        title="Client credentials",
        about="An app signs in as an integration user by itself. The simplest for one org.",
        steps=(_USER, _PERMISSIONS, _MACHINE_APP, _RUN_AS, _COPY),
        asked=("instance_url", "client_id", "client_secret"),
        also=("api_version",),
    ),
    Way(
        name="consent",
        title="OAuth",
        about="A user of the org lets the app in, and Tieline sees and writes what they may.",
        steps=(_USER, _PERMISSIONS, _CONSENT_APP, _PKCE, _COPY, _AS_USER),
        asked=("instance_url", "client_id", "client_secret"),
        also=("api_version",),
        consent=CONSENT,
    ),
    Way(
        name="signature",
        title="JWT bearer",
        about="The app signs with a private key of yours; there is no secret to share or renew.",
        steps=(_USER, _PERMISSIONS, _DRAW_KEY, _KEY_APP, _APPROVED, _ENTER_KEY),
        asked=("instance_url", "client_id", "username", "private_key"),
        also=("api_version",),
    ),
)
