"""Salesforce's objects, API v67: tables of facts, and nothing else.

A line of a table is a field: name, type, length, flags and, for a reference, what it points to. The
flags are describe's: Createable, Updateable, Filterable, Sortable, Groupable, Nillable,
Permissionable. To add an object, add a table and a line of `OBJECTS`.
"""

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

_ORDINARY = _CREATED + _MODIFIED + _DELETED

TABLES = {
    "Organization": """
        Name             string    80 UFSG
        OrganizationType picklist  40 FSGN
        IsSandbox        boolean    0 FSG
    """,
    "User": """
        Name             string   121 FSG
        FirstName        string    40 CUFSGN
        LastName         string    80 CUFSG
        Username         string    80 CUFSG
        Email            email    128 CUFSG
        Title            string    80 CUFSGN
        Department       string    80 CUFSGN
        IsActive         boolean    0 CUFSG
        UserType         picklist  40 FSGN
        ManagerId        reference 18 CUFSGN User
        FederationIdentifier string 512 CUFSGN
    """,
    "Account": """
        MasterRecordId   reference 18 FSGN Account
        Name             string   255 CUFSG
        ParentId         reference 18 CUFSGNP Account
        OwnerId          reference 18 CUFSG User
        Website          url      255 CUFSGNP
        Industry         picklist  40 CUFSGNP
        Description      textarea 32000 CUNP
        LastActivityDate date       0 FSGN
    """,
    "Contact": """
        MasterRecordId   reference 18 FSGN Contact
        AccountId        reference 18 CUFSGNP Account
        LastName         string    80 CUFSG
        FirstName        string    40 CUFSGN
        Name             string   121 FSG
        Email            email     80 CUFSGNP
        Title            string   128 CUFSGNP
        Department       string    80 CUFSGNP
        OwnerId          reference 18 CUFSG User
        IsEmailBounced   boolean    0 FSG
        Description      textarea 32000 CUNP
        LastActivityDate date       0 FSGN
    """,
    "Lead": """
        MasterRecordId   reference 18 FSGN Lead
        LastName         string    80 CUFSG
        FirstName        string    40 CUFSGN
        Name             string   121 FSG
        Company          string   255 CUFSG
        Title            string   128 CUFSGNP
        Email            email     80 CUFSGNP
        Status           picklist 255 CUFSG
        OwnerId          reference 18 CUFSG Group,User
        IsConverted      boolean    0 CFSG
        ConvertedDate    date       0 FSGN
        ConvertedAccountId reference 18 FSGN Account
        ConvertedContactId reference 18 FSGN Contact
        Description      textarea 32000 CUNP
        LastActivityDate date       0 FSGN
    """,
    "Task": """
        WhoId            reference 18 CUFSGN Contact,Lead
        WhatId           reference 18 CUFSGN Account,Opportunity
        AccountId        reference 18 FSGN Account
        OwnerId          reference 18 CUFSG Group,User
        Subject          combobox 255 CUFSN
        Description      textarea 32000 CUN
        Status           picklist 255 CUFSG
        TaskSubtype      picklist  40 CFSGN
        ActivityDate     date       0 CUFSGN
        CompletedDateTime datetime  0 FSN
        IsClosed         boolean    0 FSG
        IsArchived       boolean    0 FSG
        IsRecurrence     boolean    0 CFSG
        CallDurationInSeconds int   0 CUFSGN
        CallType         picklist  40 CUFSGN
        WhoCount         int        0 FSGN
    """,
    "TaskRelation": """
        TaskId           reference 18 CFSG Task
        RelationId       reference 18 CFSG Contact,Lead,Account,Opportunity
        IsWhat           boolean    0 FSG
        AccountId        reference 18 FSGN Account
    """,
    "Event": """
        WhoId            reference 18 CUFSGNP Contact,Lead
        WhatId           reference 18 CUFSGNP Account,Opportunity
        AccountId        reference 18 FSGN Account
        OwnerId          reference 18 CUFSG Calendar,User
        Subject          combobox 255 CUFSN
        Description      textarea 32000 CUNP
        Location         string   255 CUFSGNP
        StartDateTime    datetime   0 CUFSN
        EndDateTime      datetime   0 CUFSN
        ActivityDate     date       0 CUFSGN
        DurationInMinutes int       0 CUFSGN
        IsAllDayEvent    boolean    0 CUFSGP
        IsPrivate        boolean    0 CUFSG
        IsArchived       boolean    0 FSG
        IsChild          boolean    0 FSG
        IsGroupEvent     boolean    0 FSG
        GroupEventType   picklist  40 FSGN
        IsRecurrence     boolean    0 CFSG
        IsRecurrence2    boolean    0 FSG
        WhoCount         int        0 FSGN
    """,
    "EventRelation": """
        EventId          reference 18 CFSG Event
        RelationId       reference 18 CFSG Calendar,Contact,Lead,User
        Status           picklist  40 CUFSGN
        IsInvitee        boolean    0 CFSG
        IsParent         boolean    0 CFSG
        IsWhat           boolean    0 CFSG
    """,
    "PermissionSet": """
        Name             string    80 CUFSG
        Label            string    80 CUFSG
        Description      string   255 CUFSGN
    """,
    "FieldPermissions": """
        ParentId         reference 18 CFSG PermissionSet
        SobjectType      picklist  40 CFSG
        Field            picklist 255 CFSG
        PermissionsRead  boolean    0 CUFSG
        PermissionsEdit  boolean    0 CUFSG
    """,
    "PermissionSetAssignment": """
        AssigneeId       reference 18 CFSG User
        PermissionSetId  reference 18 CFSGN PermissionSet
    """,
    "CustomField": """
        DeveloperName    string    80 FSGN
        TableEnumOrId    picklist  40 FSGN
        FullName         string   255 C
        Metadata         complexvalue 0 CUN
    """,
}

_TASK_CHILDREN = {"TaskRelations": ("TaskRelation", "TaskId")}
_EVENT_CHILDREN = {"EventRelations": ("EventRelation", "EventId")}
_PERSON_CHILDREN = {"Tasks": ("Task", "WhoId"), "Events": ("Event", "WhoId")}
_ACCOUNT_CHILDREN = {"Contacts": ("Contact", "AccountId")}

OBJECTS: tuple[tuple[str, str, str, dict[str, tuple[str, str]]], ...] = (
    ("Organization", "00D", _CREATED + _MODIFIED, {}),
    ("User", "005", _CREATED + _MODIFIED, {}),
    ("Account", "001", _ORDINARY, _ACCOUNT_CHILDREN),
    ("Contact", "003", _ORDINARY, _PERSON_CHILDREN),
    ("Lead", "00Q", _ORDINARY, _PERSON_CHILDREN),
    ("Task", "00T", _ORDINARY, _TASK_CHILDREN),
    ("TaskRelation", "0RT", _ORDINARY, {}),
    ("Event", "00U", _ORDINARY, _EVENT_CHILDREN),
    ("EventRelation", "0RE", _ORDINARY, {}),
    ("PermissionSet", "0PS", _CREATED + _MODIFIED, {}),
    ("FieldPermissions", "01k", "Id id 18 FSG\nSystemModstamp datetime 0 FS\n", {}),
    ("PermissionSetAssignment", "0Pa", "Id id 18 FSG\nSystemModstamp datetime 0 FS\n", {}),
    ("CustomField", "00N", _CREATED + _MODIFIED, {}),
)

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

MERGEABLE: frozenset[str] = frozenset({"Account", "Contact", "Lead"})

TOOLING = frozenset({"CustomField"})
"""Objects that only the Tooling API shows."""

INDEXES = {
    "Account": ("SystemModstamp, Id",),
    "Contact": ("SystemModstamp, Id", "AccountId"),
    "Lead": ("SystemModstamp, Id",),
    "User": ("SystemModstamp, Id",),
    "Task": ("TaskSubtype, SystemModstamp, Id", "SystemModstamp, Id", "WhoId"),
    "TaskRelation": ("TaskId, RelationId",),
    "Event": ("SystemModstamp, Id", "WhoId"),
    "EventRelation": ("EventId, RelationId",),
}
"""What keeps a keyset page and its sub-rows cheap; only the sandbox's speed depends on them."""
