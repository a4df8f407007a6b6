"""A sandbox CRM's clock."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The sandbox's idea of now: the real time, moved by hand, or standing still."""

    def __init__(self) -> None:
        self._shift = timedelta()
        self._stopped_at: datetime | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether time passes only by `advance` and `set`."""
        return self._stopped_at is not None

    def now(self) -> datetime:
        """Give the sandbox's time (aware, UTC)."""
        return self._stopped_at or datetime.now(UTC) + self._shift

    def advance(self, by: timedelta) -> None:
        """Let time pass, for the sandbox only."""
        self._shift += by
        if self._stopped_at is not None:
            self._stopped_at += by

    def set(self, at: datetime) -> None:
        """Make it another time (aware) from here on."""
        now = self.now()
        self._shift += at - now
        if self._stopped_at is not None:
            self._stopped_at = at.astimezone(UTC)

    def stop(self) -> None:
        """Let no time pass by itself, so that the same calls get the same answers."""
        self._stopped_at = self.now()

    def go(self) -> None:
        """Let time pass again, from where it was stopped."""
        if self._stopped_at is not None:
            self._shift = self._stopped_at - datetime.now(UTC)
            self._stopped_at = None
