"""What is so in HubSpot, as tables: object types, properties, scopes, versions, limits.

A property stands as ``name:type``; ``!`` behind it means that the API does not write it. Options
of an enumeration follow in brackets; without them any value is taken. Association types have a
table of their own, `kinds`.
"""

import re
from typing import Any

PORTAL_ID = 50_123_456
UI_DOMAIN = "app.hubspot.com"
HUBLETS = frozenset({"na1", "na2", "na3", "eu1", "ap1"})
TIME_ZONE, UTC_OFFSET, UTC_OFFSET_MS = "America/Bogota", "-05:00", -18_000_000  # all year

APP_ID, USER_ID, USER_EMAIL = 1_234_567, 864_745_280, "admin@sandbox.example"

CONTACT, COMPANY, DEAL, TICKET, LEAD = "0-1", "0-2", "0-3", "0-5", "0-136"
EMAIL, MEETING, CALL, COMMUNICATION = "0-49", "0-47", "0-48", "0-18"
NOTE, TASK = "0-46", "0-27"

SINGULAR = {
    CONTACT: "contact",
    COMPANY: "company",
    DEAL: "deal",
    TICKET: "ticket",
    COMMUNICATION: "communication",
    TASK: "task",
    NOTE: "note",
    MEETING: "meeting_event",
    CALL: "call",
    EMAIL: "email",
    LEAD: "lead",
}
PLURAL = {type_id: f"{name}s" for type_id, name in SINGULAR.items()}
PLURAL |= {COMPANY: "companies", MEETING: "meetings"}
TYPE_NAMES = {name: type_id for names in (SINGULAR, PLURAL) for type_id, name in names.items()}
TYPE_NAMES["meeting"] = MEETING

OUT_OF_SCOPE = {
    "deal_split": "crm.objects.deals.read",
    "feedback_submissions": "crm.objects.feedback_submissions.read",
    "goal_targets": "crm.objects.goals.read",
    "line_item": "crm.objects.line_items.read",
    "line_items": "crm.objects.line_items.read",
    "postal_mail": "crm.objects.contacts.read",
    "product": "crm.objects.products.read",
    "products": "crm.objects.products.read",
    "quotes": "crm.objects.quotes.read",
}
"""Object types that HubSpot has and the sandbox has not: no token is let see them."""

ACTIVITIES = (EMAIL, MEETING, CALL)
ENGAGEMENTS = (*ACTIVITIES, COMMUNICATION, NOTE, TASK)

MODIFIED = {CONTACT: "lastmodifieddate"}
OTHERS_MODIFIED = "hs_lastmodifieddate"
CREATED = dict.fromkeys((CONTACT, COMPANY, DEAL, TICKET), "createdate")
OTHERS_CREATED = "hs_createdate"

DEFAULT_NAMES = {
    CONTACT: ("email", "firstname", "lastname"),
    COMPANY: ("name", "domain"),
    DEAL: ("dealname", "amount", "closedate", "pipeline", "dealstage"),
    TICKET: ("subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority"),
}
"""What is shown of an object when nothing is asked for, beside its dates and its id."""

SEARCHED_NAMES = {
    CONTACT: ("email", "firstname", "lastname", "phone", "company", "hs_additional_emails"),
    COMPANY: ("name", "domain", "phone", "website"),
    DEAL: ("dealname", "dealtype", "description"),
    TICKET: ("subject", "content"),
    LEAD: ("hs_lead_name",),
    EMAIL: ("hs_email_subject",),
    MEETING: ("hs_meeting_title", "hs_meeting_body"),
    CALL: ("hs_call_title", "hs_call_body"),
    COMMUNICATION: ("hs_communication_body",),
    NOTE: ("hs_note_body",),
    TASK: ("hs_task_subject", "hs_task_body"),
}
"""Where a search looks for its ``query``."""

REQUIRED = {
    DEAL: ("dealname", "dealstage"),
    TICKET: ("subject", "hs_pipeline_stage"),
    LEAD: ("hs_lead_name",),
    EMAIL: ("hs_timestamp", "hs_email_direction"),
    COMMUNICATION: ("hs_communication_channel_type", "hs_communication_logged_from"),
} | dict.fromkeys((CALL, NOTE, TASK), ("hs_timestamp",))
"""What an object cannot be created without."""

_EVERY = (
    "hs_object_id:number! hs_merged_object_ids:enumeration! hubspot_owner_id:enumeration "
    "hs_object_source:string! hs_object_source_id:string! hs_object_source_label:string! "
    "hs_created_by_user_id:number! hs_updated_by_user_id:number! hs_was_imported:bool! "
    "hubspot_team_id:enumeration!"
)
_ACTIVITY = (
    "hs_createdate:datetime! hs_lastmodifieddate:datetime! hs_timestamp:datetime "
    "hs_gdpr_deleted:bool! hs_body_preview:string!"
)
_STAGED = "createdate:datetime! hs_lastmodifieddate:datetime! hs_createdate:datetime!"
_PROPERTIES = {
    CONTACT: "createdate:datetime! lastmodifieddate:datetime! hs_lastmodifieddate:datetime! "
    "email:string firstname:string lastname:string jobtitle:string phone:phone_number "
    "mobilephone:phone_number company:string website:string city:string country:string "
    "hs_additional_emails:enumeration! associatedcompanyid:number "
    "hs_calculated_merged_vids:enumeration! hs_lead_status:enumeration "
    "lifecyclestage:enumeration(subscriber,lead,marketingqualifiedlead,salesqualifiedlead,"
    "opportunity,customer,evangelist,other)",
    COMPANY: "createdate:datetime! hs_lastmodifieddate:datetime! name:string domain:string "
    "hs_additional_domains:enumeration! "
    "website:string phone:phone_number city:string country:string description:string "
    "industry:enumeration numberofemployees:number annualrevenue:number",
    DEAL: f"{_STAGED} dealname:string amount:number closedate:datetime pipeline:enumeration "
    "dealstage:enumeration dealtype:enumeration(newbusiness,existingbusiness) "
    "deal_currency_code:enumeration "
    "description:string hs_is_closed:bool! hs_is_closed_won:bool! "
    "hs_deal_stage_probability:number! hs_priority:enumeration(low,medium,high)",
    TICKET: f"{_STAGED} subject:string content:string hs_pipeline:enumeration "
    "hs_pipeline_stage:enumeration hs_ticket_category:enumeration "
    "hs_ticket_priority:enumeration(LOW,MEDIUM,HIGH,URGENT) closed_date:datetime",
    LEAD: "hs_createdate:datetime! hs_lastmodifieddate:datetime! hs_lead_name:string "
    "hs_lead_type:enumeration(NEW_BUSINESS,RE_ENGAGE,UPSELL) "
    "hs_lead_label:enumeration(COLD,HOT,WARM) hs_pipeline:enumeration "
    "hs_pipeline_stage:enumeration",
    EMAIL: f"{_ACTIVITY} hs_email_direction:enumeration(EMAIL,INCOMING_EMAIL,FORWARDED_EMAIL) "
    "hs_email_status:enumeration(BOUNCED,FAILED,SCHEDULED,SENDING,SENT) hs_email_subject:string "
    "hs_email_text:string hs_email_html:string hs_email_headers:string "
    "hs_email_from_email:string! hs_email_from_firstname:string! hs_email_from_lastname:string! "
    "hs_email_sender_email:string! hs_email_to_email:string! hs_email_cc_email:string! "
    "hs_email_bcc_email:string! hs_owner_ids_from:enumeration! hs_owner_ids_to:enumeration! "
    "hs_owner_ids_cc:enumeration! hs_owner_ids_bcc:enumeration! "
    "hs_incoming_email_is_out_of_office:bool! hs_sequence_id:number! hs_template_id:number! "
    "hs_campaign_guid:string! hs_email_thread_id:string! hs_email_message_id:string! "
    "hs_email_logged_from:string! hs_email_sent_via:string! hs_email_open_count:number! "
    "hs_email_click_count:number! hs_email_reply_count:number!",
    MEETING: f"{_ACTIVITY} hs_meeting_title:string hs_meeting_body:string "
    "hs_internal_meeting_notes:string hs_meeting_start_time:datetime "
    "hs_meeting_end_time:datetime hs_meeting_outcome:enumeration hs_meeting_location:string "
    "hs_activity_type:enumeration hs_attendee_owner_ids:enumeration",
    CALL: f"{_ACTIVITY} hs_call_title:string hs_call_body:string "
    "hs_call_direction:enumeration(INBOUND,OUTBOUND) hs_call_duration:number "
    "hs_call_from_number:string hs_call_to_number:string hs_activity_type:enumeration "
    "hs_call_status:enumeration(BUSY,CALLING_CRM_USER,CANCELED,COMPLETED,CONNECTING,FAILED,"
    "IN_PROGRESS,MISSED,NO_ANSWER,QUEUED,RINGING) hs_call_disposition:enumeration",
    COMMUNICATION: f"{_ACTIVITY} hs_communication_body:string "
    "hs_communication_channel_type:enumeration(WHATS_APP,LINKEDIN_MESSAGE,SMS) "
    "hs_communication_logged_from:enumeration(CRM) "
    "hs_communication_conversations_thread_id:string!",
    NOTE: f"{_ACTIVITY} hs_note_body:string hs_attachment_ids:enumeration",
    TASK: f"{_ACTIVITY} hs_task_subject:string hs_task_body:string "
    "hs_task_status:enumeration(COMPLETED,DEFERRED,IN_PROGRESS,NOT_STARTED,WAITING) "
    "hs_task_completion_date:datetime! "
    "hs_task_priority:enumeration(LOW,MEDIUM,HIGH,NONE) "
    "hs_task_type:enumeration(CALL,EMAIL,LINKED_IN,LINKED_IN_CONNECT,LINKED_IN_MESSAGE,MEETING,"
    "TODO)",
}
SEVERAL_VALUES = frozenset({"hs_attendee_owner_ids", "hs_attachment_ids"})
"""Enumerations of HubSpot's that hold several values, ``;`` between them."""

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

OWNER_SCOPE = "crm.objects.owners.read"
EMAIL_SCOPE = "sales-email-read"
_CONTACTS = "crm.objects.contacts.read"
READ_SCOPES = {
    CONTACT: (_CONTACTS,),
    COMPANY: ("crm.objects.companies.read",),
    EMAIL: (_CONTACTS, EMAIL_SCOPE),
    MEETING: (_CONTACTS,),
    CALL: (_CONTACTS,),
    DEAL: ("crm.objects.deals.read",),
    TICKET: ("tickets",),
    LEAD: ("crm.objects.leads.read",),
    COMMUNICATION: (_CONTACTS,),
    NOTE: (_CONTACTS,),
    TASK: (_CONTACTS,),
}
"""All of them are needed. Every object type of the sandbox is in here."""

REDACTED = frozenset(
    {f"hs_email_{part}" for part in ("subject", "text", "html", "headers")}
    | {f"hs_email_{box}_email" for box in ("from", "sender", "to", "cc", "bcc")}
    | {"hs_email_from_firstname", "hs_email_from_lastname", "hs_body_preview"}
)
"""What is shown of an email only to who may read mail."""

CONTACT_WRITE_SCOPE = "crm.objects.contacts.write"
WRITE_SCOPES = {
    COMPANY: "crm.objects.companies.write",
    DEAL: "crm.objects.deals.write",
    LEAD: "crm.objects.leads.write",
    TICKET: "tickets",
}
SCHEMA_SCOPES = {
    CONTACT: "crm.schemas.contacts.write",
    COMPANY: "crm.schemas.companies.write",
    DEAL: "crm.schemas.deals.write",
    TICKET: "tickets",
    LEAD: "crm.objects.leads.write",
}
ALL_SCOPES = frozenset(
    {OWNER_SCOPE, CONTACT_WRITE_SCOPE, "oauth", *WRITE_SCOPES.values(), *SCHEMA_SCOPES.values()}
    | {scope for scopes in READ_SCOPES.values() for scope in scopes}
    | {f"crm.schemas.{name}.read" for name in ("contacts", "companies", "deals")}
)

TOKEN_LIFE_S = 1800
LIST_LIMIT, HISTORY_LIMIT, SEARCH_LIMIT, OWNER_LIMIT, BATCH_LIMIT = 100, 50, 200, 500, 100
LINK_LIMIT, LINK_CREATE_LIMIT, LINK_ARCHIVE_LIMIT = 1000, 2000, 100
SEARCH_WALL, SEARCH_BODY_LIMIT = 10_000, 3_000
MOST_GROUPS, MOST_FILTERS, MOST_FILTERS_IN_ALL = 5, 6, 18
LINKS_PER_PAGE = 500
MOST_MERGES = 250
LONGEST_STRING, LONGEST_URL = 65_536, 16_384
CUSTOM_PROPERTIES, UNIQUE_PROPERTIES, CUSTOM_LABELS = 1000, 10, 10
DAILY_LIMIT, BURST_LIMIT, BURST_MS = 625_000, 190, 10_000
OAUTH_BURST_LIMIT, SEARCHES_A_SECOND = 110, 5

VERSIONS = frozenset({"2025-09", "2026-03", "2026-09"})
FIRST_WITH_ERRORS_IN_200 = "2026-09"


def default_properties(type_id: str) -> list[dict[str, Any]]:
    """Give the definitions of the properties that every portal has for an object type."""
    return [defined(word) for word in f"{_EVERY} {_PROPERTIES[type_id]}".split()]


def defined(word: str) -> dict[str, Any]:
    """Give the definition of a property of HubSpot's from its entry in the table."""
    matched = re.fullmatch(r"(\w+):(\w+)(!?)(?:\(([^)]*)\))?", word)
    if matched is None:
        raise ValueError(word)
    name, kind, read_only, listed = matched.groups()
    options = (listed or ("true,false" if kind == "bool" else "")).split(",")
    return {
        "name": name,
        "label": name,
        "description": "",
        "groupName": "hubspot",
        "type": kind,
        "fieldType": "checkbox" if name in SEVERAL_VALUES else FIELD_TYPES[kind],
        "options": [option(value, place) for place, value in enumerate(options) if value],
        "displayOrder": -1,
        "calculated": False,
        "externalOptions": name == "hubspot_owner_id",
        "hasUniqueValue": (name == "hs_object_id"),
        "hidden": False,
        "formField": not read_only,
        "hubspotDefined": True,
        "modificationMetadata": {
            "archivable": False,
            "readOnlyDefinition": True,
            "readOnlyOptions": bool(listed),
            "readOnlyValue": bool(read_only),
        },
    }


def option(value: str, place: int) -> dict[str, Any]:
    """Give an option of an enumeration."""
    return {"label": value, "value": value, "displayOrder": place, "hidden": False}
