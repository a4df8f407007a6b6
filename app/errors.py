"""What Tieline refuses or cannot do, each with the HTTP status it is answered with.

    AppError
      NotFound      404   there is no such person, account, run or connection
      Unproven      401   a delivery does not prove that it is its CRM's
      Forbidden     403   the key is missing or wrong, or the door is locked on purpose
      Conflict      409   it is there already, or somebody else is at it
      Unreadable    422   a file or a value cannot be read
      NotReady      503   a setting is missing, or the store cannot be used yet

A message is one sentence that says what to do. It holds no secret and nobody's address.
"""


class AppError(Exception):
    """Anything that a room of the service raises for its caller."""

    status = 500


class NotFound(AppError):
    """There is no such thing."""

    status = 404


class Unproven(AppError):
    """What came does not prove whose it is."""

    status = 401


class Forbidden(AppError):
    """The caller may not do this."""

    status = 403


class Conflict(AppError):
    """It is there already, or somebody else is at it."""

    status = 409


class Unreadable(AppError):
    """A file or a value cannot be read as what it should be."""

    status = 422


class NotReady(AppError):
    """Something must be set up first, or is not reachable now."""

    status = 503
