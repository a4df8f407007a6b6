"""How Salesforce says no: to a request, and to one row of a request."""


class Refusal(Exception):
    """A whole request refused: an array with one error, ``errorCode`` and ``message``."""

    def __init__(
        self, status: int, code: str, message: str, fields: tuple[str, ...] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.fields = fields

    def body(self) -> list[dict[str, object]]:
        """Give the JSON body."""
        error: dict[str, object] = {"message": str(self), "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = list(self.fields)
        return [error]


class RowRefusal(Exception):
    """One row refused; in a collection the key is ``statusCode``, alone it is ``errorCode``.

    Attributes:
        others: What else it is refused for.
    """

    def __init__(self, code: str, message: str, *fields: str) -> None:
        super().__init__(message)
        self.code = code
        self.fields = fields
        self.others: tuple[RowRefusal, ...] = ()

    def errors(self) -> list[dict[str, object]]:
        """Give the errors of a row in a collection."""
        return [
            {"statusCode": one.code, "message": str(one), "fields": list(one.fields)}
            for one in (self, *self.others)
        ]

    def alone(self) -> list[dict[str, object]]:
        """Give the body of the answer to a request about this row only."""
        return [
            {"message": str(one), "errorCode": one.code, "fields": list(one.fields)}
            for one in (self, *self.others)
        ]

    @property
    def status(self) -> int:
        """The status of the answer to a request about this row only."""
        return 404 if self.code in {"ENTITY_IS_DELETED", "NOT_FOUND"} else 400


class GrantRefusal(Exception):
    """The token endpoint says no: an object, not an array."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error

    def body(self) -> dict[str, str]:
        """Give the JSON body."""
        return {"error": self.error, "error_description": str(self)}
