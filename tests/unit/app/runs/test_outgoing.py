"""Where a call goes is settled by one look-up."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

import httpx
import pytest

from app.errors import RejectedError
from app.runs.addresses import CallRules
from app.runs.outgoing import CheckedTransport


def transport(*addresses: str, allow_private: bool = True) -> CheckedTransport:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return CheckedTransport(CallRules(allow_private=allow_private), resolve, tls=ssl.create_default_context())


async def test_without_tls_only_this_machine_is_called_wherever_the_name_leads() -> None:
    async with httpx.AsyncClient(transport=transport("127.0.0.1", "10.0.0.5")) as client:
        with pytest.raises(RejectedError, match="this machine"):
            await client.get("http://localhost:9/")


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:10.0.0.1"]])
async def test_one_address_that_is_not_public_refuses_the_call(addresses: list[str]) -> None:
    async with httpx.AsyncClient(transport=transport(*addresses, allow_private=False)) as client:
        with pytest.raises(RejectedError, match="not public"):
            await client.get("https://hooks.example/")


async def test_a_name_without_addresses_is_no_connection() -> None:
    async with httpx.AsyncClient(transport=transport()) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("https://hooks.example/")
