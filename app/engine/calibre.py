"""Calibre: how far somebody decides at work, read from their title; unknown is unknown, never 0."""

import re
from typing import Final

ASSISTS, DOES, LEADS, HEADS, DECIDES = 0.2, 0.4, 0.6, 0.8, 1.0

WORDS: Final = (
    (DOES, "product owner, process owner, office manager"),
    (HEADS, "vice president, vp, svp, evp, avp, assistant director"),
    (
        ASSISTS,
        (
            "assistant, assistenz, assistentin, intern, trainee, apprentice, student, praktikant, "
            "praktikantin, stagiaire, secretary"
        ),
    ),
    (
        DECIDES,
        (
            "chief, ceo, cfo, cio, cmo, coo, cro, cso, cto, chro, cdo, cpo, ciso, president, "
            "founder, cofounder, co-founder, owner, partner, managing director, executive "
            "director, general manager, geschäftsführer, geschäftsführerin, vorstand, inhaber, "
            "inhaberin, gérant, pdg, general counsel"
        ),
    ),
    (
        HEADS,
        (
            "director, direktor, direktorin, directeur, directrice, directora, head, prokurist, "
            "prokuristin, abteilungsleiter, abteilungsleiterin, bereichsleiter, bereichsleiterin"
        ),
    ),
    (
        LEADS,
        (
            "manager, managerin, lead, leader, leiter, leiterin, principal, senior, supervisor, "
            "teamleiter, teamleiterin"
        ),
    ),
    (
        DOES,
        (
            "accountant, administrator, advisor, adviser, agent, analyst, architect, associate, "
            "berater, beraterin, buyer, clerk, consultant, controller, coordinator, designer, "
            "developer, engineer, entwickler, entwicklerin, ingenieur, officer, planner, "
            "recruiter, representative, researcher, sachbearbeiter, sachbearbeiterin, scientist, "
            "specialist, technician"
        ),
    ),
)
"""What the words of a title tell, 0 to 1; the first line of which one is found counts, so that a
vice president is no president, and the assistant of somebody assists."""

_LINES: Final = tuple(
    (calibre, re.compile(rf"\b(?:{'|'.join(re.escape(word) for word in words.split(', '))})\b"))
    for calibre, words in WORDS
)


def calibre(title: str | None) -> float | None:
    """How far somebody of this title decides, 0 to 1; None where the title does not say."""
    lowered = (title or "").lower()
    return next((value for value, line in _LINES if line.search(lowered)), None)
