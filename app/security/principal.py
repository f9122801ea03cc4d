"""The caller of a request: a person in a tenant, the client that calls for them, and what they may see."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import ForbiddenError

ALL_SCOPES = frozenset(
    {"churn:run", "drafts:read", "drafts:decide", "actions:read", "events:write", "audit:read", "pii:read", "admin"}
)


@dataclass(frozen=True)
class Principal:
    """Who calls, and for whom.

    Attributes:
        person: The token's `sub`; a client that calls for nobody is its own "person".
        client: The calling application (`act.sub`, else `azp` or `client_id`); "" on loopback without sign-in.
        alone: Whether a client calls for no person; it may run, never decide.
        owner_ids: The CRM ids behind "my accounts".
        regions, segments: Row-level limits; empty means no limit.
    """

    tenant: str
    person: str
    scopes: frozenset[str]
    owner_ids: tuple[str, ...] = ()
    client: str = ""
    alone: bool = False
    email: str = ""
    regions: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()

    def require(self, scope: str) -> None:
        """Raise ForbiddenError unless the caller holds the scope."""
        if scope not in self.scopes:
            raise ForbiddenError(f"This needs the scope {scope}.", code="insufficient_scope")

    def require_person(self) -> None:
        """Raise ForbiddenError when a client calls for nobody: it may run, never decide."""
        if self.alone:
            raise ForbiddenError(
                "A client alone may not decide: a person does, with a token of theirs.", code="person_required"
            )


LOCAL = Principal(tenant="default", person="local", scopes=ALL_SCOPES)
"""The caller on loopback without sign-in."""
