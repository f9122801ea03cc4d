"""Claims become a caller; what is of the wrong type refuses the token instead of widening rights."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import ForbiddenError, UnauthenticatedError
from app.security.claims import principal_from

GOOD = {"sub": "ada", "tenant": "acme", "scope": "churn:run drafts:read"}


def test_a_person_calls_through_a_client_with_scopes_and_limits() -> None:
    caller = principal_from(
        GOOD
        | {
            "act": {"sub": "crm"},
            "azp": "gateway",
            "email": "ada@acme.example",
            "owner_ids": ["005"],
            "regions": ["EMEA", "North America"],
            "segments": "Enterprise,SMB",
        }
    )
    assert (caller.tenant, caller.person, caller.client, caller.alone) == ("acme", "ada", "crm", False)
    assert caller.scopes == {"churn:run", "drafts:read"}
    assert (caller.owner_ids, caller.regions, caller.segments) == (
        ("005",),
        ("EMEA", "North America"),
        ("Enterprise", "SMB"),
    )
    assert caller.email == "ada@acme.example"


@pytest.mark.parametrize(
    ("claims", "client", "alone"),
    [
        ({}, "", False),
        ({"azp": "crm"}, "crm", False),
        ({"client_id": "crm"}, "crm", False),
        ({"sub": "crm", "client_id": "crm"}, "crm", True),
        ({"sub": "crm", "azp": "other", "client_id": "crm"}, "other", True),
        ({"sub": "crm", "act": {"sub": "crm"}}, "crm", True),
        ({"sub": "crm@clients", "azp": "crm", "gty": "client-credentials"}, "crm", True),
        ({"sub": "5f", "client_id": "crm", "gty": ["client_credentials"]}, "crm", True),
        ({"sub": "5f", "appid": "crm", "idtyp": "app"}, "crm", True),
        ({"sub": "5f", "azp": "crm", "preferred_username": "service-account-crm"}, "crm", True),
        ({"azp": "crm", "preferred_username": "service-account-ada"}, "crm", False),
        ({"azp": "crm", "gty": "password"}, "crm", False),
    ],
)
def test_clients_and_persons_are_told_apart(claims: dict[str, Any], client: str, alone: bool) -> None:
    caller = principal_from(GOOD | claims)
    assert (caller.client, caller.alone) == (client, alone)
    if alone:
        with pytest.raises(ForbiddenError):
            caller.require_person()


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({"scope": "churn:run"}, {"churn:run"}),
        ({"scope": ["churn:run", "admin"]}, {"churn:run", "admin"}),
        ({"scope": None, "scp": "churn:run admin"}, {"churn:run", "admin"}),
        ({"scope": None, "scp": ["pii:read"]}, {"pii:read"}),
        ({"scope": "churn:run", "scp": "admin"}, {"churn:run"}),
        ({"scope": "churn:* CHURN:RUN openid"}, set()),
        ({"scope": ""}, set()),
        ({"scope": None}, set()),
    ],
)
def test_scopes_are_those_that_are_known(claims: dict[str, Any], scopes: set[str]) -> None:
    assert principal_from(GOOD | claims).scopes == scopes


@pytest.mark.parametrize(
    ("text", "values"),
    [("EMEA", ("EMEA",)), ("EMEA APAC", ("EMEA", "APAC")), ("EMEA, North America", ("EMEA", "North America"))],
)
def test_a_limit_may_be_one_text(text: str, values: tuple[str, ...]) -> None:
    assert principal_from(GOOD | {"regions": text}).regions == values


@pytest.mark.parametrize("claim", ["regions", "segments"])
@pytest.mark.parametrize("value", [None, [], "", " , ", [""], [" "], {}, {"EMEA": 1}, 7, True, ["EMEA", 7], [["EMEA"]]])
def test_a_limit_that_says_nothing_refuses_the_token(claim: str, value: Any) -> None:
    with pytest.raises(UnauthenticatedError, match=claim) as caught:
        principal_from(GOOD | {claim: value})
    assert (caught.value.code, caught.value.status) == ("token_claims", 401)


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("tenant", 7), ("tenant", ["acme"]), ("tenant", "x" * 81), ("tenant", "a\x1fb"), ("tenant", "  "),
        ("sub", "a\nb"), ("sub", "x" * 201), ("sub", ""), ("azp", ["crm"]), ("client_id", 7),
        ("act", "crm"), ("act", {}), ("act", {"sub": 7}), ("act", []), ("act", {"sub": ""}),
        ("scope", 7), ("scope", {"churn:run": True}), ("scope", ["churn:run", 7]), ("scope", True),
        ("email", ["a@b"]), ("owner_ids", 7), ("owner_ids", [5]), ("owner_ids", {"005": 1}),
        ("regions", ["x"] * 1_001), ("regions", ["x" * 201]),
    ],
)  # fmt: skip
def test_a_claim_of_the_wrong_type_or_size_refuses_the_token(claim: str, value: Any) -> None:
    with pytest.raises(UnauthenticatedError, match=claim):
        principal_from(GOOD | {claim: value})


def test_a_token_without_a_tenant_is_of_the_configured_one_or_refused() -> None:
    without = {name: value for name, value in GOOD.items() if name != "tenant"}
    assert principal_from(without, tenant="house").tenant == "house"
    assert principal_from(GOOD, tenant="house").tenant == "acme"
    with pytest.raises(UnauthenticatedError, match="tenant"):
        principal_from(without)
