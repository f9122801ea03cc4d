"""Who calls the shim: the claims of a verified token, as far as this side of the service needs them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

_LONGEST_VALUE = 200
_MOST_VALUES = 1_000
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Caller:
    """A person and the client that calls for them, or a client alone.

    Attributes:
        regions, segments: The only ones the caller may see; empty means no limit.
        token: As it came, to be forwarded.
    """

    subject: str
    client: str
    tenant: str
    scopes: frozenset[str]
    regions: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    token: str = field(default="", repr=False)

    @property
    def key(self) -> str:
        """What tells callers apart, and one's rights from what they were before, without saying who they are."""
        limits = (sorted({value.casefold() for value in values}) for values in (self.regions, self.segments))
        said = (self.tenant, self.subject, self.client, *("\x1e".join(values) for values in limits))
        return sha256("\x1f".join(said).encode()).hexdigest()


class InvalidClaimError(ValueError):
    """A claim is missing or of a type that is not taken; the message names it."""


def caller_of(claims: Mapping[str, Any], token: str, *, tenant: str = "") -> Caller:
    """The caller that verified claims describe.

    Args:
        tenant: The tenant of tokens that name none; "" refuses them.

    Raises:
        InvalidClaimError: A claim cannot be read, or a limit names nothing, which would mean everything.
    """
    home = _text(claims, "tenant") or tenant
    if not home:
        raise InvalidClaimError("tenant")
    actor = claims.get("act")
    client = _text(actor, "sub") if isinstance(actor, Mapping) else ""
    return Caller(
        subject=_text(claims, "sub"),
        client=client or _text(claims, "azp") or _text(claims, "client_id"),
        tenant=home,
        scopes=frozenset(_values(claims, "scope" if claims.get("scope") is not None else "scp")),
        regions=_limit(claims, "regions"),
        segments=_limit(claims, "segments"),
        token=token,
    )


def _text(claims: Mapping[str, Any], claim: str) -> str:
    value = claims.get(claim, "")
    if not isinstance(value, str) or len(value) > _LONGEST_VALUE or not value.isprintable():
        raise InvalidClaimError(claim)
    return value.strip()


def _limit(claims: Mapping[str, Any], claim: str) -> tuple[str, ...]:
    if claim not in claims:
        return ()
    values = _values(claims, claim)
    if not values:
        raise InvalidClaimError(claim)
    return values


def _values(claims: Mapping[str, Any], claim: str) -> tuple[str, ...]:
    """A list of texts; or one text, split at commas where it has any, else at spaces."""
    value = claims.get(claim, "")
    if isinstance(value, str):
        value = value.split(",") if "," in value else _SPACES.split(value)
    if not isinstance(value, list) or len(value) > _MOST_VALUES:
        raise InvalidClaimError(claim)
    if not all(isinstance(part, str) and len(part) <= _LONGEST_VALUE for part in value):
        raise InvalidClaimError(claim)
    return tuple(dict.fromkeys(part.strip() for part in value if part.strip()))
