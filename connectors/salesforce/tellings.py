"""How an org tells what changes: change events, flows and outbound messages, as set up there."""

from connectors._ways import Telling

_SELECT = (
    "In Setup, Change Data Capture, select Task, Event, EmailMessage and Contact first, then Lead, "
    "Account and Opportunity. Salesforce includes five objects, and counts what is delivered."
)
_MAY_READ = (
    "Give the integration user View All Data: Salesforce lets nobody else listen to the changes of "
    "all objects."
)
_EXTRA = (
    "Tieline's image has what this takes. Installed without it, pip install 'tieline[pubsub]', and "
    "start Tieline again."
)
_LISTEN = "Choose Listen here. Salesforce has to reach nothing: Tieline asks for the events."

_CLONE = (
    "Get Tieline's folder deploy/salesforce. In its file "
    "remoteSiteSettings/Tieline.remoteSite-meta.xml enter {site}; in "
    "workflows/Contact.workflow-meta.xml the address from here, and the integration user's name."
)
_DEPLOY = (
    "Deploy it to a sandbox of yours first: sf project deploy start --source-dir force-app "
    "--target-org my-sandbox. To production add --test-level RunSpecifiedTests --tests "
    "TielineNotifyTest."
)
_SETTINGS = (
    "In Setup, Custom Settings, Tieline hook, choose Manage, New (the organization's default), and "
    "enter the address and the secret from here. Whoever may read custom settings can read them."
)
_ACTIVATE = (
    "In Setup, Flows, activate Tieline_Task, Tieline_Event and Tieline_EmailMessage; they arrive "
    "as drafts. Then log a task, and come back here: it shows what came."
)

_MESSAGE = (
    "In Setup, Outbound Messages, choose New Outbound Message for Contact. Enter the address from "
    "here as endpoint URL, the integration user as the user to send as, and the field Id alone; "
    "leave Send Session ID unticked."
)
_FLOW = (
    "In Setup, Flows, make a record-triggered flow for contacts that are created or updated, whose "
    "one action sends this message. To spare a call, start it only where $User.Id is not the "
    "integration user's. (Tieline's folder deploy/salesforce has both, as Tieline_Contact.)"
)
_OTHERS = "Do the same for Lead, Account, Opportunity, Task or Event, if you like."
_TRY = "Activate the flow, change a contact, and come back here: it shows what came."

TELLINGS = (
    Telling(
        name="events",
        title="Change events",
        about="Tieline listens to Change Data Capture. Nothing is deployed; deletions come too.",
        steps=(_SELECT, _MAY_READ, _EXTRA, _LISTEN),
        is_stream=True,
    ),
    Telling(
        name="flows",
        title="Flows",
        about=(
            "Flows tell an address of ours of activities, signed with a secret that Tieline makes. "
            "Needs Enterprise Edition or above, and a deployment."
        ),
        steps=(_CLONE, _DEPLOY, _SETTINGS, _ACTIVATE),
    ),
    Telling(
        name="messages",
        title="Outbound messages",
        about=(
            "Salesforce tells an address of ours, and tries again for a day. It does not sign: the "
            "proof is the secret address and the org's id, so keep the address to yourself."
        ),
        steps=(_MESSAGE, _FLOW, _OTHERS, _TRY),
        is_signed=False,
    ),
)
