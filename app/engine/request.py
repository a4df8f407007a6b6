"""The words with which a colleague can ask for an introduction; nothing is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.engine.routes import Route
from app.engine.weights import DAY_S

QUIET_DAYS = 30
"""A tie that has been silent for longer could do with a reason to be in touch."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a request may say.

    Attributes:
        names: What everybody on the route is called.
        account: Where the target works; None if that is not known.
        opens: Accounts where the asker knows somebody well and the introducer nobody.
        owed: What the introducer owes the asker; below 0 if the asker owes.
        as_of_s: The moment, seconds since 1970 (UTC).
    """

    names: Mapping[int, str]
    account: str | None = None
    opens: Sequence[str] = ()
    owed: float = 0.0
    as_of_s: int = 0


def request_text(route: Route, facts: Facts) -> str:
    """Words for the introducer, for the asker to complete: what it is about is theirs to say.

    It says what is asked, what is in it for the introducer, and that they may say no.
    """
    asker, introducer = facts.names[route.legs[0].source], facts.names[route.introducer]
    return "\n\n".join(
        [
            f"Hello {introducer},",
            _question(route, facts),
            _gain(route, facts),
            f"Thank you,\n{asker}",
        ]
    )


def _question(route: Route, facts: Facts) -> str:
    target = facts.names[route.target] + (f" of {facts.account}" if facts.account else "")
    if len(route.legs) == 2:  # noqa: PLR2004 - introducer and target
        asked = f"you know {target}. Could you introduce me?"
    else:
        between = facts.names[route.legs[1].target]
        asked = f"you know {between}, who knows {target}. Could you ask them to introduce me?"
    return f"{asked} It is about […]. If it does not suit you, do say no."


def _gain(route: Route, facts: Facts) -> str:
    """What is in it for the introducer; never a debt of theirs."""
    told = []
    next_leg = route.legs[1]
    if next_leg.last_s is not None:
        silent = (facts.as_of_s - next_leg.last_s) // DAY_S
        if silent > QUIET_DAYS:
            whom = facts.names[next_leg.target]
            told.append(
                f"For you it is a reason to be in touch with {whom} again, after {silent} days."
            )
    if facts.opens:
        there = " or ".join(facts.opens)
        told.append(f"In return I can introduce you to somebody at {there}, if that is of use.")
    if facts.owed < 0:
        told.append("I have not forgotten that you helped me before.")
    told.append("I will tell you what comes of it.")
    return " ".join(told)
