"""What can go wrong at the edge to the outside world, by what to do next."""

from __future__ import annotations


class ConnectorError(Exception):
    """The root of this room's errors; `code` is stable and public, the message safe to show."""

    code = "connector_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidPayloadError(ConnectorError):
    """The body is no payload at all: the caller mends it. `errors` are (JSON pointer, message) pairs."""

    code = "invalid_payload"

    def __init__(self, message: str, *, errors: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.errors = errors

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_invalid_payload, (self.message, self.errors)


def _rebuild_invalid_payload(message: str, errors: tuple[tuple[str, str], ...]) -> InvalidPayloadError:
    return InvalidPayloadError(message, errors=errors)


class PayloadTooLargeError(ConnectorError):
    """More bytes or accounts than the limit: the caller asks for less at a time."""

    code = "payload_too_large"


class SourceUnavailableError(ConnectorError):
    """A system did not answer: repeat later."""

    code = "source_unavailable"


class SourceRefusedError(ConnectorError):
    """A system answered no: the operator mends credentials, rights or the mapping."""

    code = "source_refused"


class InvalidSourceConfigError(ConnectorError):
    """A file that configures sources is wrong: the message names file, line and field."""

    code = "invalid_source_config"
