"""What an admin enters to read files."""

import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

LABEL = r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?"
DOMAIN = re.compile(rf"{LABEL}(\.{LABEL})*", re.ASCII)


class Credentials(BaseModel):
    """A folder, and whose files are in it; nothing of it is secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: str = Field(
        min_length=1,
        title="Folder",
        description="On the machine that Tieline runs on, with files of the kinds it knows.",
    )
    own: str = Field(
        title="Your own domains and addresses",
        description="As acme.com, anna@gmail.com: who has one of these is a colleague.",
    )

    @field_validator("folder")
    @classmethod
    def _is_whole(cls, folder: str) -> str:
        """Keep where it is, from wherever it is read next."""
        return str(Path(folder).expanduser().absolute())

    @field_validator("own")
    @classmethod
    def _is_someones(cls, own: str) -> str:
        """Write domains and addresses one way, in alphabetical order.

        Raises:
            ValueError: If one of them is neither, or there is none.
        """
        listed = {one.lower().removeprefix("@") for one in re.split(r"[\s,;]+", own) if one}
        if not listed:
            raise ValueError("Enter at least one domain or address.")
        for one in listed:
            local, at, domain = one.rpartition("@")
            if (at and not local) or not DOMAIN.fullmatch(domain):
                raise ValueError("One of these is neither a domain nor an address.")
        return ", ".join(sorted(listed))

    def listed(self) -> tuple[str, ...]:
        """Give the domains and addresses one by one."""
        return tuple(self.own.split(", "))
