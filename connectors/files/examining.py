"""What a folder holds, looked at for an admin: what each file is, tells, and does not."""

from collections.abc import Callable, Iterator
from datetime import datetime

from connectors._errors import ConnectorError
from connectors._records import Finding, Verdict
from connectors.files.folder import MOST_FILES, Folder, Kind, Source
from connectors.files.found import Ours, Place
from connectors.files.kinds import Files


def examine(folder: Folder, ours: Ours, now: Callable[[], datetime]) -> Iterator[Finding]:
    """Look at every file; see `Connector.examine`."""
    try:
        sources = folder.sources()
    except ConnectorError as error:
        yield Finding("Folder", Verdict.BAD, "The folder cannot be read.", str(error))
        return
    told = f"{len(sources):,} files."
    if len(sources) > MOST_FILES:
        advice = "Put the others into a folder, and connection, of their own."
        told = f"There are more than {MOST_FILES:,} files: the others are not read."
        yield Finding("Folder", Verdict.WARNING, told, advice)
    elif sources:
        yield Finding("Folder", Verdict.GOOD, told)
    else:
        advice = "Put mbox, iCalendar, CSV or LinkedIn's files into it."
        yield Finding("Folder", Verdict.WARNING, "The folder is empty.", advice)
    files, has_own = Files(ours, now), False
    for source in sources[:MOST_FILES]:
        seen = _Seen()
        yield _looked_at(folder, files, source, seen, ours)
        has_own |= seen.has_own
    if sources and not has_own:
        yield Finding(
            "Colleagues",
            Verdict.BAD,
            "No file names anybody at your own domains and addresses: there is nobody whose ties "
            "could be scored.",
            "Connect again with the domains and addresses that the files are of.",
        )


class _Seen:
    """What a file told."""

    def __init__(self) -> None:
        self.rows = self.unreadable = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.has_own = False

    def note(self, at: datetime) -> None:
        self.first = min(self.first or at, at)
        self.last = max(self.last or at, at)


def _looked_at(folder: Folder, files: Files, source: Source, seen: _Seen, ours: Ours) -> Finding:
    try:
        with folder.opened(source) as file:
            about = files.about(source, file)
            for found in files.read(about, file, Place()):
                seen.rows += 1
                seen.unreadable += bool(found.reason)
                for activity in found.activities:
                    seen.note(activity.at)
                seen.has_own |= any(
                    one.is_own or any(ours.has(a) for a in one.addresses) for one in found.people
                )
    except OSError as error:
        told = f"The file cannot be read: {error.strerror or 'the system refuses it'}."
        return Finding(source.name, Verdict.BAD, told, "Allow Tieline's user to read it.")
    if about.kind is Kind.CONNECTIONS and not about.own_address:
        told = f"{about.kind.value}: {seen.rows:,} rows, and nobody knows whose."
        advice = "Put it into a folder that is called by its owner's address."
        return Finding(source.name, Verdict.WARNING, told, advice)
    return _told(source.name, about.kind, seen)


def _told(name: str, kind: Kind, seen: _Seen) -> Finding:
    if kind is Kind.UNKNOWN:
        return Finding(
            name, Verdict.WARNING, "This is no file that Tieline reads; it is passed over."
        )
    if kind is Kind.STRANGE_TABLE:
        advice = "Name the columns as the documentation does."
        return Finding(
            name, Verdict.WARNING, "None of its lines names columns that are known.", advice
        )
    covers = f", {seen.first:%Y-%m-%d} to {seen.last:%Y-%m-%d}" if seen.first and seen.last else ""
    told = f"{kind.value}: {seen.rows:,} rows{covers}."
    if not seen.rows:
        return Finding(
            name, Verdict.WARNING, told, "It is empty, or written as no other such file."
        )
    if seen.unreadable:
        told += f" {seen.unreadable:,} of them cannot be read, and are left out."
        return Finding(name, Verdict.WARNING, told, "The run's list of malformed rows says why.")
    return Finding(name, Verdict.GOOD, told)
