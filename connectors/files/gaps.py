"""What of a folder cannot be read, or not any more, and what its admin can do about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors._records import Gap
from connectors.files.folder import MOST_FILES


@dataclass(slots=True)
class Standing:
    """Files that are passed over for as long as they are as they are.

    Attributes:
        strange: CSV files whose columns are not known.
        unread: Files that the system refuses.
        is_too_many: There are more files than are looked at.
    """

    strange: Sequence[str] = ()
    unread: Sequence[str] = ()
    is_too_many: bool = False

    def gaps(self) -> Iterator[Gap]:
        """Tell of each."""
        for name in self.strange:
            yield Gap(
                name,
                f"The columns of {name} are none that Tieline knows: name them as the "
                "documentation does, or take the file away.",
            )
        yield from map(unread, self.unread)
        if self.is_too_many:
            told = f"The folder has more than {MOST_FILES:,} files: the others are not read."
            yield Gap("other files", told)


def gone(name: str) -> Gap:
    """Tell of a file that was there."""
    return Gap(name, f"{name} is gone: what was read from it stays, and no more comes.")


def anew(name: str) -> Gap:
    """Tell of a file that is not the one it was."""
    told = f"{name} is shorter, or another file, than it was: it is read from its beginning."
    return Gap(name, told)


def unread(name: str) -> Gap:
    """Tell of a file that the system refuses."""
    return Gap(name, f"{name} cannot be read: allow Tieline's user to, or take the file away.")
