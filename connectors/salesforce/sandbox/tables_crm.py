"""Salesforce's accounts, people, deals and campaigns, API v67; `facts` says how to read a line."""

CRM_TABLES = {
    "Account": """
        MasterRecordId   reference 18 FSGN Account
        Name             string   255 CUFSG
        Type             picklist  40 CUFSGNP
        ParentId         reference 18 CUFSGNP Account ChildAccounts
        BillingStreet    textarea 255 CUFSGNP
        BillingCity      string    40 CUFSGNP
        BillingState     string    80 CUFSGNP
        BillingPostalCode string   20 CUFSGNP
        BillingCountry   string    80 CUFSGNP
        Phone            phone     40 CUFSGNP
        Website          url      255 CUFSGNP
        Industry         picklist  40 CUFSGNP
        AnnualRevenue    currency 18.0 CUFSNP
        NumberOfEmployees int       0 CUFSGNP
        Ownership        picklist  40 CUFSGNP
        Description      textarea 32000 CUNP
        Rating           picklist  40 CUFSGNP
        OwnerId          reference 18 CUFSG User
        AccountSource    picklist  40 CUFSGNP
        LastActivityDate date       0 FSGN
        LastViewedDate   datetime   0 FSN
        LastReferencedDate datetime 0 FSN
        CurrencyIsoCode  picklist   3 CUFSGN
        IsPersonAccount  boolean    0 FSG
        PersonContactId  reference 18 FSGN Contact
        PersonEmail      email     80 CUFSGN
    """,
    "Contact": """
        MasterRecordId   reference 18 FSGN Contact
        AccountId        reference 18 CUFSGNP Account Contacts
        LastName         string    80 CUFSG
        FirstName        string    40 CUFSGN
        Salutation       picklist  40 CUFSGN
        Name             string   121 FSG
        MailingCity      string    40 CUFSGNP
        MailingCountry   string    80 CUFSGNP
        Phone            phone     40 CUFSGNP
        MobilePhone      phone     40 CUFSGNP
        ReportsToId      reference 18 CUFSGNP Contact
        Email            email     80 CUFSGNP
        Title            string   128 CUFSGNP
        Department       string    80 CUFSGNP
        LeadSource       picklist 255 CUFSGNP
        Birthdate        date       0 CUFSGNP
        Description      textarea 32000 CUNP
        OwnerId          reference 18 CUFSG User
        HasOptedOutOfEmail boolean  0 CUFSGP
        LastActivityDate date       0 FSGN
        LastViewedDate   datetime   0 FSN
        LastReferencedDate datetime 0 FSN
        EmailBouncedReason string 255 CUFSGN
        EmailBouncedDate datetime   0 CUFSN
        IsEmailBounced   boolean    0 FSG
        CurrencyIsoCode  picklist   3 CUFSGN
        IsPersonAccount  boolean    0 FSG
    """,
    "Lead": """
        MasterRecordId   reference 18 FSGN Lead
        LastName         string    80 CUFSG
        FirstName        string    40 CUFSGN
        Salutation       picklist  40 CUFSGN
        Name             string   121 FSG
        Title            string   128 CUFSGNP
        Company          string   255 CUFSG
        City             string    40 CUFSGNP
        Country          string    80 CUFSGNP
        Phone            phone     40 CUFSGNP
        MobilePhone      phone     40 CUFSGNP
        Email            email     80 CUFSGNP
        Website          url      255 CUFSGNP
        Description      textarea 32000 CUNP
        LeadSource       picklist 255 CUFSGNP
        Status           picklist 255 CUFSG
        Industry         picklist 255 CUFSGNP
        Rating           picklist 255 CUFSGNP
        AnnualRevenue    currency 18.0 CUFSNP
        NumberOfEmployees int       0 CUFSGNP
        OwnerId          reference 18 CUFSG Group,User
        HasOptedOutOfEmail boolean  0 CUFSGP
        IsConverted      boolean    0 CFSG
        ConvertedDate    date       0 FSGN
        ConvertedAccountId reference 18 FSGN Account
        ConvertedContactId reference 18 FSGN Contact
        ConvertedOpportunityId reference 18 FSGN Opportunity
        IsUnreadByOwner  boolean    0 CUFSG
        LastActivityDate date       0 FSGN
        LastViewedDate   datetime   0 FSN
        LastReferencedDate datetime 0 FSN
        EmailBouncedReason string 255 UFSGN
        EmailBouncedDate datetime   0 UFSN
        CurrencyIsoCode  picklist   3 CUFSGN
    """,
    "Opportunity": """
        AccountId        reference 18 CUFSGNP Account Opportunities
        IsPrivate        boolean    0 CUFSGP
        Name             string   120 CUFSG
        Description      textarea 32000 CUNP
        StageName        picklist 255 CUFSG
        Amount           currency 18.2 CUFSNP
        Probability      percent  3.0 CUFSNP
        ExpectedRevenue  currency 18.2 FSNP
        CloseDate        date       0 CUFSG
        Type             picklist 255 CUFSGNP
        NextStep         string   255 CUFSGNP
        LeadSource       picklist 255 CUFSGNP
        IsClosed         boolean    0 FSG
        IsWon            boolean    0 FSG
        ForecastCategory picklist  40 FSG
        ForecastCategoryName picklist 255 CUFSGN
        CampaignId       reference 18 CUFSGNP Campaign Opportunities
        OwnerId          reference 18 CUFSG User
        LastActivityDate date       0 FSGN
        LastStageChangeDate datetime 0 FSN
        FiscalQuarter    int        0 FSGN
        FiscalYear       int        0 FSGN
        ContactId        reference 18 CFSGN Contact Opportunities -
        LastViewedDate   datetime   0 FSN
        LastReferencedDate datetime 0 FSN
        HasOpenActivity  boolean    0 G
        HasOverdueTask   boolean    0 G
        CurrencyIsoCode  picklist   3 CUFSGN
    """,
    "OpportunityStage": """
        MasterLabel      string   255 FSGN
        ApiName          string   255 FSGN
        IsActive         boolean    0 FSG
        SortOrder        int        0 FSGN
        IsClosed         boolean    0 FSG
        IsWon            boolean    0 FSG
        ForecastCategory picklist  40 FSG
        ForecastCategoryName picklist 255 FSG
        DefaultProbability percent 3.0 FSGN
        Description      string   255 FSGN
    """,
    "OpportunityContactRole": """
        OpportunityId    reference 18 CFSG Opportunity OpportunityContactRoles
        ContactId        reference 18 CUFSG Contact OpportunityContactRoles
        Role             picklist 255 CUFSGN
        IsPrimary        boolean    0 CUFSG
    """,
    "OpportunityHistory": """
        OpportunityId    reference 18 FSG Opportunity OpportunityHistories
        CurrencyIsoCode  picklist   3 FSGN
        StageName        picklist 255 FSG
        Amount           currency 18.2 FSN
        ExpectedRevenue  currency 18.2 FSN
        CloseDate        date       0 FSGN
        Probability      percent  3.0 FSN
        ForecastCategory picklist  40 FSGN
        PrevAmount       currency 18.2 FSN
        PrevCloseDate    date       0 FSGN
    """,
    "Campaign": """
        Name             string    80 CUFSG
        ParentId         reference 18 CUFSGNP Campaign ChildCampaigns
        Type             picklist  40 CUFSGNP
        Status           picklist  40 CUFSGNP
        StartDate        date       0 CUFSGNP
        EndDate          date       0 CUFSGNP
        IsActive         boolean    0 CUFSGP
        Description      textarea 32000 CUNP
        OwnerId          reference 18 CUFSG User
        LastActivityDate date       0 FSGN
        CurrencyIsoCode  picklist   3 CUFSGN
    """,
    "CampaignMember": """
        CampaignId       reference 18 CFSG Campaign CampaignMembers
        LeadId           reference 18 CFSGN Lead CampaignMembers
        ContactId        reference 18 CFSGN Contact CampaignMembers
        Status           picklist  40 CUFSGN
        HasResponded     boolean    0 FSG
        FirstRespondedDate date     0 FSGN
        LeadOrContactId  reference 18 FSGN Contact,Lead
    """,
    "AccountContactRelation": """
        AccountId        reference 18 CFSG Account AccountContactRelations
        ContactId        reference 18 CFSG Contact AccountContactRelations
        Roles            multipicklist 4099 CUFNP
        IsActive         boolean    0 CUFSG
        IsDirect         boolean    0 FSG
        StartDate        date       0 CUFSGNP
        EndDate          date       0 CUFSGNP
    """,
}
