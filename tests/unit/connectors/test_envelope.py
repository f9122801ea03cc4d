"""Whether there is a payload at all."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.envelope import NO_SCHEMA_VERSION, envelope_warnings, is_sent
from connectors.errors import InvalidPayloadError


@pytest.mark.parametrize("payload", [None, {}, {"schema_version": ""}, {"schema_version": "", "accounts": []}])
def test_nothing_and_the_empty_default_are_no_payload(payload: Any) -> None:
    assert not is_sent(payload)


@pytest.mark.parametrize(
    "payload", [{"schema_version": "1"}, {"schema_version": 1}, {"accounts": [{"account_id": "A"}]}]
)
def test_a_version_or_accounts_make_a_payload(payload: dict[str, Any]) -> None:
    assert is_sent(payload)


@pytest.mark.parametrize(
    ("payload", "pointer"),
    [
        ([], ""),
        ([{"account_id": "SECRET"}], ""),
        ("SECRET", ""),
        ("", ""),
        (0, ""),
        ({"schema_version": "9"}, "/schema_version"),
        ({"schema_version": True}, "/schema_version"),
        ({"as_of": "2026-11-16"}, "/accounts"),
    ],
)
def test_what_is_no_payload_is_refused_at_its_place_without_its_value(payload: Any, pointer: str) -> None:
    with pytest.raises(InvalidPayloadError) as caught:
        is_sent(payload)
    assert [where for where, _ in caught.value.errors] == [pointer]
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(("version", "warnings"), [("1", ()), ("", (NO_SCHEMA_VERSION,)), (None, (NO_SCHEMA_VERSION,))])
def test_a_missing_version_is_told(version: str | None, warnings: tuple[str, ...]) -> None:
    assert envelope_warnings({"schema_version": version, "accounts": [{"account_id": "A"}]}) == warnings
