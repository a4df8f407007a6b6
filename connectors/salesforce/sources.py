"""What is asked for each stream: objects, fields, conditions, and rows that hang on a row.

Subjects, descriptions and bodies are in no list. A name in `lacking` is a field, as
``Contact.Title``, an object, or the object of a relation, as ``TaskRelation``: a source can be
asked without it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors._records import Gap, Record, Stream
from connectors.salesforce import activities, deals, mapping
from connectors.salesforce.client import Question

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows that hang on a row, read along with it.

    Attributes:
        name: What the child relationship is called.
        key: The field without which the rows are of no use.
        parent: The field that names the row they hang on.
        then: Conditions and order, as SOQL.
        is_telling: They may change without a stamp on their row.
    """

    name: str
    sobject: str
    key: str
    parent: str
    fields: tuple[str, ...] = ()
    then: str = ""
    is_telling: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """Which rows are asked for.

    Attributes:
        fields: What it is about; without one of them it is not asked for.
        is_passing: A row may stop to meet it: then it must be read once more, to be taken back.
    """

    soql: str
    fields: tuple[str, ...]
    is_passing: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where a stream's records come from.

    Attributes:
        features: What an org may lack without anybody having to do something about it.
        rare: Those of the features that few orgs have; asked for once they were seen.
    """

    sobject: str
    fields: tuple[str, ...]
    read: Callable[[dict[str, Any]], Record]
    conditions: tuple[Condition, ...] = ()
    relations: tuple[Relation, ...] = ()
    features: frozenset[str] = NOTHING
    rare: frozenset[str] = NOTHING

    @property
    def objects(self) -> tuple[str, ...]:
        """Every object that is asked for, its own first."""
        return (self.sobject, *(relation.sobject for relation in self.relations))


_GONE = ("Id", "SystemModstamp", "IsDeleted")
_CURRENCY, _PERSON = (
    frozenset({"Opportunity.CurrencyIsoCode"}),
    frozenset({"Account.IsPersonAccount"}),
)

SOURCES: Mapping[Stream, Source] = {
    Stream.COLLEAGUES: Source(
        "User",
        ("Id", "SystemModstamp", "Name", "Email", "Title", "Department", "IsActive"),
        mapping.to_colleague,
        (Condition("UserType = 'Standard'", ("UserType",)),),
    ),
    Stream.ACCOUNTS: Source(
        "Account",
        (*_GONE, "MasterRecordId", "Name", "Website", "Industry", "IsPersonAccount"),
        mapping.to_account,
        (Condition("IsPersonAccount = false", ("IsPersonAccount",), is_passing=True),),
        features=_PERSON,
        rare=_PERSON,
    ),
    Stream.CONTACTS: Source(
        "Contact",
        (*_GONE, "MasterRecordId", "Name", "Email", "Title", "Department", "AccountId"),
        mapping.to_contact,
    ),
    Stream.LEADS: Source(
        "Lead",
        (*_GONE, "MasterRecordId", "Name", "Email", "Title", "IsConverted", "ConvertedContactId"),
        mapping.to_lead,
    ),
    Stream.DEALS: Source(
        "Opportunity",
        (
            *(*_GONE, "IsPrivate", "Name", "StageName", "IsClosed", "IsWon", "AccountId"),
            *("OwnerId", "Amount", "CurrencyIsoCode", "CreatedDate", "CloseDate"),
        ),
        deals.to_deal,
        (Condition("IsPrivate = false", ("IsPrivate",), is_passing=True),),
        (
            Relation(
                *("OpportunityContactRoles", "OpportunityContactRole", "ContactId"),
                "OpportunityId",
                ("Role", "IsPrimary"),
                "WHERE IsDeleted = false ORDER BY Id",
                is_telling=True,
            ),
            Relation(
                *("OpportunityHistories", "OpportunityHistory", "StageName", "OpportunityId"),
                ("CreatedDate",),
                "ORDER BY CreatedDate, Id",
            ),
        ),
        features=_CURRENCY,
        rare=_CURRENCY,
    ),
    Stream.EMAILS: Source(
        "EmailMessage",
        (
            *(*_GONE, "CreatedDate", "MessageDate", "Status", "IsBounced", "IsPrivateDraft"),
            *("FromAddress", "ToAddress", "CcAddress", "BccAddress", "AutomationType"),
            *("ThreadIdentifier", "ClientThreadIdentifier", "ReplyToEmailMessageId"),
            *("ActivityId", "Activity.TaskSubtype"),
        ),
        activities.to_email,
        relations=(
            Relation(
                *("EmailMessageRelations", "EmailMessageRelation", "RelationType"),
                "EmailMessageId",
                ("RelationId", "RelationAddress"),
                "WHERE IsDeleted = false ORDER BY Id",
                is_telling=True,
            ),
        ),
        features=frozenset({"EmailMessage.Activity.TaskSubtype", "EmailMessage.AutomationType"}),
    ),
    Stream.MEETINGS: Source(
        "Event",
        (
            *(*_GONE, "OwnerId", "WhoId", "StartDateTime", "EndDateTime", "ActivityDate"),
            *("IsAllDayEvent", "IsPrivate"),
        ),
        activities.to_meeting,
        (
            Condition("IsChild = false", ("IsChild",)),
            Condition("IsRecurrence = false", ("IsRecurrence",)),
            Condition("IsRecurrence2Exclusion = false", ("IsRecurrence2Exclusion",)),
            Condition("GroupEventType != '3'", ("GroupEventType",)),
            Condition("IsPrivate = false", ("IsPrivate",), is_passing=True),
        ),
        (
            Relation(
                *("EventRelations", "EventRelation", "RelationId", "EventId"),
                ("Status",),
                "WHERE IsDeleted = false ORDER BY Id",
                is_telling=True,
            ),
        ),
        features=frozenset({"Event.IsRecurrence2Exclusion"}),
    ),
    Stream.TASKS: Source(
        "Task",
        (
            *(*_GONE, "OwnerId", "WhoId", "CreatedDate", "ActivityDate", "CompletedDateTime"),
            *("IsClosed", "TaskSubtype", "Type", "CallType", "CallDisposition"),
            "CallDurationInSeconds",
        ),
        activities.to_task,
        (
            Condition("IsRecurrence = false", ("IsRecurrence",)),
            Condition(
                f"(TaskSubtype != 'Task' OR Type IN ({activities.TYPES_SOQL}))",
                ("TaskSubtype", "Type"),
                is_passing=True,
            ),
        ),
        (
            Relation(
                *("TaskRelations", "TaskRelation", "RelationId", "TaskId"),
                then="WHERE IsWhat = false ORDER BY Id",
            ),
        ),
        features=frozenset({"TaskRelation"}),
    ),
}


def without(source: Source, lacking: frozenset[str]) -> Source:
    """Give a source that asks for nothing of what is lacking."""
    if not lacking:
        return source

    def is_there(field: str) -> bool:
        return f"{source.sobject}.{field}" not in lacking

    return replace(
        source,
        fields=tuple(filter(is_there, source.fields)),
        conditions=tuple(c for c in source.conditions if all(map(is_there, c.fields))),
        relations=tuple(
            replace(
                relation,
                fields=tuple(
                    field
                    for field in relation.fields
                    if f"{relation.sobject}.{field}" not in lacking
                ),
            )
            for relation in source.relations
            if relation.sobject not in lacking
        ),
    )


def lacking_of(source: Source, described: Mapping[str, Mapping[str, Any] | None]) -> frozenset[str]:
    """Give what of a source we are not shown.

    Args:
        source: All that would be asked for.
        described: The describe of each of its objects; None for one that we do not see.
    """
    shown = described.get(source.sobject)
    if shown is None:
        return frozenset({source.sobject})
    wanted = {*source.fields, *(field for c in source.conditions for field in c.fields)}
    missing = {f"{source.sobject}.{field}" for field in wanted - _fields(shown)}
    known = {str(child["relationshipName"]) for child in shown["childRelationships"]}
    for relation in source.relations:
        behind = described.get(relation.sobject)
        fields = _fields(behind) if behind else frozenset()
        if relation.name not in known or relation.key not in fields:
            missing.add(relation.sobject)
        else:
            missing |= {f"{relation.sobject}.{f}" for f in relation.fields if f not in fields}
    return frozenset(missing)


def describes(sources: Iterable[Source]) -> dict[str, Question]:
    """Ask for the describe of each object that these sources ask of."""
    names = dict.fromkeys(name for source in sources for name in source.objects)
    return {name: Question(f"to describe {name}", f"sobjects/{name}/describe") for name in names}


def is_refused(source: Source, lacking: frozenset[str]) -> bool:
    """Tell whether what is lacking leaves nothing that could be read."""
    needed = (source.sobject, f"{source.sobject}.Id", f"{source.sobject}.SystemModstamp")
    return not lacking.isdisjoint(needed)


def gaps(source: Source, lacking: frozenset[str]) -> tuple[Gap, ...]:
    """Tell what is missing, and what to do; of what an org merely does without, nothing."""
    is_whole = is_refused(source, lacking)
    return tuple(gap(name, is_whole=is_whole) for name in sorted(lacking - source.features))


def gap(name: str, *, is_whole: bool) -> Gap:
    """Word what we are not shown."""
    kind = "field" if "." in name else "object"
    return Gap(
        name,
        f"Salesforce does not show us the {kind} {name}: give the integration user read access to "
        "it in a permission set.",
        is_whole=is_whole,
    )


def _fields(shown: Mapping[str, Any]) -> frozenset[str]:
    """Give the fields that can be asked for; one step up where the parent can only be a task."""
    fields: Sequence[Mapping[str, Any]] = shown["fields"]
    names = {
        str(field["name"])
        for field in fields
        if field["name"] != "SystemModstamp" or field.get("filterable", True)
    }
    up = {f"{f['relationshipName']}.TaskSubtype" for f in fields if f["referenceTo"] == ["Task"]}
    return frozenset(names | up)
