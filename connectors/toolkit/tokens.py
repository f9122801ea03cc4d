"""Verifies bearer tokens: signature by a key set, issuer, audience and time; nothing about scopes or tenants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class TokenRules:
    """What a token must be like.

    Attributes:
        jwks_url: Where the issuer's public keys are served; else `jwks_file` holds them.
        leeway_seconds: By how much clocks may differ.
    """

    issuer: str
    audience: str
    jwks_url: str = ""
    jwks_file: Path | None = None
    leeway_seconds: float = 60.0
    algorithms: tuple[str, ...] = ("RS256", "ES256")


class InvalidTokenError(Exception):
    """The token is not taken; `code` is stable (`token_expired`, `token_signature`, …), the message safe to show."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class KeysUnavailableError(Exception):
    """The key set cannot be had, so that no token can be judged: repeat later."""


class TokenVerifier(Protocol):
    """Turns a bearer token into its claims."""

    async def claims(self, token: str) -> Mapping[str, Any]:
        """The claims of a token that holds.

        Raises:
            InvalidTokenError: It does not.
            KeysUnavailableError: Nobody can tell.
        """
        ...
