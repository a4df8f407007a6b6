"""The values of standard picklists, as a new org has them.

A line is ``object.field``, or ``*.field`` for every object that has one, and its values. ``!``
before the field: no other value is taken. ``*`` before a value: a new row has it.
"""

_TABLE = """
Account.Type        Prospect|Customer - Direct|Customer - Channel|Channel Partner / Reseller|Installation Partner|Technology Partner|Other
*.Industry          Agriculture|Apparel|Banking|Biotechnology|Chemicals|Communications|Construction|Consulting|Education|Electronics|Energy|Engineering|Entertainment|Environmental|Finance|Food & Beverage|Government|Healthcare|Hospitality|Insurance|Machinery|Manufacturing|Media|Not For Profit|Recreation|Retail|Shipping|Technology|Telecommunications|Transportation|Utilities|Other
Account.Ownership   Public|Private|Subsidiary|Other
*.Rating            Hot|Warm|Cold
*.Salutation        Mr.|Ms.|Mrs.|Dr.|Prof.
*.LeadSource        Web|Phone Inquiry|Partner Referral|Purchased List|Other
Account.AccountSource Web|Phone Inquiry|Partner Referral|Purchased List|Other
Lead.Status         *Open - Not Contacted|Working - Contacted|Closed - Converted|Closed - Not Converted
*.StageName         Prospecting|Qualification|Needs Analysis|Value Proposition|Id. Decision Makers|Perception Analysis|Proposal/Price Quote|Negotiation/Review|Closed Won|Closed Lost
Opportunity.Type    Existing Customer - Upgrade|Existing Customer - Replacement|Existing Customer - Downgrade|New Customer
!*.ForecastCategory Omitted|Pipeline|BestCase|MostLikely|Forecast|Closed
!Opportunity.ForecastCategoryName Omitted|Pipeline|Best Case|Commit|Closed
OpportunityContactRole.Role Business User|Decision Maker|Economic Buyer|Economic Decision Maker|Evaluator|Executive Sponsor|Influencer|Technical Buyer|Other
Campaign.Type       Conference|Webinar|Trade Show|Public Relations|Partners|Referral Program|Advertisement|Banner Ads|Direct Mail|Email|Telemarketing|Other
Campaign.Status     *Planned|In Progress|Completed|Aborted
CampaignMember.Status *Sent|Responded
AccountContactRelation.Roles Business User|Decision Maker|Economic Buyer|Economic Decision Maker|Evaluator|Executive Sponsor|Influencer|Technical Buyer|Other
Task.Status         *Not Started|In Progress|Completed|Waiting on someone else|Deferred
Task.Priority       High|*Normal|Low
*.Subject           Call|Email|Meeting|Send Letter/Quote|Other
Task.Type           Call|Meeting|Other
!Task.CallType      Internal|Inbound|Outbound
!Task.TaskSubtype   *Task|Email|ListEmail|Call|Cadence|LinkedIn
Event.Type          Email|Meeting|Other
!Event.ShowAs       *Busy|OutOfOffice|Free
!Event.GroupEventType *0|1|2|3
!Event.EventSubtype *Event
!EventRelation.Status *New|Declined|Accepted
!EmailMessage.Status *0|1|2|3|4|5
!EmailMessage.AutomationType AiAssisted|AiAutomated
!EmailMessageRelation.RelationType ToAddress|CcAddress|BccAddress|FromAddress|OtherAddress
!EmailMessageRelation.DeliveryResponse SoftBounce|HardBounce|OutOfOffice
"""  # noqa: E501 a line is a picklist


def picklists() -> dict[str, tuple[tuple[str, ...], str | None, bool]]:
    """Give the values, the default and whether they are all, by ``object.field`` or ``*.field``."""
    found = {}
    for line in _TABLE.strip().splitlines():
        name, _, text = line.partition(" ")
        values = text.strip().split("|")
        default = next((value[1:] for value in values if value.startswith("*")), None)
        plain = tuple(value.removeprefix("*") for value in values)
        found[name.removeprefix("!")] = plain, default, name.startswith("!")
    return found
