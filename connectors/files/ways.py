"""How somebody has Tieline read files."""

from connectors._ways import Way

_FOLDER = (
    "Put mailboxes (mbox), calendars (ics), exports of LinkedIn or tables (csv) into a folder on "
    "the machine that Tieline runs on; a container needs it mounted."
)

WAYS = (
    Way(
        name="folder",
        title="A folder",
        about="See a team's network before any CRM is connected. Nothing is written.",
        steps=(
            _FOLDER,
            "Enter your own domains and addresses: whoever has one of these is a colleague.",
        ),
        asked=("folder", "own"),
    ),
)
