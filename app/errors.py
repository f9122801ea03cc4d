"""The service's errors, by what the caller does next; one handler renders them."""

from __future__ import annotations

from collections.abc import Sequence


class AppError(Exception):
    """The root of this room's errors: a stable public `code`, an HTTP `status`, a message safe to show.

    `errors` are (JSON pointer, message) pairs and never hold a value of the request.
    """

    code = "internal"
    status = 500
    title = "Something went wrong"

    def __init__(
        self, message: str, *, errors: Sequence[tuple[str, str]] = (), code: str = "", retry_after_seconds: int = 0
    ) -> None:
        super().__init__(message)
        self.message = message
        self.errors = tuple(errors)
        self.retry_after_seconds = retry_after_seconds
        self.code = code or type(self).code

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.errors, self.code, self.retry_after_seconds)


def _rebuild(
    kind: type[AppError], message: str, errors: tuple[tuple[str, str], ...], code: str, retry_after_seconds: int
) -> AppError:
    return kind(message, errors=errors, code=code, retry_after_seconds=retry_after_seconds)


class ConfigurationError(AppError):
    """The operator fixes the settings; the service does not start."""

    code = "configuration"


class RejectedError(AppError):
    """The caller fixes the request."""

    code, status, title = "invalid_request", 422, "The request cannot be read"


class UnauthenticatedError(AppError):
    """The caller signs in; `code` says what was wrong with the token."""

    code, status, title = "unauthenticated", 401, "Sign in first"


class ForbiddenError(AppError):
    """The caller lacks a scope."""

    code, status, title = "forbidden", 403, "Not allowed"


class NotFoundError(AppError):
    """There is no such thing, or it is somebody else's."""

    code, status, title = "not_found", 404, "Not found"


class ConflictError(AppError):
    """The caller reloads and looks again."""

    code, status, title = "conflict", 409, "The state has changed"


class TooLargeError(AppError):
    """The caller asks for less at a time."""

    code, status, title = "too_large", 413, "Too large"


class UnavailableError(AppError):
    """The caller waits, then repeats."""

    code, status, title = "unavailable", 503, "Not available now"


class RateLimitedError(AppError):
    """The caller slows down."""

    code, status, title = "rate_limited", 429, "Too many requests"
