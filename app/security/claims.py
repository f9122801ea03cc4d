"""Turns a token's claims into the caller; a claim of the wrong type refuses the token instead of widening rights."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.errors import UnauthenticatedError
from app.security.principal import ALL_SCOPES, Principal

_LONGEST_NAME = 200
_LONGEST_TENANT = 80
_MOST_VALUES = 1_000
_CLIENT_CLAIMS = ("azp", "client_id", "appid", "cid")
_SEPARATORS = re.compile(r"[\s,]+")


def principal_from(claims: Mapping[str, Any], *, tenant: str = "") -> Principal:
    """The caller that verified claims describe.

    Args:
        claims: Of a token whose signature, issuer, audience and times hold.
        tenant: The tenant of tokens that name none; "" refuses them.

    Raises:
        UnauthenticatedError: A claim is missing, of the wrong type, too long, or empty where that would mean no limit.
    """
    person = _name(claims, "sub")
    if not person:
        raise _unusable("sub")
    named = [name for claim in _CLIENT_CLAIMS if (name := _name(claims, claim))]
    acting = _acting(claims)
    client = acting or (named[0] if named else "")
    home = _name(claims, "tenant", longest=_LONGEST_TENANT) or tenant
    if not home:
        raise _unusable("tenant")
    return Principal(
        tenant=home,
        person=person,
        scopes=_scopes(claims) & ALL_SCOPES,
        owner_ids=_values(claims, "owner_ids") if claims.get("owner_ids") is not None else (),
        client=client,
        alone=acting == person or (not acting and _calls_alone(claims, person, named)),
        email=_name(claims, "email"),
        regions=_limit(claims, "regions"),
        segments=_limit(claims, "segments"),
    )


def _acting(claims: Mapping[str, Any]) -> str:
    """The client that acts for the person: `act.sub` of RFC 8693."""
    actor = claims.get("act")
    if actor is None:
        return ""
    client = actor.get("sub") if isinstance(actor, Mapping) else None
    if not isinstance(client, str) or not _is_name(client):
        raise _unusable("act")
    return client


def _calls_alone(claims: Mapping[str, Any], person: str, named: list[str]) -> bool:
    """Whether a client calls for no person, in the ways in which issuers say so."""
    grant = str(claims.get("gty", "")).replace("_", "-")
    return (
        person in named
        or "client-credentials" in grant
        or claims.get("idtyp") == "app"
        or any(claims.get("preferred_username") == f"service-account-{name}".lower() for name in named)
    )


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    name = "scope" if claims.get("scope") is not None else "scp"
    return frozenset(_values(claims, name)) if claims.get(name) is not None else frozenset()


def _limit(claims: Mapping[str, Any], claim: str) -> tuple[str, ...]:
    """A row-level limit; one that is there and names nothing is refused, as nothing would mean everything."""
    if claim not in claims:
        return ()
    values = _values(claims, claim)
    if not values:
        raise _unusable(claim)
    return values


def _values(claims: Mapping[str, Any], claim: str) -> tuple[str, ...]:
    """A list of texts; or one text, split at commas where it has any, else at spaces."""
    value = claims[claim]
    if isinstance(value, str):
        value = value.split(",") if "," in value else _SEPARATORS.split(value)
        value = [part for part in value if part.strip()]
    if not isinstance(value, list) or len(value) > _MOST_VALUES or not all(map(_is_name, value)):
        raise _unusable(claim)
    return tuple(dict.fromkeys(part.strip() for part in value))


def _name(claims: Mapping[str, Any], claim: str, *, longest: int = _LONGEST_NAME) -> str:
    value = claims.get(claim)
    if value is None or value == "":
        return ""
    if not _is_name(value) or len(value) > longest:
        raise _unusable(claim)
    return str(value)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= _LONGEST_NAME and value.isprintable()


def _unusable(claim: str) -> UnauthenticatedError:
    return UnauthenticatedError(
        f"The token's claim {claim} is missing, empty or of a type that is not taken.", code="token_claims"
    )
