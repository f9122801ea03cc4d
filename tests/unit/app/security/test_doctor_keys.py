"""`baton doctor` says whether the issuer's keys can be had."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from app.cli.diagnosis import diagnose
from tests.issuer import AUDIENCE, NAME, Issuer


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in (("AUTH", "jwt"), ("JWT__ISSUER", NAME), ("JWT__AUDIENCE", AUDIENCE)):
        monkeypatch.setenv(f"BATON_{name}", value)


def test_keys_that_can_be_had_are_counted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with Issuer(time.time).serving() as url:
        monkeypatch.setenv("BATON_JWT__JWKS_URL", url)
        assert diagnose()
    assert f"sign-in      ok (1 key of {NAME} for {AUDIENCE})" in capsys.readouterr().out


def test_keys_that_cannot_be_had_are_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("BATON_JWT__JWKS_FILE", "keys.json")
    assert not diagnose()
    assert "the issuer's keys cannot be had: The key set cannot be read (FileNotFoundError)." in capsys.readouterr().out
