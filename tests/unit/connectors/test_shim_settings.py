import dataclasses
import stat
from pathlib import Path

import pytest

from connectors.errors import InvalidSourceConfigError
from connectors.shim.development import CLIENT_FILE, KEY_FILE, open_issuer
from connectors.shim.running import development_issuer
from connectors.shim.settings import ShimSettings, load_settings
from connectors.shim.web import shim_app
from tests.shim_stage import settings_for, small_sources

EXAMPLES = Path(__file__).resolve().parents[3] / "docs/examples/shim"
LEAST = "version: 1\nsources: sources.yaml\naccess: development\n"
FULL = """version: 1
sources: sources.yaml
host: 0.0.0.0
port: 9000
service: {url: "https://baton.example/", token_env: OWN}
access: {issuer: "https://id.example", audience: baton, jwks_url: "https://id.example/keys", scope: ask,
         tenant: north, tenants: [north, south]}
limits: {requests_a_minute: 5, storage_env: REDIS, body_kib: 8, answer_mib: 16}
time: {source_seconds: 3, total_seconds: 9.5}
people: {scope: names}
"""


def loaded(folder: Path, text: str, **environ: str) -> ShimSettings:
    small_sources(folder)
    (folder / "shim.yaml").write_text(text, encoding="utf-8")
    return load_settings(folder / "shim.yaml", environ=environ)


def test_load_settings_needs_sources_and_who_may_call(tmp_path: Path) -> None:
    settings = loaded(tmp_path, LEAST)
    assert [source.name for source in settings.sources] == ["crm", "usage", "billing"]
    assert settings.access.development
    assert (settings.host, settings.port, settings.service.knows_callers) == ("127.0.0.1", 8081, True)


def test_load_settings_reads_everything(tmp_path: Path) -> None:
    settings = loaded(tmp_path, FULL, OWN="s3cret", REDIS="redis://:pass@r:6379")
    assert (settings.host, settings.port, settings.people.scope) == ("0.0.0.0", 9000, "names")
    assert (settings.service.url, settings.service.own_token) == ("https://baton.example", "s3cret")
    assert settings.access.rules is not None
    assert (settings.access.rules.jwks_url, settings.access.scope) == ("https://id.example/keys", "ask")
    assert (settings.access.tenant, settings.access.tenants) == ("north", {"north", "south"})
    assert settings.limits.storage == "redis://:pass@r:6379"
    assert settings.limits.answer_mib == 16
    assert dataclasses.astuple(settings.time) == (3.0, 9.5)
    assert "s3cret" not in repr(settings)
    assert "pass" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 1\naccess: development\n", "shim.yaml, line 1: `sources` is missing"),
        (LEAST + "prot: 1\n", "shim.yaml, line 4, prot: `prot` is not known; the nearest is `port`"),
        (LEAST + "port: 70000\n", "line 4, port: a port is at most 65535"),
        (LEAST + "service: {url: ftp://x}\n", "line 4, service.url: expected an address"),
        (LEAST + "service: {url: 'https://u:p@x'}\n", "line 4, service.url: expected an address"),
        (LEAST + "service: {token: other}\n", "line 4, service.token: `other` is not known"),
        (LEAST + "service: {token_env: NOT_SET}\n", "line 4, service.token_env: the environment variable NOT_SET"),
        (LEAST + "time: {total_seconds: soon}\n", "line 4, time.total_seconds: expected seconds"),
        (LEAST + "masking: none.yaml\n", "none.yaml cannot be read"),
        (
            "version: 1\nsources: sources.yaml\n"
            "access: {issuer: i, audience: a, jwks_file: k, tenant: c, tenants: [a]}\n",
            "line 3, access.tenants: `c`, the tenant of tokens that name none, must be among them",
        ),
        ("version: 1\nsources: sources.yaml\naccess: open\n", "line 3, access: expected `development`, or issuer"),
        ("version: 1\nsources: sources.yaml\naccess: {issuer: i, audience: a}\n", "give one of them"),
        (
            "version: 1\nsources: sources.yaml\naccess: {issuer: i, audience: a, jwks_url: 'http://id.example/'}\n",
            "line 3, access.jwks_url: keys are read over https",
        ),
    ],
)
def test_load_settings_names_file_line_and_field(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidSourceConfigError) as caught:
        loaded(tmp_path, text)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("more", "tenants"), [("", {"default"}), (", tenant: north", {"north"}), (", tenants: [a, b]", {"a", "b"})]
)
def test_callers_are_of_the_configured_tenants(tmp_path: Path, more: str, tenants: set[str]) -> None:
    access = f"access: {{issuer: i, audience: a, jwks_file: keys.json{more}}}\n"
    assert loaded(tmp_path, f"version: 1\nsources: sources.yaml\n{access}").access.tenants == tenants


def test_hashing_needs_a_key_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "masking.yaml").write_text("version: 1\nkey_env: KEY\nrules:\n  contacts: {email: hash}\n")
    text = LEAST + "masking: masking.yaml\n"
    with pytest.raises(InvalidSourceConfigError, match="set KEY to a secret"):
        loaded(tmp_path, text, KEY="short")
    assert loaded(tmp_path, text, KEY="k" * 16).masking_key == b"k" * 16


def test_example_can_be_loaded() -> None:
    environ = {
        name: "https://example.my.salesforce.com" if name.endswith("LOGIN_URL") else "value-of-at-least-16-letters"
        for name in ("SALESFORCE_LOGIN_URL", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET", "ANALYTICS_URL")
    }
    settings = load_settings(EXAMPLES / "shim.yaml", environ={**environ, "SHIM_MASKING_KEY": "k" * 32})
    assert not settings.access.development
    assert {source.kind for source in settings.sources} == {"crm", "usage", "billing"}
    assert settings.masking.by_kind["contacts"]["email"] == "drop"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "shim.example"])
def test_development_tokens_are_for_the_loopback_address(tmp_path: Path, host: str) -> None:
    settings = dataclasses.replace(settings_for(tmp_path, "http://127.0.0.1:9"), host=host)
    with pytest.raises(InvalidSourceConfigError, match="loopback"):
        development_issuer(settings)


def test_shim_does_not_stand_without_anybody_who_issues_tokens(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="issuer"):
        shim_app(settings_for(tmp_path, "http://127.0.0.1:9"))


def test_issuer_keeps_its_key_and_secret_for_its_owner_alone(tmp_path: Path) -> None:
    first = open_issuer(tmp_path / "i", issuer="http://x", audience="a", clock=lambda: 0.0)
    second = open_issuer(tmp_path / "i", issuer="http://x", audience="a", clock=lambda: 0.0)
    assert first.jwks() == second.jwks()
    assert first.client_secret == second.client_secret != ""
    for name in (KEY_FILE, CLIENT_FILE):
        assert stat.S_IMODE((tmp_path / "i" / name).stat().st_mode) == 0o600
    assert '"d"' not in first.jwks_file.read_text()
    assert first.client_secret not in repr(first)
