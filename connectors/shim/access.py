"""The gate before every door: a token that holds, the scope, and so many requests a minute for every caller."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from connectors.shim.callers import Caller, InvalidClaimError, caller_of
from connectors.shim.problems import ShimError
from connectors.toolkit.rate_limits import RateLimit
from connectors.toolkit.tokens import InvalidTokenError, KeysUnavailableError, TokenVerifier

_REALM = 'Bearer realm="baton-shim"'
_KEYS_RETRY_SECONDS = "30"


@dataclass(frozen=True)
class Gate:
    """Lets callers in.

    Attributes:
        scope: What a token must hold.
        tenants: Whose callers may come; the systems are the installation's and know no tenants.
        tenant: The tenant of tokens that name none; "" refuses them.
    """

    verifier: TokenVerifier
    limit: RateLimit
    scope: str
    tenants: frozenset[str]
    tenant: str = ""

    async def admit(self, request: Request) -> Caller:
        """The caller, counted.

        Raises:
            ShimError: No token or a bad one (401), too often (429), without the scope or of another tenant (403), no
                keys to judge by (503).
        """
        caller = await self._caller(request)
        if seconds := await self.limit.seconds_to_wait(caller.tenant, caller.subject, caller.client):
            detail = f"Too many requests; try again in {seconds} seconds."
            raise ShimError(429, "rate_limited", detail, headers={"Retry-After": str(seconds)})
        if self.scope not in caller.scopes:
            challenge = f'{_REALM}, error="insufficient_scope", scope="{self.scope}"'
            detail = f"This needs the scope {self.scope}."
            raise ShimError(403, "forbidden", detail, headers={"WWW-Authenticate": challenge})
        if caller.tenant not in self.tenants:
            raise ShimError(403, "tenant_unknown", "The systems behind this shim are another tenant's.")
        return caller

    async def _caller(self, request: Request) -> Caller:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            detail = "Send a bearer token in the header Authorization."
            raise ShimError(401, "unauthenticated", detail, headers={"WWW-Authenticate": _REALM})
        try:
            return caller_of(await self.verifier.claims(token), token, tenant=self.tenant)
        except InvalidTokenError as error:
            raise _invalid(error.code, error.message) from None
        except InvalidClaimError as error:
            raise _invalid(
                "token_claims", f"The token's claim {error} is missing, empty or of a type that is not taken."
            ) from None
        except KeysUnavailableError:
            detail = "The issuer's keys cannot be read, so that no token can be judged; try again shortly."
            raise ShimError(503, "keys_unavailable", detail, headers={"Retry-After": _KEYS_RETRY_SECONDS}) from None


def _invalid(code: str, message: str) -> ShimError:
    challenge = f'{_REALM}, error="invalid_token", error_description="{message}"'
    return ShimError(401, code, message, headers={"WWW-Authenticate": challenge})
