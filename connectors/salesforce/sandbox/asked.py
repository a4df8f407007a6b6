"""A statement as the org has to answer it."""

from dataclasses import dataclass

from connectors.salesforce.sandbox.org import Org, View


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement, and who asks it of whom.

    Attributes:
        org: Whose rows are asked for.
        view: What the caller sees of them.
        text: The statement.
        version: Of the API, for the addresses of records.
        is_all: Whether deleted and archived rows are found as well.
        sub_page: Rows of a page, its parent row among them, that a child query gives at once; 0
            for all it has.
    """

    org: Org
    view: View
    text: str
    version: str
    is_all: bool = False
    sub_page: int = 0
