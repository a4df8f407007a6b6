"""Coverage: what does not reach us makes a score less sure, and never smaller."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.store import tables
from connectors import Activity, Channel, Gap, Stream
from tests.conftest import Run
from tests.fakes import FakeConnector, colleague, contact, email


def crm(*, meets: bool) -> FakeConnector:
    """Ada and Bo write to each other, and meet or not."""
    mails = [email(n, *("Ada", "Bo")[:: 1 if n % 2 else -1], days_ago=n + 1) for n in range(6)]
    meeting = replace(email(9, "Ada", "Bo"), channel=Channel.MEETING, duration_s=1800.0)
    return FakeConnector([colleague("Ada"), contact("Bo"), *mails, *[meeting][: int(meets)]])


def tie(database: Engine) -> tables.Tie:
    with Session(database) as session:
        return session.exec(select(tables.Tie)).one()


def states(database: Engine) -> dict[str, str]:
    with Session(database) as session:
        return {row.channel: row.state for row in session.exec(select(tables.Coverage))}


def test_what_reaches_us_is_kept_by_colleague_and_channel(database: Engine, run: Run):
    run(crm(meets=True))
    assert states(database) == {"email": "captured", "meeting": "captured", "call": "silent"}


def test_a_silent_calendar_makes_a_score_less_sure(database: Engine, run: Run):
    run(crm(meets=False))
    assert states(database)["meeting"] == "silent"
    days = tie(database).active_days
    assert tie(database).confidence == pytest.approx(0.75 * days / (days + 4))


def test_a_calendar_we_are_not_shown_makes_it_less_sure_still_and_no_smaller(
    database: Engine, run: Run
):
    run(crm(meets=False))
    before = tie(database)
    dark = crm(meets=False)
    dark.gaps = {Stream.MEETINGS: (Gap("Event", "Grant it.", is_whole=True),)}
    run(dark)
    assert states(database)["meeting"] == "unavailable"
    assert tie(database).confidence < before.confidence
    assert tie(database).strength == before.strength


def test_mail_that_we_are_not_shown_makes_a_score_less_sure_and_no_smaller(
    database: Engine, run: Run
):
    mails = crm(meets=False).records
    talks = [replace(one, channel=Channel.MEETING) for one in mails if isinstance(one, Activity)]
    run(FakeConnector([*mails[:2], *talks]))
    before = tie(database)
    gaps = {Stream.EMAILS: (Gap("emails", "Grant the scope.", is_whole=True),)}
    run(FakeConnector([*mails[:2], *talks], gaps=gaps))
    assert states(database)["email"] == "unavailable"
    assert tie(database).confidence < before.confidence
    assert tie(database).strength == before.strength


def test_a_channel_that_another_crm_shows_is_not_unavailable(database: Engine, run: Run):
    dark = crm(meets=False)
    dark.gaps = {Stream.MEETINGS: (Gap("Event", "Grant it.", is_whole=True),)}
    run(dark, crm(meets=False))
    assert states(database)["meeting"] == "silent"


def test_a_doubt_says_that_a_calendar_is_not_shown(database: Engine, run: Run):
    dark = crm(meets=False)
    dark.gaps = {Stream.MEETINGS: (Gap("Event", "Grant it.", is_whole=True),)}
    run(dark)
    assert tie(database).doubts.splitlines() == [
        "contact on 6 days only",
        "the calendar is not shown to us",
    ]


def test_two_whom_only_others_record_tell_of_it(database: Engine, run: Run):
    records = [contact("Bo"), contact("Cy"), email(1, "Bo", "Cy", days_ago=2)]
    run(FakeConnector([colleague("Ada"), *records]))
    assert tie(database).confidence == 0
    assert "neither one's mailbox or calendar is connected" in tie(database).doubts
