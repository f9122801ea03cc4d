from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from tests.shim_stage import Stage, settings_for, staged

GRANT = {"grant_type": "client_credentials"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(settings_for(Path(tmp_path_factory.mktemp("shim")), "http://127.0.0.1:9")) as stage:
        yield stage


def asked(stage: Stage, form: dict[str, str], *, secret: str = "", **options: Any) -> httpx.Response:
    auth = ("demo", secret or stage.issuer.client_secret)
    return stage.call("POST", "/oauth/token", **{"data": {**GRANT, **form}, "auth": auth, **options})


def test_token_door_gives_a_persons_token_for_15_minutes_with_the_client_as_actor(stage: Stage) -> None:
    form = {
        "subject": "ines",
        "scope": "churn:run pii:read",
        "tenant": "north",
        "email": "ines@north.example",
        "owner_ids": "005, 006",
        "regions": "EMEA",
        "segments": "Enterprise,Mid-Market",
    }
    response = asked(stage, form)
    body = response.json()
    assert (response.headers["cache-control"], body["token_type"], body["expires_in"]) == ("no-store", "Bearer", 900)
    key = jwt.PyJWKSet.from_dict(stage.call("GET", "/.well-known/jwks.json").json()).keys[0]
    claims = jwt.decode(body["access_token"], key, audience="baton", issuer="http://shim.test")
    assert claims.pop("exp") - claims.pop("iat") == 900
    assert claims.pop("jti")
    assert claims == {
        "iss": "http://shim.test",
        "aud": "baton",
        "sub": "ines",
        "act": {"sub": "demo"},
        "client_id": "demo",
        "tenant": "north",
        "scope": "churn:run pii:read",
        "email": "ines@north.example",
        "owner_ids": ["005", "006"],
        "regions": ["EMEA"],
        "segments": ["Enterprise", "Mid-Market"],
    }
    assert asked(stage, form).json()["access_token"] != body["access_token"]


def test_token_door_gives_the_client_a_token_of_its_own(stage: Stage) -> None:
    form = {"client_id": "demo", "client_secret": stage.issuer.client_secret}
    body = asked(stage, form, auth=None).json()
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert (claims["sub"], claims["client_id"], claims["scope"]) == ("demo", "demo", "churn:run")
    assert "act" not in claims


@pytest.mark.parametrize(
    ("form", "options", "status", "error"),
    [
        ({}, {"secret": "wrong"}, 401, "invalid_client"),
        ({}, {"auth": ("other", "x")}, 401, "invalid_client"),
        ({}, {"auth": None}, 401, "invalid_client"),
        ({}, {"auth": None, "headers": {"Authorization": "Basic ===="}}, 401, "invalid_client"),
        ({"grant_type": "password"}, {}, 400, "unsupported_grant_type"),
        ({"scope": "churn:run everything"}, {}, 400, "invalid_scope"),
        ({"scope": " "}, {}, 400, "invalid_scope"),
        ({f"f{n}": "x" for n in range(40)}, {}, 400, "invalid_request"),
    ],
)
def test_token_door_refuses_as_oauth_says(
    stage: Stage, form: dict[str, str], options: dict[str, Any], status: int, error: str
) -> None:
    response = asked(stage, form, **options)
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert "access_token" not in response.json()


def test_token_door_takes_no_large_body_and_no_other_name_for_this_machine(stage: Stage) -> None:
    assert asked(stage, {"subject": "x" * 20_000}).status_code == 413
    assert asked(stage, {}, headers={"Host": "evil.example"}).status_code == 403


def test_metadata_leads_to_the_doors(stage: Stage) -> None:
    found = stage.call("GET", "/.well-known/oauth-authorization-server").json()
    assert found["token_endpoint"] == "http://shim.test/oauth/token"
    assert found["jwks_uri"] == "http://shim.test/.well-known/jwks.json"
