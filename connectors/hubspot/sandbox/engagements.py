"""Activities as HubSpot's engagements: the properties that each kind of them has."""

from datetime import timedelta

from connectors._records import Activity, Channel, Role
from connectors.hubspot.sandbox import facts, state
from connectors.hubspot.sandbox.register import Register, joined

MESSENGERS = {
    Channel.SMS: "SMS",
    Channel.CHAT: "WHATS_APP",
    Channel.LINKEDIN: "LINKEDIN_MESSAGE",
}
"""The channels of communications; of chats HubSpot knows only this one."""

TYPES = {
    Channel.EMAIL: facts.EMAIL,
    Channel.MEETING: facts.MEETING,
    Channel.CALL: facts.CALL,
} | dict.fromkeys(MESSENGERS, facts.COMMUNICATION)

BOXES = {Role.FROM: "from", Role.TO: "to", Role.CC: "cc", Role.BCC: "bcc", Role.PARTY: "to"}

SEQUENCE = "301"
"""The sequence that sent what was sent to many: mail of campaigns is no engagement."""

Values = dict[str, str | None]


def properties(activity: Activity, register: Register) -> Values:
    """Give the properties of the engagement that an activity becomes."""
    at: Values = {"hs_timestamp": state.iso(state.to_ms(activity.at))}
    match activity.channel:
        case Channel.EMAIL:
            return at | _email(activity, register)
        case Channel.MEETING:
            return at | _meeting(activity, register)
        case Channel.CALL:
            return at | _call(activity, register)
        case channel:
            return at | {
                "hs_communication_channel_type": MESSENGERS[channel],
                "hs_communication_logged_from": "CRM",
                "hs_communication_conversations_thread_id": activity.thread,
                "hubspot_owner_id": _first_owner(activity, register),
            }


def _email(activity: Activity, register: Register) -> Values:
    """Give an email's properties; who sent it tells its direction."""
    senders = [p for p in activity.participants if p.role is Role.FROM]
    is_ours = not senders or any(register.owner(p) for p in senders)
    values: Values = {
        "hs_email_direction": "EMAIL" if is_ours else "INCOMING_EMAIL",
        "hs_email_status": "SENT" if activity.happened else "BOUNCED",
        "hs_email_thread_id": activity.thread,
        "hs_sequence_id": SEQUENCE if activity.is_bulk else None,
        "hubspot_owner_id": _first_owner(activity, register),
    }
    for box in dict.fromkeys(BOXES.values()):
        inside = [p for p in activity.participants if BOXES[p.role] == box]
        values[f"hs_email_{box}_email"] = joined(inside, register.address)
        values[f"hs_owner_ids_{box}"] = joined(inside, register.owner)
    return values


def _meeting(activity: Activity, register: Register) -> Values:
    begin = state.to_ms(activity.at)
    end = state.to_ms(activity.at + timedelta(seconds=activity.duration_s))
    return {
        "hs_meeting_start_time": state.iso(begin),
        "hs_meeting_end_time": state.iso(end),
        "hs_meeting_outcome": "COMPLETED" if activity.happened else "CANCELED",
        "hubspot_owner_id": _first_owner(activity, register),
        "hs_attendee_owner_ids": joined(activity.participants, register.owner),
    }


def _call(activity: Activity, register: Register) -> Values:
    """Give a call's properties; it has one owner, and a direction if the record has one."""
    sides = {p.role for p in activity.participants if register.owner(p)}
    direction = "OUTBOUND" if Role.FROM in sides else "INBOUND" if Role.TO in sides else None
    return {
        "hs_call_direction": direction,
        "hs_call_duration": str(round(activity.duration_s * 1000)),
        "hs_call_status": "COMPLETED" if activity.happened else "NO_ANSWER",
        "hubspot_owner_id": _first_owner(activity, register),
    }


def _first_owner(activity: Activity, register: Register) -> str | None:
    """Give whose activity it is: the sender's or host's, else that of any colleague."""
    owners = [(p.role is not Role.FROM, register.owner(p)) for p in activity.participants]
    return next((owner for _, owner in sorted(owners, key=lambda o: o[0]) if owner), None)
