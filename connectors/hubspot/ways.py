"""How an admin lets Tieline into a portal: the steps in HubSpot, and what is entered."""

from connectors._ways import Way

READS = (
    "crm.objects.contacts.read",
    "crm.objects.companies.read",
    "crm.objects.owners.read",
    "crm.objects.deals.read",
    "sales-email-read",
)
WRITES = (
    "crm.objects.contacts.write",
    "crm.objects.companies.write",
    "crm.objects.deals.write",
    "crm.schemas.contacts.write",
    "crm.schemas.companies.write",
    "crm.schemas.deals.write",
)

_SCOPES = (
    f"For reading, add the scopes {', '.join(READS)}.",
    f"For writing scores back and creating their fields, add the scopes {', '.join(WRITES)}.",
)
_KEY = (
    "In HubSpot, open Development, Keys, Service keys, and choose Create service key. You have "
    "to be a super admin."
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
)
