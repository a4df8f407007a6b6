"""Salesforce's objects, API v67: tables of facts, and nothing else.

A line of a table is a field: name, type, length (or precision.scale), flags; and, for a reference,
what it points to, the name of the child relationship there (``-`` for none), and the name of the
parent relationship where it is not the field's name without ``Id`` (``-`` for none). The flags are
describe's: Createable, Updateable, Filterable, Sortable, Groupable, Nillable, Permissionable.

To add an object, add a table to `tables_crm`, `tables_activities` or `tables_setup`, and a line to
`OBJECTS`.
"""

from connectors.salesforce.sandbox.tables_activities import ACTIVITY_TABLES
from connectors.salesforce.sandbox.tables_crm import CRM_TABLES
from connectors.salesforce.sandbox.tables_setup import SETUP_TABLES

TABLES = {**SETUP_TABLES, **CRM_TABLES, **ACTIVITY_TABLES}

_CREATED = """
Id               id        18 FSG
CreatedDate      datetime   0 FS
CreatedById      reference 18 FSG User
SystemModstamp   datetime   0 FS
"""
_MODIFIED = """
LastModifiedDate datetime   0 FS
LastModifiedById reference 18 FSG User
"""
_DELETED = "IsDeleted boolean 0 FSG\n"
_STAMPED = "Id id 18 FSG\nSystemModstamp datetime 0 FS\n"
_ORDINARY = _CREATED + _MODIFIED + _DELETED

OBJECTS: tuple[tuple[str, str, str, str], ...] = (
    # name, key prefix, system fields; flags: Createable, Updateable, Deletable, Restorable,
    # Searchable, Layoutable, Feed-enabled, most recently used, Triggerable, merGeable
    ("Organization", "00D", _CREATED + _MODIFIED, "U"),
    ("User", "005", _CREATED + _MODIFIED, "CUSLFMT"),
    ("Profile", "00e", _CREATED + _MODIFIED, ""),
    ("Account", "001", _ORDINARY, "CUDRSLFMTG"),
    ("Contact", "003", _ORDINARY, "CUDRSLFMTG"),
    ("Lead", "00Q", _ORDINARY, "CUDRSLFMTG"),
    ("Opportunity", "006", _ORDINARY, "CUDRSLFMT"),
    ("OpportunityStage", "01J", _CREATED + _MODIFIED, ""),
    ("OpportunityContactRole", "00K", _ORDINARY, "CUDLT"),
    ("OpportunityHistory", "008", _CREATED + _DELETED, ""),
    ("Campaign", "701", _ORDINARY, "CUDRSLFMT"),
    ("CampaignMember", "00v", _ORDINARY, "CUDSLT"),
    ("AccountContactRelation", "07k", _ORDINARY, "CUDLT"),
    ("Task", "00T", _ORDINARY, "CUDRSLFMT"),
    ("TaskRelation", "0RT", _ORDINARY, "CD"),
    ("TaskWhoRelation", "0RT", _ORDINARY, ""),
    ("Event", "00U", _ORDINARY, "CUDRSLFMT"),
    ("EventRelation", "0RE", _ORDINARY, "CUD"),
    ("EventWhoRelation", "0RE", _ORDINARY, ""),
    ("EmailMessage", "02s", _ORDINARY, "CUDRSLT"),
    ("EmailMessageRelation", "0EM", _CREATED + _DELETED, "CUD"),
    ("CurrencyType", "01L", _CREATED + _MODIFIED, "CU"),
    ("PermissionSet", "0PS", _CREATED + _MODIFIED, "CUD"),
    ("FieldPermissions", "01k", _STAMPED, "CUD"),
    ("PermissionSetAssignment", "0Pa", _STAMPED, "CD"),
    ("CustomField", "00N", _CREATED + _MODIFIED, "CUD"),
)

LABELS = {
    "Account.Name": "Account Name",
    "Account.Type": "Account Type",
    "Account.ParentId": "Parent Account ID",
    "Account.Phone": "Account Phone",
    "Account.NumberOfEmployees": "Employees",
    "Account.Rating": "Account Rating",
    "Account.Description": "Account Description",
    "Contact.Name": "Full Name",
    "Contact.Phone": "Business Phone",
    "Contact.Description": "Contact Description",
    "Lead.Name": "Full Name",
    "Lead.NumberOfEmployees": "Employees",
    "Opportunity.StageName": "Stage",
    "Opportunity.Probability": "Probability (%)",
    "Opportunity.ExpectedRevenue": "Expected Amount",
    "Opportunity.Type": "Opportunity Type",
    "Opportunity.IsClosed": "Closed",
    "Opportunity.IsWon": "Won",
    "Opportunity.IsPrivate": "Private",
    "OpportunityContactRole.Id": "Contact Role ID",
    "OpportunityContactRole.IsPrimary": "Primary",
    "FieldPermissions.Field": "Field Name",
    "FieldPermissions.SobjectType": "Sobject Type Name",
    "Event.Id": "Activity ID",
    "Event.WhoId": "Name ID",
    "Event.WhatId": "Related To ID",
    "Event.OwnerId": "Assigned To ID",
    "Event.IsAllDayEvent": "All-Day Event",
    "Event.ActivityDate": "Due Date Only",
    "Event.ActivityDateTime": "Due Date Time",
    "Event.DurationInMinutes": "Duration",
    "Event.StartDateTime": "Start Date Time",
    "Event.EndDateTime": "End Date Time",
    "Event.ShowAs": "Show Time As",
    "Event.IsPrivate": "Private",
    "Event.IsArchived": "Archived",
    "Task.Id": "Activity ID",
    "Task.WhoId": "Name ID",
    "Task.WhatId": "Related To ID",
    "Task.OwnerId": "Assigned To ID",
    "Task.ActivityDate": "Due Date Only",
    "Task.IsClosed": "Closed",
    "Task.IsArchived": "Archived",
}
"""Labels that are not the field's name in words."""

LOOSE = frozenset({"ChildAccounts", "Emails", "ManagedUsers", "RecurringEvents", "Users"})
"""Child relationships whose rows outlive the parent."""

NAME = """
Id        id        18 FSG
Name      string   121 FSGN
FirstName string    40 FSGN
LastName  string    80 FSGN
Type      picklist  40 FSGN
Title     string   128 FSGN
Email     email     80 FSGN
Phone     phone     40 FSGN
Alias     string     8 FSGN
Username  string    80 FSGN
IsActive  boolean    0 FSG
ProfileId reference 18 FSGN Profile
"""
"""What may be asked of a parent that can be of several objects: the fields of Salesforce's Name."""

UNIQUE: dict[str, tuple[str, ...]] = {
    "PermissionSet": ("Name",),
    "FieldPermissions": ("ParentId", "Field"),
    "PermissionSetAssignment": ("AssigneeId", "PermissionSetId"),
    "CustomField": ("TableEnumOrId", "DeveloperName"),
}

SETUP = {
    "PermissionSet": "ManageProfilesPermissionsets",
    "FieldPermissions": "ManageProfilesPermissionsets",
    "PermissionSetAssignment": "AssignPermissionSets",
    "CustomField": "CustomizeApplication",
}

TOOLING = frozenset({"CustomField"})
"""Objects that only the Tooling API shows."""

IN_TOOLING = TOOLING | {"Organization", "PermissionSet", "Profile", "User"}
"""Objects that the Tooling API shows at all."""

CURRENCIES = frozenset(
    {"currencytype"}
    | {
        f"{name}.currencyisocode"
        for name in ("account", "contact", "lead", "opportunity", "opportunityhistory", "campaign")
    }
)
"""What only an org with several currencies shows."""

PERSONS = frozenset(
    {
        "account.ispersonaccount",
        "account.personcontactid",
        "account.personemail",
        "contact.ispersonaccount",
    }
)
"""What only an org with person accounts shows."""

INDEXES = {
    "Account": ("SystemModstamp, Id", "ParentId"),
    "Contact": ("SystemModstamp, Id", "AccountId"),
    "Lead": ("SystemModstamp, Id",),
    "Opportunity": ("SystemModstamp, Id", "AccountId"),
    "OpportunityContactRole": ("OpportunityId", "ContactId"),
    "OpportunityHistory": ("OpportunityId",),
    "CampaignMember": ("CampaignId", "ContactId", "LeadId"),
    "AccountContactRelation": ("AccountId", "ContactId"),
    "User": ("SystemModstamp, Id",),
    "Task": ("TaskSubtype, SystemModstamp, Id", "SystemModstamp, Id", "WhoId", "WhatId"),
    "TaskRelation": ("TaskId, RelationId", "RelationId"),
    "Event": ("SystemModstamp, Id", "WhoId", "WhatId"),
    "EventRelation": ("EventId, RelationId", "RelationId"),
    "EmailMessage": ("SystemModstamp, Id", "RelatedToId", "ActivityId"),
    "EmailMessageRelation": ("EmailMessageId", "SystemModstamp, Id", "RelationId"),
}
"""What keeps a keyset page and its sub-rows cheap; only the sandbox's speed depends on them."""
