"""One frozen tree, wrong settings named all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import ConfigurationError
from app.settings import load_settings


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_setting_has_a_default() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.churn.at_risk_from) == ("127.0.0.1", 8000, 0.30)


def test_the_environment_wins_over_the_file(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (nowhere / "baton.yaml").write_text("port: 9000\nchurn:\n  at_risk_from: 0.4\n")
    monkeypatch.setenv("BATON_CHURN__AT_RISK_FROM", "0.5")
    settings = load_settings()
    assert (settings.port, settings.churn.at_risk_from) == (9000, 0.5)


def test_all_wrong_and_unknown_settings_are_named_in_one_message(nowhere: Path) -> None:
    (nowhere / "baton.yaml").write_text("port: many\ncolour: red\nchurn:\n  at_risk_from: 7\n")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert all(name in caught.value.message for name in ("port", "colour", "churn.at_risk_from"))


def test_a_broken_file_is_named_with_its_line(nowhere: Path) -> None:
    (nowhere / "baton.yaml").write_text("port: 1\n  bad: [\n")
    with pytest.raises(ConfigurationError, match=r"baton\.yaml is not valid YAML \(line 2\)"):
        load_settings()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "baton.example"])
def test_without_sign_in_only_loopback_is_served(host: str) -> None:
    with pytest.raises(ConfigurationError, match=r"127\.0\.0\.1"):
        load_settings(host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_loopback_addresses_are_served(host: str) -> None:
    assert load_settings(host=host).on_loopback


def test_the_encryption_key_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATON_ENCRYPTION_KEY", "c2VjcmV0")
    assert "c2VjcmV0" not in repr(load_settings())
