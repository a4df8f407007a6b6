"""What is so in HubSpot, as tables: object types, properties, scopes, association types, limits.

A property stands as ``name:type``; ``!`` behind it means that the API does not write it. Options
of an enumeration follow in brackets; without them any value is taken.
"""

import re
from typing import Any

PORTAL_ID = 50_123_456
UI_DOMAIN = "app.hubspot.com"

CONTACT, COMPANY, MEETING, CALL, EMAIL = "0-1", "0-2", "0-47", "0-48", "0-49"

TYPE_NAMES = {
    "contact": CONTACT,
    "contacts": CONTACT,
    "company": COMPANY,
    "companies": COMPANY,
    "meeting": MEETING,
    "meetings": MEETING,
    "call": CALL,
    "calls": CALL,
    "email": EMAIL,
    "emails": EMAIL,
}
SINGULAR = {
    CONTACT: "contact",
    COMPANY: "company",
    MEETING: "meeting_event",
    CALL: "call",
    EMAIL: "email",
}
ACTIVITIES = (EMAIL, MEETING, CALL)

MODIFIED = {CONTACT: "lastmodifieddate"}
OTHERS_MODIFIED = "hs_lastmodifieddate"
CREATED = {CONTACT: "createdate", COMPANY: "createdate"}
OTHERS_CREATED = "hs_createdate"

_EVERY = "hs_object_id:number! hs_merged_object_ids:enumeration! hubspot_owner_id:enumeration"
_ACTIVITY = (
    "hs_createdate:datetime! hs_lastmodifieddate:datetime! hs_timestamp:datetime "
    "hs_gdpr_deleted:bool! hs_body_preview:string!"
)
_PROPERTIES = {
    CONTACT: "createdate:datetime! lastmodifieddate:datetime! hs_lastmodifieddate:datetime! "
    "email:string firstname:string lastname:string jobtitle:string phone:phone_number "
    "hs_additional_emails:enumeration! associatedcompanyid:number "
    "lifecyclestage:enumeration(lead,customer,other)",
    COMPANY: "createdate:datetime! hs_lastmodifieddate:datetime! name:string domain:string "
    "industry:enumeration numberofemployees:number",
    EMAIL: f"{_ACTIVITY} hs_email_direction:enumeration(EMAIL,INCOMING_EMAIL,FORWARDED_EMAIL) "
    "hs_email_status:enumeration(BOUNCED,FAILED,SCHEDULED,SENDING,SENT) hs_email_subject:string "
    "hs_email_text:string hs_email_html:string hs_email_headers:string "
    "hs_email_from_email:string! hs_email_to_email:string! hs_email_cc_email:string! "
    "hs_email_bcc_email:string! hs_owner_ids_from:enumeration! hs_owner_ids_to:enumeration! "
    "hs_owner_ids_cc:enumeration! hs_owner_ids_bcc:enumeration! "
    "hs_incoming_email_is_out_of_office:bool! hs_sequence_id:number! hs_email_thread_id:string!",
    MEETING: f"{_ACTIVITY} hs_meeting_title:string hs_meeting_body:string "
    "hs_internal_meeting_notes:string hs_meeting_start_time:datetime "
    "hs_meeting_end_time:datetime hs_meeting_outcome:enumeration "
    "hs_attendee_owner_ids:enumeration",
    CALL: f"{_ACTIVITY} hs_call_title:string hs_call_body:string "
    "hs_call_direction:enumeration(INBOUND,OUTBOUND) hs_call_duration:number "
    "hs_call_status:enumeration hs_call_disposition:enumeration",
}

FIELD_TYPES = {
    "string": "text",
    "number": "number",
    "enumeration": "select",
    "date": "date",
    "datetime": "date",
    "bool": "booleancheckbox",
    "phone_number": "phonenumber",
}
ALLOWED_FIELD_TYPES = {
    "string": {"text", "textarea", "html", "phonenumber", "file", "calculation_equation"},
    "number": {"number", "calculation_equation"},
    "date": {"date"},
    "datetime": {"date"},
    "bool": {"booleancheckbox", "calculation_equation"},
    "enumeration": {"select", "radio", "checkbox", "booleancheckbox", "calculation_equation"},
    "phone_number": {"phonenumber"},
}

ASSOCIATION_TYPES = {
    (CONTACT, COMPANY): 279,
    (COMPANY, CONTACT): 280,
    (CONTACT, CALL): 193,
    (CALL, CONTACT): 194,
    (CONTACT, EMAIL): 197,
    (EMAIL, CONTACT): 198,
    (CONTACT, MEETING): 199,
    (MEETING, CONTACT): 200,
}
"""All of them ``HUBSPOT_DEFINED``."""

PRIMARY_COMPANY, PRIMARY_CONTACT = 1, 2

OWNER_SCOPE = "crm.objects.owners.read"
EMAIL_SCOPE = "sales-email-read"
READ_SCOPES = {
    CONTACT: ("crm.objects.contacts.read",),
    COMPANY: ("crm.objects.companies.read",),
    EMAIL: ("crm.objects.contacts.read", EMAIL_SCOPE),
    MEETING: ("crm.objects.contacts.read",),
    CALL: ("crm.objects.contacts.read",),
}
"""All of them are needed."""

WRITE_SCOPES = {COMPANY: "crm.objects.companies.write"}
CONTACT_WRITE_SCOPE = "crm.objects.contacts.write"
SCHEMA_SCOPES = {
    CONTACT: "crm.schemas.contacts.write",
    COMPANY: "crm.schemas.companies.write",
}
ALL_SCOPES = frozenset(
    {OWNER_SCOPE, CONTACT_WRITE_SCOPE, *WRITE_SCOPES.values(), *SCHEMA_SCOPES.values()}
    | {scope for scopes in READ_SCOPES.values() for scope in scopes}
)

TOKEN_LIFE_S = 1800
LIST_LIMIT, SEARCH_LIMIT, OWNER_LIMIT, BATCH_LIMIT, LINK_LIMIT = 100, 200, 500, 100, 1000
SEARCH_WALL, SEARCH_BODY_LIMIT = 10_000, 3_000
MOST_GROUPS, MOST_FILTERS, MOST_FILTERS_IN_ALL = 5, 6, 18
LINKS_PER_PAGE = 500
DAILY_LIMIT, BURST_LIMIT, BURST_MS = 625_000, 190, 10_000

VERSIONS = frozenset({"2025-09", "2026-03", "2026-09"})
FIRST_WITH_ERRORS_IN_200 = "2026-09"


def default_properties(type_id: str) -> list[dict[str, Any]]:
    """Give the definitions of the properties that every portal has for an object type."""
    return [_definition(word) for word in f"{_EVERY} {_PROPERTIES[type_id]}".split()]


def _definition(word: str) -> dict[str, Any]:
    matched = re.fullmatch(r"(\w+):(\w+)(!?)(?:\(([^)]*)\))?", word)
    if matched is None:
        raise ValueError(word)
    name, kind, read_only, options = matched.groups()
    return {
        "name": name,
        "label": name,
        "description": "",
        "groupName": "hubspot",
        "type": kind,
        "fieldType": FIELD_TYPES[kind],
        "options": [{"label": o, "value": o} for o in (options or "").split(",") if o],
        "hubspotDefined": True,
        "modificationMetadata": {"readOnlyValue": bool(read_only)},
    }
