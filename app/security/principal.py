"""The caller of a request: a person in a tenant, with scopes."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import ForbiddenError

ALL_SCOPES = frozenset(
    {"churn:run", "drafts:read", "drafts:decide", "actions:read", "events:write", "audit:read", "pii:read", "admin"}
)


@dataclass(frozen=True)
class Principal:
    """A person; `owner_ids` are the CRM ids behind "my accounts"."""

    tenant: str
    person: str
    scopes: frozenset[str]
    owner_ids: tuple[str, ...] = ()

    def require(self, scope: str) -> None:
        """Raise ForbiddenError unless the caller holds the scope."""
        if scope not in self.scopes:
            raise ForbiddenError(f"This needs the scope {scope}.")


LOCAL = Principal(tenant="default", person="local", scopes=ALL_SCOPES)
"""The caller on loopback without sign-in."""
