"""How a portal tells what changes: an app's webhooks, and what its admin does for them."""

from connectors._ways import Telling

_APP = (
    "Webhooks belong to an app of Tieline's own: the one that you connected with, or another one "
    "of this portal. A service key has none. What an app itself changes is taken for Tieline's "
    "doing, so let no other program use it."
)
_COPY = (
    "In HubSpot, open the app. On its Auth page, choose Show beside the client secret, and copy "
    "it into the box here: HubSpot signs each delivery with it (version 3)."
)
_ADDRESS = "On the app's Webhooks page, enter the address from here as target URL."
_CRM_EVENTS = (
    "Create subscriptions for contacts, companies, deals, emails, meetings, calls, communications "
    "and tasks, as far as HubSpot offers them for your app: created, deleted, merged, restored and "
    "association changed; for contacts, deleted for privacy too."
)
_PROPERTIES = (
    "Create subscriptions for changes of the properties that Tieline reads: email, firstname, "
    "lastname, jobtitle, hs_timestamp, hs_meeting_outcome and dealstage. Leave out all that begin "
    "with tieline_: Tieline writes these itself."
)
_TRY = "Activate the subscriptions, change a contact, and come back here: it shows what came."

TELLINGS = (
    Telling(
        name="webhooks",
        title="Webhooks of an app",
        about="HubSpot tells an address of ours, signed with the app's client secret.",
        steps=(_APP, _COPY, _ADDRESS, _CRM_EVENTS, _PROPERTIES, _TRY),
        older=(
            "Take signatures of version 1 too: whoever has once seen such a delivery can repeat it"
        ),
    ),
)
