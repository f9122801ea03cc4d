"""One question from code, without a service."""

from __future__ import annotations

from typing import Any

import pytest

from chains.churn import ask
from connectors.envelope import NO_SCHEMA_VERSION
from connectors.errors import InvalidPayloadError
from connectors.sample import SAMPLE_NOTE

ACCOUNT = {"account_id": "A1", "name": "Alpine Foods", "usage": [{"week_start": "2026-11-09", "active_users": 5}]}


@pytest.mark.parametrize("payload", [None, {"schema_version": ""}], ids=["none", "the empty default"])
def test_an_answer_about_the_sample_organisation_says_so(payload: dict[str, Any] | None) -> None:
    report = ask("List all accounts", payload, as_of="2026-11-16")
    assert report.warnings[0] == SAMPLE_NOTE
    assert report.totals.received > 200


@pytest.mark.parametrize("payload", [[ACCOUNT], "accounts.json", 5, ""], ids=["a list", "text", "a number", "no text"])
def test_a_payload_that_is_no_object_is_refused(payload: Any) -> None:
    with pytest.raises(InvalidPayloadError, match="The payload must be an object with schema_version and accounts"):
        ask("List all accounts", payload)


@pytest.mark.parametrize("payload", [{"schema_version": "9", "accounts": [ACCOUNT]}, {"as_of": "2026-11-16"}])
def test_a_payload_that_the_service_would_refuse_is_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(InvalidPayloadError):
        ask("List all accounts", payload)


@pytest.mark.parametrize(("envelope", "warnings"), [({"schema_version": "1"}, []), ({}, [NO_SCHEMA_VERSION])])
def test_accounts_without_a_version_are_answered_with_a_warning(envelope: dict[str, Any], warnings: list[str]) -> None:
    report = ask("List all accounts", {**envelope, "as_of": "2026-11-16", "accounts": [ACCOUNT]})
    assert report.totals.received == 1
    assert report.warnings == warnings


def test_a_version_without_accounts_means_zero_accounts() -> None:
    report = ask("List all accounts", {"schema_version": "1"})
    assert (report.totals.received, report.warnings) == (0, [])
