"""The errors that the stand-in answers, in Salesforce's two shapes."""

from __future__ import annotations


class ApiError(Exception):
    """Answered as an array of `{message, errorCode}`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class OAuthError(Exception):
    """Answered by the token endpoint as `{error, error_description}`."""

    def __init__(self, code: str, description: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.status, self.code, self.description = status, code, description
