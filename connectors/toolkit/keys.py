"""Verifies bearer tokens signed with an issuer's public keys (RS256, ES256); the header chooses no key of its own."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import jwt
from jwt import PyJWK
from jwt.exceptions import (
    DecodeError,
    InvalidAlgorithmError,
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidSignatureError,
    InvalidSubjectError,
    MissingRequiredClaimError,
    PyJWTError,
)

from connectors.toolkit.key_sets import CachedKeys, FileKeys, UrlKeys
from connectors.toolkit.tokens import InvalidTokenError, TokenRules

LONGEST_TOKEN = 16 * 1024
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_LATEST = 2**53
_OF_CLAIM = {"iss": "token_issuer", "aud": "token_audience"}
_SAID: Mapping[str, str] = {
    "token_missing": "Send a bearer token in the header Authorization.",
    "token_malformed": "This is no access token that can be read; send one as the issuer gave it.",
    "token_algorithm": "The token's signature algorithm is not taken; RS256 and ES256 are.",
    "token_signature": "The token's signature does not hold.",
    "token_key_unknown": "The token is signed with a key that the issuer does not publish.",
    "token_expired": "The token has expired; get a new one.",
    "token_not_yet_valid": "The token is not valid yet; compare the clocks.",
    "token_issuer": "The token is from another issuer.",
    "token_audience": "The token is meant for another service.",
    "token_claims": "The token lacks a claim that is needed, or has one of the wrong type.",
}


class JwksVerifier:
    """Takes tokens that fit the rules; keys come from `rules.jwks_url` or `rules.jwks_file`, never from a token.

    Args:
        client: Reads the URL; needed with one. It is lent, and closed by whoever lends it.
        clock: The present instant, in seconds since 1970.
    """

    def __init__(
        self, rules: TokenRules, *, client: httpx.AsyncClient | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        if bool(rules.jwks_url) == (rules.jwks_file is not None):
            raise ValueError("keys come from a URL or from a file: give one of them")
        if rules.jwks_file is not None:
            source: UrlKeys | FileKeys = FileKeys(rules.jwks_file)
        elif client is None:
            raise ValueError("a key set by URL needs a client")
        else:
            source = UrlKeys(rules.jwks_url, client)
        self._rules = rules
        self._clock = clock
        self._keys = CachedKeys(source, algorithms=rules.algorithms, clock=clock)

    async def claims(self, token: str) -> Mapping[str, Any]:
        """The claims of a token that holds.

        Raises:
            InvalidTokenError: It does not.
            KeysUnavailableError: Nobody can tell.
        """
        header = self._header(token)
        algorithm, key_id = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in self._rules.algorithms:
            raise refusal("token_algorithm")
        key = await self._keys.matching(key_id, algorithm)
        if key is None:
            raise refusal("token_key_unknown")
        claims = self._signed(token, key)
        self._check_times(claims)
        if not claims["sub"].strip():
            raise refusal("token_claims")
        return claims

    async def key_count(self) -> int:
        """Read the key set now; how many keys can be used.

        Raises:
            KeysUnavailableError: It cannot be had, or has none.
        """
        return await self._keys.read()

    def _header(self, token: str) -> Mapping[str, Any]:
        if not token:
            raise refusal("token_missing")
        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise refusal("token_malformed")
        try:
            header: Mapping[str, Any] = jwt.get_unverified_header(token)
        except (PyJWTError, ValueError):
            raise refusal("token_malformed") from None
        kind = header.get("typ", "jwt")
        if not isinstance(kind, str) or kind.lower() not in _TYPES:  # One that announces a log-out gives no access.
            raise refusal("token_malformed")
        return header

    def _signed(self, token: str, key: PyJWK) -> dict[str, Any]:
        """The claims behind a signature of that key, from the issuer, for the audience."""
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                issuer=self._rules.issuer,
                audience=self._rules.audience,
                options={
                    "require": ["exp", "iss", "aud", "sub"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "verify_jti": False,
                },
            )
        except MissingRequiredClaimError as error:
            raise refusal(_OF_CLAIM.get(error.claim, "token_claims")) from None
        except InvalidSubjectError:
            raise refusal("token_claims") from None
        except InvalidIssuerError:
            raise refusal("token_issuer") from None
        except InvalidAudienceError:
            raise refusal("token_audience") from None
        except InvalidSignatureError:
            raise refusal("token_signature") from None
        except InvalidAlgorithmError:
            raise refusal("token_algorithm") from None
        except DecodeError:
            raise refusal("token_malformed") from None
        except PyJWTError:
            raise refusal("token_claims") from None

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        """Hold the token's times against the lent clock, with the leeway that clocks are given."""
        now, leeway = self._clock(), self._rules.leeway_seconds
        if _instant(claims, "exp") <= now - leeway:
            raise refusal("token_expired")
        for name in ("nbf", "iat"):
            if claims.get(name) is not None and _instant(claims, name) > now + leeway:
                raise refusal("token_not_yet_valid")


def refusal(code: str) -> InvalidTokenError:
    """The error of a code, in words that are safe to show."""
    return InvalidTokenError(code, _SAID[code])


def _instant(claims: Mapping[str, Any], name: str) -> float:
    """A numeric date (RFC 7519, section 2); text and truth values are none."""
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refusal("token_claims")
    if not math.isfinite(value) or not 0 <= value < _LATEST:
        raise refusal("token_claims")
    return float(value)
