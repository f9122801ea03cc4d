"""Calls that cannot be led astray: every connection goes to an address that was looked up and checked for it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence

import httpx

from app.errors import RejectedError
from app.runs.addresses import CallRules, all_loopback, host_of, is_callable

_PORTS = {"https": 443, "http": 80}

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""The IP addresses of a host name."""


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """The addresses that the operating system knows."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class CheckedTransport(httpx.AsyncBaseTransport):
    """Looks a host up, checks every address, and connects to one of these, so that no second look-up can differ.

    TLS is still verified against the host's name.
    """

    def __init__(self, rules: CallRules, resolve: Resolver, *, tls: ssl.SSLContext) -> None:
        self._rules = rules
        self._resolve = resolve
        # Connections are not kept: one to an address must not be used for another name at the same address.
        self._plain = httpx.AsyncHTTPTransport(verify=tls, limits=httpx.Limits(max_keepalive_connections=0))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to a checked address.

        Raises:
            RejectedError: The host leads to an address that must not be called.
            httpx.ConnectError: The host is not known, or no address of it answers.
        """
        failure = httpx.ConnectError("The host has no address.", request=request)
        for address in await self._addresses(request):
            try:
                return await self._plain.handle_async_request(_at(request, address))
            except httpx.ConnectError as error:
                failure = error
        raise failure

    async def aclose(self) -> None:
        """Close the connections."""
        await self._plain.aclose()

    async def _addresses(self, request: httpx.Request) -> Sequence[str]:
        try:
            addresses = await self._resolve(host_of(request.url), request.url.port or _PORTS[request.url.scheme])
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError("The host is not known.", request=request) from error
        if not all(is_callable(address, self._rules) for address in addresses):
            raise RejectedError("The host leads to an address that is not public.", code="callback_refused")
        if request.url.scheme == "http" and not all_loopback(addresses):
            raise RejectedError("Without TLS only this machine is called.", code="callback_refused")
        return addresses


def _at(request: httpx.Request, address: str) -> httpx.Request:
    """The same request to the address; its Host header and the name that TLS verifies stay those of the URL."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host_of(request.url)},
    )
