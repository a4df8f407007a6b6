"""What Tieline asks HubSpot for: to read, and to write what it found."""

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
