"""Every table.

Read what the CRMs said (`records`), what we made of it (`people`), what it is worth (`scores`),
where everybody stands (`network`), who did what for whom (`favours`), what we owe and did (`work`),
what was written where (`writing`), who is left out (`privacy`), how each connection stands
(`connections`), what the CRMs tell by themselves (`hooks`), what we tell others (`events`), and who
may come in and what they did
(`console`).

Times are aware UTC in Python on every database. External ids are unique within a connection.
"""

from app.store.tables._columns import Document, UtcDateTime
from app.store.tables.connections import (
    Buried,
    Connection,
    Examined,
    Gap,
    Malformed,
    Missed,
    Present,
    StreamBookmark,
    Sweep,
    Usage,
)
from app.store.tables.console import ApiKey, AuditEnd, AuditEntry, Errand, SignIn, User
from app.store.tables.events import Event, EventDelivery, Subscriber
from app.store.tables.favours import Favour, Request, SeenIntroduction
from app.store.tables.hooks import Delivery, Hint, Hook
from app.store.tables.network import (
    Bridge,
    Community,
    Influencer,
    Link,
    Network,
    Position,
    WeakTie,
)
from app.store.tables.people import Claim, DayCell, Gathered, Interaction, Past, Person, Touched
from app.store.tables.privacy import Erasure, Exclusion, Privacy, Suppressed
from app.store.tables.records import Account, Activity, Deal, Profile
from app.store.tables.scores import (
    Advice,
    Coverage,
    Override,
    Recommendation,
    ScoreCard,
    Snapshot,
    Tie,
    Trial,
    Weighting,
)
from app.store.tables.work import Lease, Owed, Run, Tally, Timetable
from app.store.tables.writing import ChosenField, KeptPlan, Written

__all__ = [
    "Account",
    "Activity",
    "Advice",
    "ApiKey",
    "AuditEnd",
    "AuditEntry",
    "Bridge",
    "Buried",
    "ChosenField",
    "Claim",
    "Community",
    "Connection",
    "Coverage",
    "DayCell",
    "Deal",
    "Delivery",
    "Document",
    "Erasure",
    "Errand",
    "Event",
    "EventDelivery",
    "Examined",
    "Exclusion",
    "Favour",
    "Gap",
    "Gathered",
    "Hint",
    "Hook",
    "Influencer",
    "Interaction",
    "KeptPlan",
    "Lease",
    "Link",
    "Malformed",
    "Missed",
    "Network",
    "Override",
    "Owed",
    "Past",
    "Person",
    "Position",
    "Present",
    "Privacy",
    "Profile",
    "Recommendation",
    "Request",
    "Run",
    "ScoreCard",
    "SeenIntroduction",
    "SignIn",
    "Snapshot",
    "StreamBookmark",
    "Subscriber",
    "Suppressed",
    "Sweep",
    "Tally",
    "Tie",
    "Timetable",
    "Touched",
    "Trial",
    "Usage",
    "User",
    "UtcDateTime",
    "WeakTie",
    "Weighting",
    "Written",
]
