"""Reading by id: a hundred objects a call, their contacts a thousand, and what is gone as gone."""

from connectors import Activity, Channel, Deal, ExternalId, Person, Record, Role, Stream
from connectors.hubspot.sandbox import levers
from tests.connectors.hubspot_fixtures import (
    ANNE,
    CLARA,
    DAVID,
    Portal,
    activity,
    contacts,
    people,
)
from tests.connectors.hubspot_tasks import put_tasks


def read_again(portal: Portal, stream: Stream, *ids: ExternalId) -> tuple[list[Record], int]:
    """Read with a new connector; gives the records, and the calls it took."""
    before = len(portal.sandbox.calls)
    pages = portal.connect().read_again(stream, ids)
    taken = len(portal.sandbox.calls) - before
    return [record for page in pages for record in page.records], taken


def test_a_hundred_objects_are_a_call(portal: Portal):
    ids = list(portal.fill(*contacts(150)).values())
    found, taken = read_again(portal, Stream.CONTACTS, *ids)
    assert ({record.id for record in found}, taken) == (set(ids), 2)


def test_the_contacts_of_a_thousand_activities_are_a_call(portal: Portal):
    talks = [
        activity(Channel.CALL, (Role.FROM, ANNE), (Role.TO, CLARA), record_id=f"call {n}")
        for n in range(150)
    ]
    ids = portal.fill(*people(), *talks)
    found, taken = read_again(portal, Stream.CALLS, *(ids[one.id] for one in talks))
    named = {p.person_id for one in found if isinstance(one, Activity) for p in one.participants}
    assert (len(found), taken) == (150, 2 + 1)
    assert named == {ids[ANNE], ids[CLARA]}


def test_what_is_not_there_is_asked_for_once_more(portal: Portal):
    ids = portal.fill(*people())
    levers.archive(portal.sandbox, ids[CLARA])
    found, taken = read_again(portal, Stream.CONTACTS, ids[CLARA], ids[DAVID])
    gone = {one.id: one.is_deleted for one in found if isinstance(one, Person)}
    assert (gone, taken) == ({ids[CLARA]: True, ids[DAVID]: False}, 2)


def test_what_was_erased_does_not_come(portal: Portal):
    ids = portal.fill(*people())
    levers.erase(portal.sandbox, ids[CLARA])
    assert read_again(portal, Stream.CONTACTS, ids[CLARA])[0] == []


def test_a_task_that_means_no_message_is_not_read(portal: Portal):
    portal.fill(*people())
    task = next(iter(put_tasks(portal, 1).values()))
    assert len(read_again(portal, Stream.TASKS, task)[0]) == 1
    levers.touch(portal.sandbox, task, hs_task_type="TODO")
    assert read_again(portal, Stream.TASKS, task)[0] == []


def test_a_deal_comes_with_the_stages_it_was_in(portal: Portal):
    deal = Deal(ExternalId("deal"), "Roof", "Closed Won", is_closed=True, is_won=True)
    ids = portal.fill(*people(), deal)
    [found], _ = read_again(portal, Stream.DEALS, ids[deal.id])
    assert isinstance(found, Deal)
    assert (found.stage, found.is_won) == ("Closed Won", True)


def test_owners_are_all_read_and_only_those_asked_for_come(portal: Portal):
    ids = portal.fill(*people())
    found, taken = read_again(portal, Stream.COLLEAGUES, ids[ANNE])
    assert ([record.id for record in found], taken) == ([ids[ANNE]], 2)
