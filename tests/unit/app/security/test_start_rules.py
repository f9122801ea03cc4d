"""The service starts only with settings that hold together, and says all that is missing at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.errors import ConfigurationError
from app.main import create_app
from app.settings import Settings, load_settings

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
JWT = {"issuer": "https://issuer.example", "audience": "baton", "jwks_url": "https://issuer.example/keys"}


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refused(**given: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(**given)
    return caught.value.message


def test_sign_in_with_tokens_names_everything_that_is_missing() -> None:
    message = refused(auth="jwt", host="0.0.0.0")
    assert all(part in message for part in ("jwt.issuer", "jwt.audience", "jwt.jwks_url or jwt.jwks_file"))
    assert "BATON_ENCRYPTION_KEY" in message


@pytest.mark.parametrize(
    ("jwt", "said"),
    [
        (JWT | {"jwks_file": "keys.json"}, "both set"),
        (JWT | {"jwks_url": "http://issuer.example/keys"}, "https"),
        (JWT | {"issuer": " "}, "jwt.issuer"),
        (JWT | {"audience": ""}, "jwt.audience"),
    ],
)
def test_keys_come_from_one_safe_place(jwt: dict[str, Any], said: str) -> None:
    assert said in refused(auth="jwt", jwt=jwt)


def test_elsewhere_than_on_loopback_sign_in_and_a_key_are_needed() -> None:
    assert "without sign-in" in refused(host="0.0.0.0")
    assert "without sign-in" in refused(host="0.0.0.0", encryption_key=KEY)
    assert "BATON_ENCRYPTION_KEY" in refused(host="0.0.0.0", auth="jwt", jwt=JWT)
    settings = load_settings(host="0.0.0.0", auth="jwt", jwt=JWT, encryption_key=KEY)
    assert not settings.on_loopback


def test_on_loopback_tokens_need_no_encryption_key() -> None:
    assert load_settings(auth="jwt", jwt=JWT).auth == "jwt"


@pytest.mark.parametrize(
    "origin",
    ["*", "acme.example", "https://", "https://acme.example/", "https://acme.example/app", "null", "https://["],
)
def test_web_origins_are_exact(origin: str) -> None:
    assert "cors_origins" in refused(cors_origins=["https://acme.example:8443", origin])


def test_a_storage_for_counting_that_cannot_be_used_keeps_the_service_from_starting() -> None:
    settings = Settings(limits={"rate_storage": "file:///tmp"})  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=r"limits\.rate_storage"):
        create_app(settings)
