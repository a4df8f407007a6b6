"""The org itself, its users and what they may do, API v67: see `facts` for how to read a line."""

SETUP_TABLES = {
    "Organization": """
        Name             string    80 UFSG
        OrganizationType picklist  40 FSGN
        InstanceName     string    80 FSGN
        IsSandbox        boolean    0 FSG
        LanguageLocaleKey picklist 40 UFSG
        TimeZoneSidKey   picklist  40 UFSG
        DefaultLocaleSidKey picklist 40 UFSG
        NamespacePrefix  string    15 FSGN
        TrialExpirationDate datetime 0 FSN
    """,
    "User": """
        Username         string    80 CUFSG
        LastName         string    80 CUFSG
        FirstName        string    40 CUFSGN
        Name             string   121 FSG
        CompanyName      string    80 CUFSGN
        Department       string    80 CUFSGN
        Title            string    80 CUFSGN
        Email            email    128 CUFSG
        Alias            string     8 CUFSG
        IsActive         boolean    0 CUFSG
        TimeZoneSidKey   picklist  40 CUFSG
        LocaleSidKey     picklist  40 CUFSG
        ProfileId        reference 18 CUFSGN Profile Users
        UserType         picklist  40 FSGN
        LanguageLocaleKey picklist 40 CUFSG
        ManagerId        reference 18 CUFSGN User ManagedUsers
        FederationIdentifier string 512 CUFSGN
        LastLoginDate    datetime   0 FSN
    """,
    "Profile": """
        Name             string   255 FSG
        UserType         picklist  40 FSGN
        Description      string   255 FSGN
    """,
    "CurrencyType": """
        IsoCode          picklist   3 CFSG
        ConversionRate   double  18.6 CUFSG
        DecimalPlaces    int        0 CUFSG
        IsActive         boolean    0 CUFSG
        IsCorporate      boolean    0 FSG
    """,
    "PermissionSet": """
        Name             string    80 CUFSG
        Label            string    80 CUFSG
        Description      string   255 CUFSGN
        IsOwnedByProfile boolean    0 FSG
        ProfileId        reference 18 FSGN Profile
        IsCustom         boolean    0 FSG
    """,
    "FieldPermissions": """
        ParentId         reference 18 CFSG PermissionSet FieldPerms
        SobjectType      picklist  40 CFSG
        Field            picklist 255 CFSG
        PermissionsRead  boolean    0 CUFSG
        PermissionsEdit  boolean    0 CUFSG
    """,
    "PermissionSetAssignment": """
        AssigneeId       reference 18 CFSG User PermissionSetAssignments
        PermissionSetId  reference 18 CFSGN PermissionSet Assignments
    """,
    "CustomField": """
        DeveloperName    string    80 FSGN
        TableEnumOrId    picklist  40 FSGN
        FullName         string   255 C
        Metadata         complexvalue 0 CUN
    """,
}
