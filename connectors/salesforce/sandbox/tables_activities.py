"""Salesforce's tasks, events and emails, API v67: see `facts` for how to read a line."""

_WHO, _WHAT = "Contact,Lead", "Account,Campaign,Opportunity"

ACTIVITY_TABLES = {
    "Task": f"""
        WhoId            reference 18 CUFSGN {_WHO} Tasks
        WhatId           reference 18 CUFSGN {_WHAT} Tasks
        WhoCount         int        0 FSGN
        WhatCount        int        0 FSGN
        Subject          combobox 255 CUFSN
        ActivityDate     date       0 CUFSGN
        Status           picklist 255 CUFSG
        Priority         picklist  20 CUFSG
        IsHighPriority   boolean    0 FSG
        OwnerId          reference 18 CUFSG Group,User
        Description      textarea 32000 CUN
        Type             picklist  40 CUFSGN
        AccountId        reference 18 FSGN Account
        IsClosed         boolean    0 FSG
        IsArchived       boolean    0 FSG
        CallDurationInSeconds int   0 CUFSGN
        CallType         picklist  40 CUFSGN
        CallDisposition  string   255 CUFSGN
        CallObject       string   255 CUFSGN
        ReminderDateTime datetime   0 CUFSN
        IsReminderSet    boolean    0 CUFSG
        RecurrenceActivityId reference 18 FSGN Task RecurringTasks
        IsRecurrence     boolean    0 CFSG
        TaskSubtype      picklist  40 CFSGN
        CompletedDateTime datetime  0 FSN
    """,
    "TaskRelation": f"""
        TaskId           reference 18 CFSG Task TaskRelations
        RelationId       reference 18 CFSG {_WHO},{_WHAT} TaskRelations
        IsWhat           boolean    0 FSG
        AccountId        reference 18 FSGN Account
    """,
    "TaskWhoRelation": f"""
        TaskId           reference 18 FSG Task TaskWhoRelations
        RelationId       reference 18 FSG {_WHO} TaskWhoRelations
        AccountId        reference 18 FSGN Account
        Type             string    50 FSG
    """,
    "Event": f"""
        WhoId            reference 18 CUFSGNP {_WHO} Events
        WhatId           reference 18 CUFSGNP {_WHAT} Events
        WhoCount         int        0 FSGN
        WhatCount        int        0 FSGN
        Subject          combobox 255 CUFSN
        Location         string   255 CUFSGNP
        IsAllDayEvent    boolean    0 CUFSGP
        ActivityDateTime datetime   0 CUFSN
        ActivityDate     date       0 CUFSGN
        DurationInMinutes int       0 CUFSGN
        StartDateTime    datetime   0 CUFSN
        EndDateTime      datetime   0 CUFSN
        EndDate          date       0 FSGN
        Description      textarea 32000 CUNP
        Type             picklist  40 CUFSGN
        AccountId        reference 18 FSGN Account
        OwnerId          reference 18 CUFSG Calendar,User
        IsPrivate        boolean    0 CUFSG
        ShowAs           picklist  40 CUFSGN
        IsChild          boolean    0 FSG
        IsGroupEvent     boolean    0 FSG
        GroupEventType   picklist  40 FSGN
        IsArchived       boolean    0 FSG
        RecurrenceActivityId reference 18 FSGN Event RecurringEvents -
        IsRecurrence     boolean    0 CFSG
        ReminderDateTime datetime   0 CUFSN
        IsReminderSet    boolean    0 CUFSG
        EventSubtype     picklist  40 CFSGN
        IsRecurrence2    boolean    0 FSG
        IsRecurrence2Exception boolean 0 FSG
        IsRecurrence2Exclusion boolean 0 FSG
    """,
    "EventRelation": f"""
        EventId          reference 18 CFSG Event EventRelations
        RelationId       reference 18 CFSG Calendar,User,{_WHO},{_WHAT} EventRelations
        Status           picklist  40 CUFSGN
        RespondedDate    datetime   0 CUFSN
        Response         string   255 CUFSGN
        IsInvitee        boolean    0 CFSG
        IsParent         boolean    0 CFSG
        IsWhat           boolean    0 CFSG
        AccountId        reference 18 FSGN Account
    """,
    "EventWhoRelation": f"""
        EventId          reference 18 FSG Event EventWhoRelations
        RelationId       reference 18 FSG {_WHO} EventWhoRelations
        AccountId        reference 18 FSGN Account
        Type             string    50 FSG
    """,
    "EmailMessage": f"""
        ActivityId       reference 18 CFSGN Task
        RelatedToId      reference 18 CUFSGN {_WHAT} Emails
        ReplyToEmailMessageId reference 18 CFSGN EmailMessage
        FromId           reference 18 CFSGN {_WHO},User
        FromName         string  1000 CUFSN
        FromAddress      email   1000 CUFSN
        ToAddress        string  4000 CUFSN
        CcAddress        string  4000 CUFSN
        BccAddress       string  4000 CUFSN
        Subject          string  3000 CUFSN
        TextBody         textarea 131072 CUN
        HtmlBody         textarea 131072 CUN
        Headers          textarea 32000 CUN
        Incoming         boolean    0 CFSG
        HasAttachment    boolean    0 FSG
        Status           picklist  40 CUFSG
        MessageDate      datetime   0 CUFSN
        IsExternallyVisible boolean 0 CUFSG
        IsPrivateDraft   boolean    0 FSG
        MessageIdentifier string  765 CUFSN
        ThreadIdentifier string   765 CUFSN
        ClientThreadIdentifier string 765 CUFSN
        IsClientManaged  boolean    0 CUFSG
        IsTracked        boolean    0 CUFSG
        IsOpened         boolean    0 FSG
        IsBounced        boolean    0 FSG
        FirstOpenedDate  datetime   0 CUFSN
        LastOpenedDate   datetime   0 CUFSN
        Source           picklist  40 FSGN
        AutomationType   picklist  40 CFSGN
    """,
    "EmailMessageRelation": f"""
        EmailMessageId   reference 18 CFSG EmailMessage EmailMessageRelations
        RelationId       reference 18 CUFSGN {_WHO},User EmailMessageRelations
        RelationType     picklist  40 CFSG
        RelationAddress  string   255 CFSGN
        RelationObjectType string  50 FSGN
        DeliveryResponse picklist  40 CUFSGN
    """,
}

_WHO_TYPE = (
    """CASE substr("RelationId", 1, 3) WHEN '00Q' THEN 'Lead' ELSE 'Contact' END AS "Type" """
)

DERIVED = {
    "TaskWhoRelation": f'SELECT *, {_WHO_TYPE} FROM "TaskRelation" WHERE "IsWhat" = 0',  # noqa: S608
    "EventWhoRelation": f'SELECT *, {_WHO_TYPE} FROM "EventRelation" '  # noqa: S608
    'WHERE "IsParent" = 1 AND "IsWhat" = 0',
}
"""Objects that hold nothing of their own, as SQL on the tables that do."""
